// Floods of requests that nobody signed: memory stays bounded, the log short, and the bot takes commands.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { typed } from "../support/people.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
let bot: Bot;
beforeAll(async () => {
  world = await startWorld();
  bot = await world.startBot();
});
afterAll(() => world?.close());

const MEGABYTE = 1_000_000;
const BODY = Buffer.alloc(MEGABYTE, "x");
const PATIENCE_MS = 40_000;

/** Sends a body with a fresh time and a signature that is none; answers with which status it was refused. */
function forge(bytes: number, { withLength = true } = {}): Promise<number> {
  const head = [
    "POST /slack/events HTTP/1.1",
    "host: 127.0.0.1",
    "content-type: application/x-www-form-urlencoded",
    withLength ? `content-length: ${bytes}` : "transfer-encoding: chunked",
    `x-slack-request-timestamp: ${Math.floor(Date.now() / 1_000)}`,
    `x-slack-signature: v0=${randomBytes(32).toString("hex")}`,
  ];
  const { port } = new URL(bot.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer")));
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    if (!withLength) socket.write(`${bytes.toString(16)}\r\n`);
    socket.write(BODY.subarray(0, bytes));
    socket.once("data", (data) => {
      resolve(Number(/^HTTP\/1.1 (\d+)/.exec(String(data))?.[1]));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

const flood = (count: number, bytes: number, how = {}) =>
  Promise.all(Array.from({ length: count }, () => forge(bytes, how)));

/** With 600 bodies of 999 kB in memory it would be 600 MB more; what is read and thrown away takes some, too. */
const GROWS_BY_MAX = 160 * MEGABYTE;

describe("six hundred forged bodies at once", () => {
  it.each([
    ["of 999 kB each", 999_000, {}, [413]],
    ["of 999 kB each, whose length is not told", 999_000, { withLength: false }, [413, 503]],
    ["of what Slack may send", 250_000, {}, [401, 503]],
  ])(
    "%s are refused, and hardly take memory",
    async (_, bytes, how, refused) => {
      await typed(world, "U0ERIN", "help");
      const before = await bot.residentMaxBytes();
      const statuses = await flood(600, bytes, how);
      expect(statuses.filter((status) => !refused.includes(status))).toEqual([]);
      const grownBy = (await bot.residentMaxBytes()) - before;
      process.stdout.write(
        `600 bodies of ${bytes} bytes: ${Math.round(grownBy / MEGABYTE)} MB more\n`,
      );
      expect(grownBy).toBeLessThan(GROWS_BY_MAX);
      expect(await typed(world, "U0ERIN", "help")).toContain("/jit");
    },
    90_000,
  );

  it("are told in one line of the log a minute", () => {
    const lines = bot.output().match(/didn't sign/g) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(1);
    expect(lines.length).toBeLessThanOrEqual(3);
  });
});
