// Redis fails over: what was acknowledged is where everybody looks for it, and nobody writes to the server of yesterday.
// Of src/adapters/redis/connection/primary.ts.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { connectRedis } from "../../../../src/adapters/redis/connection/connect.ts";
import { primaryCheck } from "../../../../src/adapters/redis/connection/primary.ts";
import { type RedisStorage, redisStorage } from "../../../../src/adapters/redis/storage.ts";
import { eventually } from "../../../support/eventually.ts";
import { answering, cleanups, connected, freePort, withAdmin } from "../servers.ts";
import { quietLog, TENANT, targetOf } from "../with-store.ts";

/** A primary, a replica of it, and three sentinels that watch them. */
async function watched() {
  const primary = await withAdmin();
  const replica = await withAdmin("--replicaof", "127.0.0.1", String(primary.port));
  await eventually(async () => expect(await replica.admin.info()).toMatch(/link_status:up/));
  const ports = await Promise.all([
    sentinelOf(primary.port),
    sentinelOf(primary.port),
    sentinelOf(primary.port),
  ]);
  const [first = 0] = ports;
  const admin = new Redis(first, { protocol: 2 });
  admin.on("error", () => undefined);
  cleanups.push(() => admin.disconnect());
  await eventually(
    async () => {
      const facts = await admin.call("SENTINEL", "master", "main");
      const text = Array.isArray(facts) ? facts.join(" ") : "";
      expect(text).toMatch(/num-slaves 1 num-other-sentinels 2/);
    },
    { timeoutMs: 30_000, intervalMs: 100 },
  );
  const target = targetOf(0, {
    mode: "sentinel",
    sentinelName: "main",
    nodes: ports.map((port) => ({ host: "127.0.0.1", port })),
  });
  return { primary, replica, target, failover: () => admin.call("SENTINEL", "failover", "main") };
}

async function sentinelOf(primary: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "jit-sentinel-"));
  const port = await freePort();
  const file = join(directory, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${directory}`,
    `sentinel monitor main 127.0.0.1 ${primary} 2`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const sentinel = spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" });
  cleanups.push(async () => {
    const gone = once(sentinel, "exit");
    sentinel.kill();
    await gone;
    rmSync(directory, { recursive: true });
  });
  return port;
}

/** As long as a sentinel may take to see that the promotion it asked for has happened, and to say so. */
const SPLIT_MS_MAX = 3_000;

/** Writes all the time while it fails over, until the old primary follows the new one. */
async function writtenThrough(
  { primary, replica, failover }: Awaited<ReturnType<typeof watched>>,
  store: RedisStorage,
) {
  const kept: { delivery: string; atMs: number }[] = [];
  let isOver = false;
  const writing = (async () => {
    for (let n = 0; !isOver; n++) {
      const delivery = `d${n}`;
      const atMs = performance.now();
      await store.deliveries.take(delivery).then(
        () => kept.push({ delivery, atMs }),
        () => undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await eventually(() => expect(kept.length).toBeGreaterThan(10));
  await failover();
  const becomes = (server: typeof primary, role: string) =>
    eventually(async () => expect((await server.admin.role())[0]).toBe(role), {
      timeoutMs: 30_000,
      intervalMs: 20,
    });
  await becomes(replica, "master");
  const promotedAtMs = performance.now();
  await becomes(primary, "slave");
  await answering(store);
  // Some more, to the new one.
  await new Promise((resolve) => setTimeout(resolve, 500));
  isOver = true;
  await writing;
  const reader = connected(targetOf(replica.port));
  await answering(reader);
  const lost: typeof kept = [];
  for (const one of kept) if (await reader.deliveries.take(one.delivery)) lost.push(one);
  return { kept, lost, promotedAtMs };
}

describe("a planned failover by sentinels", () => {
  it("loses nothing that was acknowledged, where replicas are waited for", async () => {
    const servers = await watched();
    const connection = connectRedis(servers.target, quietLog);
    cleanups.push(() => connection.disconnect());
    const store = redisStorage(connection, { tenant: TENANT, waitReplicas: 1 });
    await answering(store);
    const { kept, lost } = await writtenThrough(servers, store);
    expect(kept.length).toBeGreaterThan(10);
    expect(lost).toEqual([]);
  }, 90_000);

  it("loses only what was written until the sentinels had named the new one, where they are not", async () => {
    const servers = await watched();
    const connection = connectRedis(servers.target, quietLog);
    cleanups.push(() => connection.disconnect());
    const store = redisStorage(connection, { tenant: TENANT });
    await answering(store);
    const { kept, lost, promotedAtMs } = await writtenThrough(servers, store);
    expect(kept.length).toBeGreaterThan(10);
    const late = lost.filter(({ atMs }) => atMs > promotedAtMs + SPLIT_MS_MAX);
    expect(late).toEqual([]);
  }, 90_000);

  it("is noticed before Azure is asked, even where the sentinels' news was missed", async () => {
    const { replica, target, failover } = await watched();
    const [sentinel] = target.nodes;
    if (sentinel === undefined) throw new Error("no sentinel");
    // A connection that was made before, and that hears of nothing.
    const deaf = new Redis({
      sentinels: [sentinel],
      name: "main",
      failoverDetector: false,
      retryStrategy: () => 50,
    });
    deaf.on("error", () => undefined);
    cleanups.push(() => deaf.disconnect());
    const confirm = primaryCheck(deaf, target, "{t}");
    await eventually(() => confirm());
    await failover();
    await eventually(async () => expect((await replica.admin.role())[0]).toBe("master"), {
      timeoutMs: 30_000,
    });
    await eventually(() =>
      expect(confirm()).rejects.toMatchObject({ code: "FailedOver", retryable: true }),
    );
    // It has connected to the new primary since.
    await eventually(() => confirm(), { intervalMs: 100 });
    expect(deaf.stream.remotePort).toBe(replica.port);
  }, 90_000);
});

describe("a server that has become a replica", () => {
  it("is left for the primary that its address leads to", async () => {
    const primary = await withAdmin();
    const { port, admin } = await withAdmin();
    const store = connected(targetOf(port));
    await answering(store);
    await admin.call("REPLICAOF", "127.0.0.1", String(primary.port));
    await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    // It answers, and is not taken for what it was.
    await eventually(() =>
      expect(store.deliveries.take("d1")).rejects.toMatchObject({ retryable: true }),
    );
    await admin.call("REPLICAOF", "NO", "ONE");
    await eventually(() => expect(store.deliveries.take("d2")).resolves.toBe(true), {
      intervalMs: 100,
    });
  }, 40_000);
});
