// What is wrong with a Redis that answers: settings with which it would lose grants.

import { Cluster } from "ioredis";
import type { Connection } from "./connection.ts";
import { faultOf, nextReady } from "./redis-faults.ts";

/**
 * One sentence for each finding, with its fix. Throws a `Fault` where Redis can't be reached. INFO is
 * enough: CONFIG may be forbidden. `waitReplicas`: how many must have a write before it counts.
 */
export async function redisFindings(
  connection: Connection,
  waitReplicas: number,
): Promise<readonly string[]> {
  if (connection.status !== "ready") await nextReady(connection)();
  const servers = connection instanceof Cluster ? connection.nodes("master") : [connection];
  const found = new Set<string>();
  for (const server of servers) {
    const info = await server.info().catch((thrown: unknown) => {
      throw faultOf(thrown, false);
    });
    for (const finding of findingsIn(info, waitReplicas)) found.add(finding);
  }
  return [...found];
}

/** The oldest with everything that the scripts use. Valkey says 7.2 here, where it parted. */
const VERSION_MIN = { major: 6, minor: 2 };

export function findingsIn(info: string, waitReplicas: number): readonly string[] {
  const fact = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const found: string[] = [];
  const version = fact("redis_version") ?? "of an unknown version";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNew =
    major === VERSION_MIN.major ? minor >= VERSION_MIN.minor : major > VERSION_MIN.major;
  if (!isNew) {
    const { major, minor } = VERSION_MIN;
    found.push(`Redis is ${version}: use ${major}.${minor} or later, or Valkey.`);
  }
  const policy = fact("maxmemory_policy");
  if (policy === undefined) {
    found.push("Redis doesn't say whether it evicts: set maxmemory-policy to noeviction.");
  } else if (policy !== "noeviction") {
    found.push(
      `Redis's maxmemory-policy is ${policy}, which silently deletes grants when memory runs short: ` +
        "set it to noeviction.",
    );
  }
  if (fact("aof_enabled") === "0") {
    found.push(
      "Redis keeps no append-only file, so a restart loses what came after its last snapshot: " +
        "set appendonly to yes.",
    );
  }
  return [...found, ...replicaFindings(fact("connected_slaves"), waitReplicas)];
}

/** Anyone who waits for replicas wants to lose nothing: that takes all of them, since any of them may take over. */
function replicaFindings(connected: string | undefined, waitReplicas: number): readonly string[] {
  const count = Number(connected ?? Number.NaN);
  if (waitReplicas === 0 || Number.isNaN(count) || count === waitReplicas) return [];
  const has = count === 1 ? "1 replica" : `${count} replicas`;
  return [
    count < waitReplicas
      ? `Redis has ${has}, and REDIS_WAIT_REPLICAS is ${waitReplicas}, so nothing can be requested: bring the others back, or lower it.`
      : `Redis has ${has}, and REDIS_WAIT_REPLICAS is ${waitReplicas}, so a failover can lose what was acknowledged: set it to ${count}.`,
  ];
}
