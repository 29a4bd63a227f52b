// Notices that fall together: however many accesses end, few messages name every person and VM.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectRedis } from "../../src/adapters/redis/connection/connect.ts";
import { redisStorage } from "../../src/adapters/redis/storage.ts";
import { readEnvironment } from "../../src/config/environment/environment.ts";
import { channelId, type RequestId, requestIdFrom, userId } from "../../src/domain/text/ids.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
let bot: Bot;
beforeAll(async () => {
  world = await startWorld();
  bot = await world.startBot();
});
afterAll(() => world?.close());

const SECOND = 1_000;
const STEP_MS = 5 * SECOND;
const ENDINGS = 500;

const vmOf = (n: number) =>
  `vm-${"payments-api-westeurope-production-".repeat(2)}`.slice(0, 60) + String(n).padStart(4, "0");
const idOf = (n: number): RequestId =>
  requestIdFrom(Uint8Array.of(0, 0, n >> 15, n >> 10, n >> 5, n));

/** Workers look every second of their own clock; a busy one is waited for, or its leases would run out unused. */
async function workersLook(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await fetch(`${bot.url}/readyz`);
}

/** The bot's own store, as another replica would use it. */
function store() {
  const environment = readEnvironment({
    SLACK_BOT_TOKEN: "xoxb-1",
    SLACK_SIGNING_SECRET: "secret",
    REDIS_URL: world.redis.url,
  });
  if (!("settings" in environment)) throw new Error(environment.faults.join("\n"));
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const redis = connectRedis(environment.settings.redis, log);
  onTestFinished(() => redis.disconnect());
  return redisStorage(redis, { tenant: "T0HOME", clockOffsetMs: () => world.nowMs() - Date.now() });
}

describe("five hundred endings in a minute", () => {
  it("are told in at most ten messages, each person and VM by name", async () => {
    const { notices, storeClock } = store();
    const channel = channelId("C0NOTICES");
    const posted = () => world.slack.messages("C0NOTICES").length;
    const steps = 60_000 / STEP_MS;
    for (let step = 0, n = 0; step < steps; step++) {
      for (; n < (ENDINGS * (step + 1)) / steps; n++) {
        await notices.add(channel, {
          what: "ended",
          id: idOf(n),
          requester: userId(n % 2 === 0 ? "U0ERIN" : "U0SAM"),
          vm: vmOf(n),
          ports: [22, 3389],
          atMs: await storeClock.nowMs(),
          how: "expired",
        });
      }
      world.advance(STEP_MS);
      await workersLook();
    }
    const told = () =>
      world.slack
        .messages("C0NOTICES")
        .map((one) => world.slack.plainText(one))
        .join("\n");
    const missing = () =>
      Array.from({ length: ENDINGS }, (_, n) => n).filter((n) => !told().includes(vmOf(n)));
    for (let more = 0; more < 6 && missing().length > 0; more++) {
      world.advance(STEP_MS);
      await workersLook();
    }
    expect(missing()).toEqual([]);
    for (let n = 0; n < ENDINGS; n++) expect(told()).toContain(idOf(n));
    expect(told().match(/requested by erin|, erin,/g)).toHaveLength(ENDINGS / 2);
    expect(posted()).toBeLessThanOrEqual(10);
    expect(posted()).toBeGreaterThan(4);
    expect(world.slack.callsTo("chat.postMessage").every((one) => one.answer?.ok)).toBe(true);
  }, 60_000);
});
