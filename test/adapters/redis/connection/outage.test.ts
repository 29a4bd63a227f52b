// Redis goes away, hangs, or restarts: calls fail quickly and truthfully, and what it acknowledged is there.
// Of src/adapters/redis/connection/connect.ts.

import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { connectRedis } from "../../../../src/adapters/redis/connection/connect.ts";
import { type RedisStorage, redisStorage } from "../../../../src/adapters/redis/storage.ts";
import { isFault } from "../../../../src/ports/fault.ts";
import type { Log } from "../../../../src/ports/log.ts";
import { vmLease } from "../../../../src/ports/storage/leases.ts";
import { eventually } from "../../../support/eventually.ts";
import { type RedisServer, startRedis } from "../../../support/redis.ts";
import {
  idOf,
  LEASE,
  LIMITS,
  OPS,
  pending,
  quietLog,
  TENANT,
  targetOf,
  write,
} from "../with-store.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(appendOnly = true): Promise<RedisServer> {
  const server = await startRedis({ appendOnly });
  cleanups.push(server.stop);
  return server;
}

function connected(port: number, log: Log = quietLog): RedisStorage {
  const store = redisStorage(connectRedis(targetOf(port), log), { tenant: TENANT });
  cleanups.push(store.close);
  return store;
}

const failure = async (call: Promise<unknown>) => {
  const fromMs = performance.now();
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isFault(thrown)) throw new Error(`No fault, but ${String(thrown)}`);
  return { fault: thrown, tookMs: performance.now() - fromMs };
};

const backAgain = (store: RedisStorage) => eventually(() => store.ping());

describe("Redis that is away", () => {
  it("makes every call fail within two seconds, retryable and without effect", async () => {
    const server = await started();
    const store = connected(server.port);
    await store.ping();
    await server.kill();
    await failure(store.ping());
    const change = write(pending(Date.now()));
    const calls = [
      store.storeClock.nowMs(),
      store.requests.create(change, LIMITS),
      store.requests.read(idOf(1)),
      store.requests.commit(1, change),
      store.requests.list("open", 1),
      store.workQueue.claim("w", LEASE),
      store.workQueue.release("w", idOf(1), { version: 1, dueAtMs: undefined }),
      store.notices.release("w", OPS, { count: 0 }),
      store.deadLetters.park("x", { why: "y" }),
      store.deadLetters.requeue("x", { audit: [] }),
      store.notices.add(OPS, { what: "alarm", atMs: 0 }),
      store.requests.holders([{ vm: change.next.ask.vm.key, port: 22, source: "*" }]),
      store.leases.take(vmLease(change.next.ask.vm.key), "w", 1_000),
      store.leases.give(vmLease(change.next.ask.vm.key), "w"),
      store.deliveries.take("d"),
      store.auditNotes.record(undefined, { what: "x" }),
      store.rateLimits.takeTurn(OPS),
      store.ping(),
      store.deadLetters.list(),
    ];
    for (const { fault, tookMs } of await Promise.all(calls.map(failure))) {
      expect(fault).toMatchObject({ source: "redis", retryable: true, ambiguous: false });
      expect(tookMs).toBeLessThan(2_000);
    }
  });

  it("is used again as soon as it is back, with everything that it acknowledged", async () => {
    const server = await started();
    const store = connected(server.port);
    const created: string[] = [];
    const limits = { openPerPerson: 1_000, pendingPerPerson: 1_000 };
    let isKilled = false;
    const writing = (async () => {
      for (let n = 0; !isKilled; n++) {
        const next = pending(await store.storeClock.nowMs().catch(() => 0), { id: idOf(n) });
        const made = await store.requests.create(write(next), limits).catch(() => undefined);
        if (made?.outcome === "created") created.push(next.id);
      }
    })();
    await eventually(() => expect(created.length).toBeGreaterThan(50));
    await server.kill();
    isKilled = true;
    await writing;
    await server.restart();
    await backAgain(store);
    const found = (await store.requests.list("pending", 1_000)).map((request) => request.id);
    expect(found).toEqual(expect.arrayContaining(created));
    // The scripts are gone from the new process: they are sent again.
    const next = pending(await store.storeClock.nowMs(), { id: idOf(9_999) });
    expect((await store.requests.create(write(next), limits)).outcome).toBe("created");
  });

  it("may be away at the start", async () => {
    const server = await started(false);
    await server.kill();
    const store = connected(server.port);
    expect((await failure(store.ping())).fault.code).toBe("Disconnected");
    await server.restart();
    await backAgain(store);
  });

  it("is told to the log once when it goes and once when it is back", async () => {
    const server = await started(false);
    const lines: string[] = [];
    const log: Log = {
      ...quietLog,
      info: (_facts, text) => lines.push(text),
      warn: (_facts, text) => lines.push(text),
    };
    const store = connected(server.port, log);
    await store.ping();
    await server.kill();
    await failure(store.ping());
    await failure(store.ping());
    await server.restart();
    await backAgain(store);
    expect(lines).toEqual([
      "Redis is connected",
      "Redis isn't connected: trying again until it is",
      "Redis is connected",
    ]);
  });
});

