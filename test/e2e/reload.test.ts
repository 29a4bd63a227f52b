// The policy file is changed under running replicas: in force within seconds, never half, never broken.

import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeDocument } from "../../src/adapters/redis/requests/request-document.ts";
import { ask, cardOf, idIn, typed } from "../support/people.ts";
import { type Bot, POLICY, startWorld, type TestWorld } from "../support/world.ts";

const IN_FORCE_WITHIN_MS = 5_000;

/** Two policies of which no part fits the other: the rule's name, its channel and its approvals. */
const FIRST = POLICY;
const SECOND = POLICY.replace("name: production", "name: live")
  .replace("channel: C0PROD", "channel: C0DEV")
  .replace("    maxDuration: 4h\n", "    maxDuration: 2h\n    approvals: 2\n");
const BROKEN = SECOND.replace("requesters: anyone", "requesters: everyone");

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

let world: TestWorld;
let bots: readonly [Bot, Bot];
let redis: Redis;
const folder = mkdtempSync(join(tmpdir(), "jit-reload-"));
const file = join(folder, "jit.yaml");
let versions = 0;

/** As a ConfigMap changes: a new folder, and the link to it exchanged in one step. */
function exchange(text: string): void {
  versions += 1;
  const name = `..${versions}`;
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "jit.yaml"), text);
  symlinkSync(name, join(folder, "..data.new"));
  renameSync(join(folder, "..data.new"), join(folder, "..data"));
}

beforeAll(async () => {
  exchange(FIRST);
  symlinkSync(join("..data", "jit.yaml"), file);
  world = await startWorld();
  const env = { JIT_CONFIG: file };
  bots = [await world.startBot({ env }), await world.startBot({ env })];
  redis = new Redis(world.redis.url);
}, 60_000);
afterAll(async () => {
  redis?.disconnect();
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const readiness = async (bot: Bot): Promise<string> => (await fetch(`${bot.url}/readyz`)).text();

/** Polls what both replicas say of themselves; answers how long it took. */
async function untilBothSay(said: (readiness: string) => boolean): Promise<number> {
  const startedAtMs = performance.now();
  for (;;) {
    const all = await Promise.all(bots.map(readiness));
    const tookMs = performance.now() - startedAtMs;
    if (all.every(said)) return tookMs;
    if (tookMs > 2 * IN_FORCE_WITHIN_MS) throw new Error(`still: ${all.join(" ")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const untilInForce = (text: string) =>
  untilBothSay((said) => said.includes(hashOf(text).slice(0, 12)) && !said.includes("invalid"));
const untilRefused = () => untilBothSay((said) => said.includes("invalid"));

/** What the next command goes to. */
const through = (bot: Bot) => world.slack.setEventsUrl(`${bot.url}/slack/events`);

const toldAdmin = (text: string): readonly string[] =>
  world.slack
    .direct("U0ADMIN")
    .map((one) => world.slack.plainText(one))
    .filter((said) => said.includes(text));

const adminWasTold = (text: string): Promise<string> =>
  world.slack.waitFor(() => toldAdmin(text)[0], {
    ...{ what: `the admin to be told: ${text}`, timeoutMs: 20_000 },
  });

/** As somebody who is still writing: the file is different at every look. */
function keepWriting(text: string): () => void {
  let n = 0;
  const write = () => {
    n += 1;
    writeFileSync(file, `${text}# ${n}\n`);
  };
  write();
  const timer = setInterval(write, 150);
  return () => clearInterval(timer);
}

describe("a changed policy file", () => {
  it("is in force within five seconds on both replicas, by an exchanged link", async () => {
    exchange(SECOND);
    expect(await untilInForce(SECOND)).toBeLessThan(IN_FORCE_WITHIN_MS);
    for (const bot of bots) {
      through(bot);
      expect(await typed(world, "U0ERIN", "request vm-01 3389 3h")).toContain(
        "The rule live allows at most 2h",
      );
    }
  });

  it("leaves the last good one in force while it is broken; admins are told once", async () => {
    exchange(BROKEN);
    await untilRefused();
    const text = await adminWasTold("has errors");
    expect(text).toContain("rules[0].requesters");
    expect(text).toContain(`${hashOf(SECOND).slice(0, 12)}) stays in use`);
    for (const bot of bots) {
      through(bot);
      const { id } = await ask(world, "vm-01 3389 1h", { channel: "C0DEV" });
      await cardOf(world, id, "C0DEV");
      await typed(world, "U0ERIN", `cancel ${id}`);
      expect(bot.output()).toContain('"msg":"the policy file is refused"');
    }
    exchange(FIRST);
    expect(await untilInForce(FIRST)).toBeLessThan(IN_FORCE_WITHIN_MS);
    await adminWasTold("can be read again");
    expect(toldAdmin("has errors").length).toBe(1);
    expect(toldAdmin("can be read again").length).toBe(1);
  });

  it("leaves the last good one in force when it vanishes, and says so", async () => {
    unlinkSync(file);
    await untilRefused();
    await adminWasTold("can't be read (ENOENT)");
    through(bots[0]);
    const { id } = await ask(world, "vm-01 3389 1h");
    await typed(world, "U0ERIN", `cancel ${id}`);
    writeFileSync(file, FIRST);
    await untilInForce(FIRST);
    expect(toldAdmin("can't be read").length).toBe(1);
  });

  it("decides each request whole, by the old file or the new one, also while it is half written", async () => {
    const whole = new Map([FIRST, SECOND].map((text) => [hashOf(text), text]));
    // Valid by itself, and without the second approval.
    const half = SECOND.slice(0, SECOND.indexOf("    approvals: 2\n"));
    const asked: Promise<string>[] = [];
    for (const [n, text] of [SECOND, FIRST, SECOND].entries()) {
      const done = keepWriting(half);
      for (const bot of bots) {
        through(bot);
        asked.push(typed(world, PEOPLE[n] ?? "U0SAM", "request vm-01 3389 1h"));
        await asked.at(-1);
      }
      done();
      writeFileSync(file, text);
      const inForce = untilInForce(text);
      let settled = false;
      void inForce.finally(() => {
        settled = true;
      });
      for (let k = 0; !settled && k < 8; k++) {
        through(bots[k % 2 === 0 ? 0 : 1]);
        await typed(world, PEOPLE[n] ?? "U0SAM", "request web-02 22 1h");
      }
      await inForce;
    }
    const ids = (await Promise.all(asked)).map(idIn);
    expect(ids.length).toBe(6);
    const kept = await redis.hvals("{jit:T0HOME}:requests");
    const promised = kept.map((text) => {
      const document = decodeDocument(text);
      if ("unreadable" in document) throw new Error(document.unreadable);
      return document.request.promised;
    });
    expect(promised.length).toBeGreaterThanOrEqual(6);
    for (const { rule, approvals, policyHash } of promised) {
      const text = whole.get(policyHash);
      expect(text, `a request was decided by ${policyHash}`).toBeDefined();
      expect([rule, approvals]).toEqual(text === SECOND ? ["live", 2] : ["production", 1]);
    }
    expect(new Set(promised.map(({ policyHash }) => policyHash)).size).toBe(2);
  });
});

const PEOPLE = ["U0ERIN", "U0SAM", "U0OMAR"];
