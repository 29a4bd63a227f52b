// A Redis that can't say whether it is the primary says nothing about the work: it is tried again.
// After failovers: failover.test.ts.

import { Cluster, Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { primaryCheck } from "../../../../src/adapters/redis/connection/primary.ts";
import { startRedis } from "../../../support/redis.ts";
import { targetOf } from "../with-store.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const FAULT = { name: "Fault", source: "redis", retryable: true };
const BRIEF = { maxRetriesPerRequest: 0, commandTimeout: 500, retryStrategy: () => null } as const;

it.each(["gone", "hanging"])("throws a fault that passes where it is %s", async (how) => {
  const server = await startRedis();
  cleanups.push(server.stop);
  const connection = new Redis(server.port, BRIEF);
  connection.on("error", () => undefined);
  cleanups.push(() => connection.disconnect());
  const confirm = primaryCheck(connection, targetOf(server.port), "{t}");
  await confirm();
  if (how === "gone") await server.kill();
  else process.kill(server.pid, "SIGSTOP");
  await expect(confirm()).rejects.toMatchObject(FAULT);
});

it("throws one in time where the client itself would wait", async () => {
  const server = await startRedis();
  cleanups.push(server.stop);
  const connection = new Redis(server.port, { retryStrategy: () => null });
  connection.on("error", () => undefined);
  cleanups.push(() => connection.disconnect());
  const confirm = primaryCheck(connection, targetOf(server.port), "{t}");
  await confirm();
  process.kill(server.pid, "SIGSTOP");
  await expect(confirm()).rejects.toMatchObject(FAULT);
});

it("throws one of a cluster of which no node answers, too", async () => {
  const cluster = new Cluster([{ host: "127.0.0.1", port: 1 }], {
    clusterRetryStrategy: () => null,
    redisOptions: BRIEF,
  });
  cluster.on("error", () => undefined);
  cleanups.push(() => cluster.disconnect());
  await expect(primaryCheck(cluster, targetOf(1), "{t}")()).rejects.toMatchObject(FAULT);
});