describe("Redis that hangs", () => {
  it("leaves it open whether a write was done, and is not asked twice", async () => {
    const server = await started(false);
    const store = connected(server.port);
    const next = pending(await store.storeClock.nowMs());
    await store.requests.read(next.id);
    process.kill(server.pid, "SIGSTOP");
    const [written, read] = await Promise.all([
      failure(store.requests.create(write(next), LIMITS)),
      failure(store.requests.read(next.id)),
    ]);
    expect(written.fault).toMatchObject({ code: "Timeout", retryable: true, ambiguous: true });
    expect(read.fault).toMatchObject({ code: "Timeout", retryable: true, ambiguous: false });
    expect(written.tookMs).toBeLessThan(2_500);
    process.kill(server.pid, "SIGCONT");
    await backAgain(store);
    expect((await store.requests.read(next.id))?.version).toBe(1);
  });

  it("is ambiguous, too, where the connection breaks before the answer", async () => {
    const server = await started(false);
    const store = connected(server.port);
    const next = pending(await store.storeClock.nowMs());
    process.kill(server.pid, "SIGSTOP");
    const failing = failure(store.requests.create(write(next), LIMITS));
    await server.kill();
    const { fault } = await failing;
    expect(fault).toMatchObject({ code: "Broken", retryable: true, ambiguous: true });
  });
});

describe("Redis that answers an error", () => {
  it("is not ambiguous, retryable only where it passes, and the fault carries no document", async () => {
    const server = await startRedis({ args: ["--maxmemory", "1kb"] });
    cleanups.push(server.stop);
    const store = connected(server.port);
    const next = pending(await store.storeClock.nowMs(), { nonce: "secret-nonce" });
    const full = await failure(store.requests.create(write(next), LIMITS));
    expect(full.fault).toMatchObject({ code: "OOM", retryable: true, ambiguous: false });
    expect(
      JSON.stringify(full.fault.cause, Object.getOwnPropertyNames(full.fault.cause)),
    ).not.toContain("secret-nonce");
    expect(await store.requests.read(next.id)).toBeUndefined();
  });

  it("after a failover, because it only reads, is left for the server that writes", async () => {
    const server = await started(false);
    const store = connected(server.port);
    const redis = new Redis(server.port);
    cleanups.push(async () => redis.disconnect());
    const next = pending(await store.storeClock.nowMs());
    await redis.call("REPLICAOF", "127.0.0.1", "1");
    const { fault } = await failure(store.requests.create(write(next), LIMITS));
    expect(fault).toMatchObject({ code: "READONLY", retryable: true, ambiguous: false });
    await redis.call("REPLICAOF", "NO", "ONE");
    expect((await store.requests.create(write(next), LIMITS)).outcome).toBe("created");
  });

  it("of another kind is a fault that no retry mends", async () => {
    const server = await started(false);
    const redis = new Redis(server.port);
    cleanups.push(async () => redis.disconnect());
    const store = connected(server.port);
    await store.ping();
    await redis.set(`{jit:${TENANT}}:due`, "not a sorted set");
    const { fault } = await failure(store.workQueue.claim("w", LEASE));
    expect(fault).toMatchObject({ code: "WRONGTYPE", retryable: false, ambiguous: false });
  });
});

describe("a store that is closed", () => {
  it("lets what was sent be answered, and refuses what comes after at once", async () => {
    const server = await started(false);
    const store = connected(server.port);
    await store.ping();
    const asked = store.storeClock.nowMs();
    await Promise.all([asked, store.close()]);
    const { fault, tookMs } = await failure(store.ping());
    expect(fault.code).toBe("Disconnected");
    expect(tookMs).toBeLessThan(100);
    await store.close();
  });
});
