// Whether a connection still leads to the server that everybody else will read: after a failover the old
// primary goes on taking writes until somebody tells it that it is one no more.

import { Cluster, Redis } from "ioredis";
import { Fault } from "../../../ports/fault.ts";
import type { RedisTarget } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { ANSWERS_WITHIN_MS, faultOf, inTime } from "./redis-faults.ts";

/**
 * Resolves while this is the primary; rejects with a retryable `Fault` where Redis doesn't say, or where it isn't, and
 * then connects again.
 */
export type ConfirmPrimary = () => Promise<void>;

/** As many sentinels, or nodes of a cluster, as are asked at the same time. */
const ASKED_MAX = 3;

/**
 * Asks those who decide which server is the primary: sentinels, or the other nodes of a cluster. One that
 * doesn't answer says nothing; where none does, nobody can be promoted without the server itself knowing.
 */
export function primaryCheck(
  connection: Connection,
  target: RedisTarget,
  key: string,
): ConfirmPrimary {
  return async () => {
    const found = await foundBy(connection, target, key).catch((thrown: unknown) => {
      throw faultOf(thrown, false);
    });
    if (found === "primary") return;
    connection.emit("error", new Error(`This server is no longer the primary: ${found}`));
    if (connection instanceof Cluster) connection.refreshSlotsCache();
    else connection.disconnect(true);
    throw new Fault({
      source: "redis",
      code: "FailedOver",
      message: "Redis has failed over to another server: connecting to that one.",
      retryable: true,
    });
  };
}

type Found = "primary" | string;

function foundBy(connection: Connection, target: RedisTarget, key: string): Promise<Found> {
  if (connection instanceof Cluster) return ownersBy(connection, key);
  return target.mode === "sentinel" ? primariesBy(connection, target) : roleOf(connection);
}

async function roleOf(connection: Redis): Promise<Found> {
  const [role] = await inTime(connection.role());
  return role === "master" ? "primary" : `it is a ${String(role)}`;
}

async function primariesBy(connection: Redis, target: RedisTarget): Promise<Found> {
  const mine = await roleOf(connection);
  if (mine !== "primary") return mine;
  const { remoteAddress, remotePort } = connection.stream;
  const named = await Promise.all(
    target.nodes.slice(0, ASKED_MAX).map((node) => askSentinel(node, target)),
  );
  const said = named.filter((one) => one !== undefined);
  // One that hasn't heard of the newest failover yet names the server before it.
  const newest = said.toSorted((one, other) => other.epoch - one.epoch)[0];
  if (newest === undefined) return "primary";
  const { host, port } = newest;
  // A name, which TLS needs, can't be compared with an address: its port has to do.
  const isAddress = /^[\d.]+$|:/.test(host);
  const isMine = port === remotePort && (!isAddress || host === plain(remoteAddress));
  return isMine ? "primary" : `the sentinels name ${host}:${port}`;
}

/** An IPv4 address as a socket for both families writes it. */
const plain = (address: string | undefined): string => (address ?? "").replace(/^::ffff:/, "");

/** Which server it names, and in which configuration: the number goes up with every failover. */
type Named = { readonly host: string; readonly port: number; readonly epoch: number };

async function askSentinel(
  node: { readonly host: string; readonly port: number },
  target: RedisTarget,
): Promise<Named | undefined> {
  const sentinel = new Redis({
    ...node,
    ...(target.password !== undefined && { password: target.password }),
    ...(target.tls && { tls: {} }),
    connectTimeout: ANSWERS_WITHIN_MS,
    commandTimeout: ANSWERS_WITHIN_MS,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // Maps come as lists then, as below.
    protocol: 2,
  });
  // That it can't be reached is all that can be said of it.
  sentinel.on("error", () => undefined);
  try {
    const name = target.sentinelName ?? "";
    const [address, facts] = await Promise.all([
      sentinel.call("SENTINEL", "get-master-addr-by-name", name),
      sentinel.call("SENTINEL", "master", name),
    ]);
    if (!Array.isArray(address) || !Array.isArray(facts)) return undefined;
    const epoch = Number(facts[facts.indexOf("config-epoch") + 1]);
    return { host: String(address[0]), port: Number(address[1]), epoch };
  } catch {
    return undefined;
  } finally {
    sentinel.disconnect();
  }
}

/** Who owns the slot of our keys, by the other nodes' word: one that lost its majority doesn't know it. */
async function ownersBy(cluster: Cluster, key: string): Promise<Found> {
  const slot = Number(await inTime(cluster.call("CLUSTER", "KEYSLOT", key)));
  const mine = cluster.slots[slot]?.[0];
  if (mine === undefined) return "the owner of the slot isn't known";
  const others = cluster
    .nodes("all")
    .filter(({ options }) => `${options.host}:${options.port}` !== mine)
    .slice(0, ASKED_MAX);
  const said = await Promise.all(others.map((node) => ownerBy(node, slot)));
  const other = said.find((one) => one !== undefined && one !== mine);
  return other === undefined ? "primary" : `the cluster names ${other}`;
}

async function ownerBy(node: Redis, slot: number): Promise<string | undefined> {
  try {
    const ranges: unknown = await node.call("CLUSTER", "SLOTS");
    if (!Array.isArray(ranges)) return undefined;
    const range: unknown = ranges.find(
      (one) => Array.isArray(one) && Number(one[0]) <= slot && slot <= Number(one[1]),
    );
    const owner: unknown = Array.isArray(range) ? range[2] : undefined;
    return Array.isArray(owner) ? `${String(owner[0])}:${Number(owner[1])}` : undefined;
  } catch {
    return undefined;
  }
}
