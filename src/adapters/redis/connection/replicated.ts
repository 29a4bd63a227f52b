// Waits until replicas have what was written: what only the primary has is lost with it.

import { Cluster, type Redis } from "ioredis";
import { Fault } from "../../../ports/fault.ts";
import type { Connection } from "./connection.ts";
import { faultOf, inTime } from "./redis-faults.ts";

/** Longer than a healthy replica ever takes, and short of what counts as unanswered. */
const REPLICATED_WITHIN_MS = 1_000;

/**
 * Resolves once `count` replicas have everything that this connection wrote. Rejects with an ambiguous
 * `Fault` where they don't in time: it is written, and a failover may lose it.
 */
export async function replicated(
  connection: Connection,
  count: number,
  key: string | undefined,
): Promise<void> {
  try {
    const server = await serverOf(connection, key);
    const reached = (await inTime(server?.wait(count, REPLICATED_WITHIN_MS) ?? none())) ?? 0;
    if (reached >= count) return;
    throw notReplicated(`${reached} of ${count} replicas have what was written`);
  } catch (thrown) {
    const fault = faultOf(thrown, true);
    // The server became a replica itself, say: it has written, and the one that took over may not have it.
    throw fault.ambiguous ? fault : notReplicated(fault.message);
  }
}

const notReplicated = (why: string): Fault =>
  new Fault({
    source: "redis",
    code: "NOREPLICAS",
    message: `${why} (REDIS_WAIT_REPLICAS).`,
    retryable: true,
    ambiguous: true,
  });

const none = (): Promise<number> => Promise.resolve(0);

/** The server that was written to: in a cluster, the one that has the key's slot. */
async function serverOf(
  connection: Connection,
  key: string | undefined,
): Promise<Redis | undefined> {
  if (!(connection instanceof Cluster)) return connection;
  const slot = Number(await inTime(connection.call("CLUSTER", "KEYSLOT", key ?? "")));
  const owner = connection.slots[slot]?.[0];
  return connection
    .nodes("master")
    .find(({ options }) => `${options.host}:${options.port}` === owner);
}
