// A Redis that is there only later, or that took over, is looked at, too: what is wrong with its settings is logged
// once. Of src/adapters/redis/connection/settings-watch.ts.

import { afterEach, describe, expect, it } from "vitest";
import { connectRedis } from "../../../../src/adapters/redis/connection/connect.ts";
import { settingsWatch } from "../../../../src/adapters/redis/connection/settings-watch.ts";
import type { Log } from "../../../../src/ports/log.ts";
import { eventually } from "../../../support/eventually.ts";
import { startRedis } from "../../../support/redis.ts";
import { quietLog, targetOf } from "../with-store.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function watched({ isThere }: { isThere: boolean }) {
  const server = await startRedis();
  cleanups.push(server.stop);
  if (!isThere) await server.kill();
  const said: string[] = [];
  const log: Log = { ...quietLog, warn: (_, text) => said.push(text) };
  const redis = connectRedis(targetOf(server.port), quietLog);
  cleanups.push(() => redis.disconnect());
  const watch = settingsWatch(redis, { waitReplicas: 0, log });
  await watch.look();
  watch.start();
  return { server, redis, watch, said };
}

const EVICTS = expect.stringMatching(/^Redis's maxmemory-policy is allkeys-lru, .*noeviction\.$/);
const NO_AOF = expect.stringMatching(/^Redis keeps no append-only file, /);

describe("the settings of Redis", () => {
  it("are looked at when it comes after the start", async () => {
    const { server, said } = await watched({ isThere: false });
    expect(said).toEqual([]);
    await server.restart();
    await eventually(async () => expect(said).toEqual([NO_AOF]));
  });

  it("are looked at again after a reconnection, and each finding is logged once", async () => {
    const { redis, watch, said } = await watched({ isThere: true });
    expect(said).toEqual([NO_AOF]);
    // As one that took over would be.
    await redis.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    expect(said).toHaveLength(1);
    redis.disconnect(true);
    await eventually(async () => expect(said).toEqual([NO_AOF, EVICTS]));
    await watch.look();
    expect(said).toHaveLength(2);
  });

  it("are looked at when another server of a cluster is there, while the connection stays ready", async () => {
    const { redis, said } = await watched({ isThere: true });
    await redis.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    redis.emit("+node", redis);
    await eventually(async () => expect(said).toEqual([NO_AOF, EVICTS]));
  });

  it("are left alone once it has stopped", async () => {
    const { server, watch, said } = await watched({ isThere: false });
    await watch.stop(0);
    await server.restart();
    await watch.look();
    expect(said).toEqual([NO_AOF]);
  });
});
