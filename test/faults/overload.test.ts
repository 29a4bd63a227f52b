// A thousand commands and a thousand clicks in one second on one replica: each is acknowledged in time and
// answered in words, memory stays bounded, and break-glass works meanwhile.

import { createHmac, randomUUID } from "node:crypto";
import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, typed } from "../support/people.ts";
import { type Bot, POLICY, startWorld, type TestWorld } from "../support/world.ts";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const COUNT = 1_000;
const ACKNOWLEDGED_WITHIN_MS = 3_000;
const PEOPLE = ["U0ERIN", "U0SAM", "U0LEAD", "U0OMAR", "U0ADMIN"];
const MEGABYTE = 1_000_000;
/** The bot keeps at most 2,000 waiting acts, of what Slack sends with each; the rest of it is garbage to collect. */
const GROWS_BY_MAX = 256 * MEGABYTE;

let world: TestWorld;
let bot: Bot;
let answers: Server;
/** What each was answered, by its number. */
const said = new Map<string, string>();

beforeAll(async () => {
  const glass = POLICY.replace("    maxDuration: 4h", "    breakGlass: { users: [U0LEAD] }\n$&");
  world = await startWorld({ policy: glass });
  world.slack.world.switches.rateLimits = "real";
  bot = await world.startBot({ env: { TEST_PACES: "usual", LOG_LEVEL: "info" } });
  answers = createServer((incoming, response) => {
    let text = "";
    incoming.on("data", (chunk) => {
      text += String(chunk);
    });
    incoming.on("end", () => {
      said.set(incoming.url ?? "", text);
      response.end("ok");
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => answers.once("listening", resolve));
});
afterAll(async () => {
  answers?.close();
  await world?.close();
});

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** Sends what Slack would; answers after how long it was acknowledged. */
function post(body: string): Promise<number> {
  const timestamp = Math.floor(Date.now() / 1_000);
  const mac = createHmac("sha256", SECRET).update(`v0:${timestamp}:${body}`).digest("hex");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(body),
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${mac}`,
  };
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${bot.url}/slack/events`, { method: "POST", agent, headers });
    sent.once("response", (answer) => {
      answer.resume();
      answer.once("end", () =>
        answer.statusCode === 200
          ? resolve(performance.now() - startedMs)
          : reject(new Error(`answered ${answer.statusCode}`)),
      );
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

const answerUrl = (n: string) => `http://127.0.0.1:${(answers.address() as AddressInfo).port}/${n}`;
const personOf = (n: number) => PEOPLE[n % PEOPLE.length] ?? "";

const command = (n: number) =>
  new URLSearchParams({
    ...{ team_id: "T0HOME", api_app_id: "A0JITBOT", channel_id: "C0GENERAL", command: "/jit" },
    ...{ user_id: personOf(n), text: "list", trigger_id: randomUUID() },
    response_url: answerUrl(`command-${n}`),
  }).toString();

const click = (n: number, { ts, value }: { ts: string; value: string }) =>
  new URLSearchParams({
    payload: JSON.stringify({
      ...{ type: "block_actions", api_app_id: "A0JITBOT", team: { id: "T0HOME" } },
      user: { id: personOf(n), team_id: "T0HOME" },
      ...{ trigger_id: randomUUID(), response_url: answerUrl(`click-${n}`) },
      channel: { id: "C0PROD" },
      container: { type: "message", message_ts: ts, channel_id: "C0PROD" },
      actions: [{ type: "button", block_id: "b", action_id: "jit.retry", value }],
    }),
  }).toString();

it("answers a thousand commands and a thousand clicks in one second", async () => {
  const { card } = await ask(world, "vm-01 3389 1h");
  const value = /"value":"(JIT-[^"]+)"/.exec(JSON.stringify(card.blocks))?.[1] ?? "";
  const before = await bot.residentMaxBytes();
  const bodies = Array.from({ length: COUNT }, (_, n) => [
    command(n),
    click(n, { ts: card.ts, value }),
  ]).flat();
  const sent: Promise<number>[] = [];
  let glass: Promise<string> | undefined;
  for (let tenth = 0; tenth < 10; tenth++) {
    sent.push(...bodies.slice(tenth * 200, (tenth + 1) * 200).map(post));
    if (tenth === 5) glass = typed(world, "U0LEAD", "breakglass vm-01 3389 1h for the outage");
    await wait(100);
  }
  const startedMs = performance.now();
  const acknowledgedMs = (await Promise.all(sent)).sort((one, other) => one - other);
  expect(await glass).toMatch(/JIT-\w{6}/);
  await world.slack.waitFor(() => said.size === 2 * COUNT, {
    what: "an answer to each",
    timeoutMs: 60_000,
  });
  const answeredMs = Math.round(performance.now() - startedMs);
  for (const text of said.values()) expect(text.length).toBeGreaterThan(20);
  const grownBy = (await bot.residentMaxBytes()) - before;
  const slowest = Math.round(acknowledgedMs.at(-1) ?? 0);
  const median = Math.round(acknowledgedMs[COUNT] ?? 0);
  process.stdout.write(
    `2,000 in a second: acknowledged after ${median} ms (median), ${slowest} ms at most; ` +
      `all answered ${answeredMs} ms later; ${Math.round(grownBy / MEGABYTE)} MB more\n`,
  );
  expect(slowest).toBeLessThan(ACKNOWLEDGED_WITHIN_MS);
  expect(grownBy).toBeLessThan(GROWS_BY_MAX);
}, 120_000);
