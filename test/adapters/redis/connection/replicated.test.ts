// Waiting for replicas: too few of them, and a server that became a replica itself, leave it unknown, and no more.

import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { replicated } from "../../../../src/adapters/redis/connection/replicated.ts";
import { eventually } from "../../../support/eventually.ts";
import { startRedis } from "../../../support/redis.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connected(args: readonly string[] = []): Promise<Redis> {
  const server = await startRedis({ args });
  cleanups.push(server.stop);
  const connection = new Redis(server.port);
  cleanups.push(() => connection.disconnect());
  return connection;
}

const UNKNOWN = { source: "redis", code: "NOREPLICAS", retryable: true, ambiguous: true };

it("resolves where enough have it, and else rejects with what can be tried again and may be lost", async () => {
  const primary = await connected();
  await expect(replicated(primary, 1, undefined)).rejects.toMatchObject(UNKNOWN);
  const replica = await connected(["--replicaof", "127.0.0.1", String(primary.options.port)]);
  await eventually(async () => {
    if (!(await primary.info("replication")).includes("state=online")) throw new Error("not yet");
  });
  await primary.set("kept", "1");
  await replicated(primary, 1, undefined);
  expect(await replica.get("kept")).toBe("1");
  await expect(replicated(primary, 2, undefined)).rejects.toMatchObject(UNKNOWN);
});

it("takes a server that became a replica for nothing that is wrong with the work", async () => {
  const server = await connected();
  await server.set("kept", "1");
  await server.call("REPLICAOF", "127.0.0.1", "1");
  await expect(replicated(server, 1, undefined)).rejects.toMatchObject(UNKNOWN);
});
