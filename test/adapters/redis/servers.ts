// Servers that a test sets up as it likes, and stores connected to them.

import { createServer } from "node:net";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { connectRedis, type RedisTarget } from "../../../src/adapters/redis/connection/connect.ts";
import type { GetRedisToken } from "../../../src/adapters/redis/connection/entra-sign-in.ts";
import { type RedisStorage, redisStorage } from "../../../src/adapters/redis/storage.ts";
import { dueAtMs } from "../../../src/domain/request/outstanding.ts";
import { vmLease } from "../../../src/ports/storage/leases.ts";
import { eventually } from "../../support/eventually.ts";
import { startRedis } from "../../support/redis.ts";
import { ERIN } from "../../support/requests.ts";
import {
  ended,
  LEASE,
  LIMITS,
  OPS,
  open,
  quietLog,
  TENANT,
  unposted,
  write,
} from "./with-store.ts";

/** Done after the test, the last first. */
export const cleanups = {
  push: (cleanup: () => unknown) => onTestFinished(async () => void (await cleanup())),
};

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });

export async function server(...args: readonly string[]) {
  const redis = await startRedis({ args });
  cleanups.push(redis.stop);
  return redis;
}

/** A server, and a connection to it from before any password was set. */
export async function withAdmin(...args: readonly string[]) {
  const { port, kill, restart } = await server(...args);
  const admin = new Redis(port);
  // Some tests end the server.
  admin.on("error", () => undefined);
  cleanups.push(() => admin.disconnect());
  await admin.ping();
  return { port, admin, kill, restart };
}

/** A cluster of one node, which has all the slots. */
export async function startedCluster() {
  const busPort = String(await freePort());
  const started = await withAdmin(
    ...[
      "--cluster-enabled",
      "yes",
      "--cluster-announce-ip",
      "127.0.0.1",
      "--cluster-port",
      busPort,
    ],
  );
  await started.admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  return started;
}

export function connected(target: RedisTarget, getToken?: GetRedisToken): RedisStorage {
  const store = redisStorage(connectRedis(target, quietLog, getToken), { tenant: TENANT });
  cleanups.push(store.close);
  return store;
}

export const answering = (store: RedisStorage) => eventually(() => store.ping());

/** Every method once: a script that named a key of another slot would fail here. */
export async function wholeLife(store: RedisStorage): Promise<void> {
  const nowMs = await store.storeClock.nowMs();
  const next = unposted(nowMs);
  const { vm, ports, source } = next.ask;
  const notices = [{ channel: OPS, notice: { what: "alarm", atMs: nowMs } as const }];
  await store.requests.create({ ...write(next, "d1"), notices }, LIMITS);
  expect((await store.workQueue.claim("w", LEASE)).claims).toMatchObject([{ id: next.id }]);
  expect(await store.leases.take(vmLease(vm.key), "w", 1_000)).toBe(true);
  await store.requests.commit(1, write(open(nowMs), "d2"), "w");
  const doors = ports.map((port) => ({ vm: vm.key, port, source }));
  expect(await store.requests.holders(doors)).toMatchObject([[{ id: next.id }]]);
  await store.requests.commit(2, write(ended(open(nowMs))), "w");
  await store.workQueue.release("w", next.id, { version: 3, dueAtMs: dueAtMs(ended(open(nowMs))) });
  await store.leases.give(vmLease(vm.key), "w");
  expect(await store.requests.list({ of: ERIN }, 10)).toHaveLength(1);
  expect(await store.requests.list("pending", 10)).toHaveLength(0);
  expect(await store.deliveries.take("d3")).toBe(true);
  expect(await store.auditNotes.record(next.id, { what: "refused" }, "d3")).toBe("repeated");
  expect(await store.rateLimits.takeTurn(OPS)).toBe(0);
  await store.notices.add(OPS, { what: "alarm", atMs: nowMs });
  await store.notices.release("w", OPS, { count: 0 });
  await store.deadLetters.park(`n:${OPS}`, { why: "test" });
  expect(await store.deadLetters.list()).toMatchObject({ count: 1 });
  expect((await store.requests.read(next.id))?.version).toBe(3);
}
