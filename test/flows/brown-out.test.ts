// Redis answers too late for a while: what was claimed without anybody hearing of it is healthy, and stays so.
// Of src/flows/worker/worker-loop.ts.

import { afterAll, describe, expect, it } from "vitest";
import { connectRedis } from "../../src/adapters/redis/connection/connect.ts";
import { redisStorage } from "../../src/adapters/redis/storage.ts";
import { systemClock, systemRandom } from "../../src/adapters/system-clock.ts";
import type { Deps } from "../../src/flows/deps.ts";
import { workerLoop } from "../../src/flows/worker/worker-loop.ts";
import type { Azure } from "../../src/ports/azure.ts";
import type { Chat } from "../../src/ports/chat.ts";
import { NO_TRACING } from "../../src/ports/metrics/tracing.ts";
import {
  benchPerFile,
  LIMITS,
  OPS,
  pending,
  quietLog,
  TENANT,
  targetOf,
  write,
} from "../adapters/redis/with-store.ts";
import { eventually } from "../support/eventually.ts";
import { aPolicy } from "../support/requests.ts";
import { slowRedis } from "../support/slow-redis.ts";

const bench = benchPerFile();
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** Longer than a command is waited for. */
const TOO_LATE_MS = 1_900;
/** More than may fail in a row. */
const CLAIMS_LOST = 7;

describe("a request that is claimed again and again while no answer arrives", () => {
  it("isn't parked, and is worked on as soon as answers arrive", async () => {
    const proxy = await slowRedis(bench.server.port);
    closing.push(proxy.close);
    const store = redisStorage(connectRedis(targetOf(proxy.port), quietLog), { tenant: TENANT });
    closing.push(store.close);
    await eventually(() => store.ping());
    const nowMs = await bench.store.storeClock.nowMs();
    const next = { ...pending(nowMs), expiresAtMs: nowMs };
    await bench.store.requests.create(write(next), LIMITS);
    // What the policy shows is looked at before a request expires: nothing of it is open.
    const azure: Partial<Azure> = { readPolicy: async () => undefined };
    const chat: Partial<Chat> = { postLive: async () => ({ channel: OPS, ts: "1" }) };
    const world: Partial<Deps> = {
      tracing: NO_TRACING,
      log: quietLog,
      random: systemRandom,
      policy: () => aPolicy(),
    };
    const ports = { ...store, clock: systemClock, chat: chat as Chat, azure: azure as Azure };
    const worker = { name: "a", leaseMs: 30_000, lifeMs: 4_000 };
    const loop = workerLoop({ ...world, ...ports } as Deps, worker, () => undefined);
    closing.push(() => loop.stop(1_000));

    proxy.delay(TOO_LATE_MS);
    loop.start();
    const held = () => bench.redis.hget(`{jit:${TENANT}}:held`, next.id);
    await eventually(
      async () => expect(Number(/a@(\d+)/.exec((await held()) ?? "")?.[1])).toBe(CLAIMS_LOST),
      { timeoutMs: 40_000 },
    );
    expect(await held()).toContain("|0|a@");
    expect(await bench.store.deadLetters.list()).toEqual({ count: 0, some: [] });
    expect((await bench.store.requests.read(next.id))?.request.state).toBe("pending");

    proxy.delay(0);
    await eventually(async () =>
      expect((await bench.store.requests.read(next.id))?.request.state).toBe("lapsed"),
    );
    expect(await bench.store.deadLetters.list()).toEqual({ count: 0, some: [] });
  }, 60_000);
});
