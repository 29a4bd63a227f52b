// Real Redis in the three ways in which the bot can use it, each with the faults that belong to it.

import { type RedisServer, startRedis } from "../../../src/sandbox/redis.ts";
import type { CampaignFault } from "./fault.ts";
import { startCluster } from "./redis-cluster.ts";
import { commonFaults } from "./redis-faults.ts";
import { startSentinel } from "./redis-sentinel.ts";

export const TOPOLOGIES = ["single", "sentinel", "cluster"] as const;
export type TopologyName = (typeof TOPOLOGIES)[number];

/** Of a primary. Any of them may take over: nothing acknowledged is lost only if all of them have it. */
export const REPLICAS: Readonly<Record<TopologyName, number>> = {
  single: 0,
  sentinel: 2,
  cluster: 1,
};

export type Topology = {
  readonly name: TopologyName;
  /** For the bot: where its Redis is. */
  readonly env: Readonly<Record<string, string>>;
  readonly faults: readonly CampaignFault[];
  close(): Promise<void>;
};

/** What a process has written survives its death: the operating system keeps it. */
export const KEPT = ["--appendonly", "yes", "--appendfsync", "everysec"] as const;

export function startTopology(name: TopologyName): Promise<Topology> {
  if (name === "sentinel") return startSentinel();
  return name === "cluster" ? startCluster() : startSingle();
}

async function startSingle(): Promise<Topology> {
  const redis = await startRedis({ args: KEPT });
  const primary = async () => ({ port: redis.port, pid: redis.pid });
  return {
    name: "single",
    env: { REDIS_URL: redis.url },
    faults: [...commonFaults({ kind: "redis", ports: [redis.port], primary }), restarted(redis)],
    close: redis.stop,
  };
}

const restarted = (redis: RedisServer): CampaignFault => ({
  name: "redis killed",
  side: "redis",
  kind: "redis",
  weight: 2,
  lastsMs: [200, 5_000],
  begin: async () => {
    await redis.kill();
    return () => redis.restart();
  },
});
