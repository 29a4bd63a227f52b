// Connects to Redis: one server, a cluster, or the server that sentinels name. Reconnects for ever.

import { checkServerIdentity } from "node:tls";
import { Cluster, Redis } from "ioredis";
import type { Log } from "../../../ports/log.ts";
import type { Connection } from "./connection.ts";
import { type GetRedisToken, keepSignedIn } from "./entra-sign-in.ts";
import { ANSWERS_WITHIN_MS } from "./redis-faults.ts";

/** Where Redis is, and as whom to sign in. */
export type RedisTarget = {
  readonly mode: "single" | "cluster" | "sentinel";
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly sentinelName: string | undefined;
  /** `entra`: needs `getToken`. */
  readonly auth: "password" | "entra";
};

const CONNECT_WITHIN_MS = 5_000;
const RECONNECT_AFTER_MS_MAX = 1_800;

/**
 * Answers a connection that connects by itself, and again whenever it is lost. Errors are logged once an
 * outage and never thrown. Commands are neither kept until Redis is back nor sent a second time: who
 * sends one learns what became of it. `onReplica` hears that the address never led to a primary.
 */
export function connectRedis(
  target: RedisTarget,
  log: Log,
  getToken?: GetRedisToken,
  onReplica?: () => void,
): Connection {
  const entra = target.auth === "entra";
  if (entra && getToken === undefined) throw new Error("Entra ID needs a way to get tokens.");
  const connection =
    target.mode === "cluster" ? connectCluster(target, entra) : connectServer(target, entra);
  logOutages(connection, log);
  if (connection instanceof Redis) keepToPrimary(connection, onReplica);
  if (getToken !== undefined && entra) keepSignedIn(connection, getToken, log);
  return connection;
}

function connectServer(target: RedisTarget, lazyConnect: boolean): Redis {
  const [first] = target.nodes;
  if (first === undefined) throw new Error("No Redis server is named.");
  const options = { ...optionsOf(target), retryStrategy, enableOfflineQueue: false, lazyConnect };
  if (target.mode !== "sentinel") return new Redis({ ...options, ...first });
  return new Redis({
    ...options,
    sentinels: [...target.nodes],
    name: target.sentinelName ?? "",
    // Without it, what is written after a planned failover goes to the old primary, and is lost.
    failoverDetector: true,
    sentinelReconnectStrategy: retryStrategy,
    // The default user of a sentinel without a password accepts any.
    ...(target.password !== undefined && { sentinelPassword: target.password }),
    ...(target.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  });
}

function connectCluster(target: RedisTarget, lazyConnect: boolean): Cluster {
  return new Cluster([...target.nodes], {
    lazyConnect,
    clusterRetryStrategy: retryStrategy,
    // By default it sends again what was under way when a connection broke: twice, then.
    retryDelayOnFailover: 0,
    slotsRefreshTimeout: 2_000,
    // Names are left to TLS to check: the cluster may answer with names or with addresses.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: {
      ...optionsOf(target),
      ...(target.tls && { tls: { checkServerIdentity: isOneOf(target.nodes) } }),
    },
  });
}

function optionsOf(target: RedisTarget) {
  return {
    db: target.database,
    commandTimeout: ANSWERS_WITHIN_MS,
    connectTimeout: CONNECT_WITHIN_MS,
    // A connection that swallows commands without a sound is given up.
    socketTimeout: 2 * ANSWERS_WITHIN_MS,
    keepAlive: 10_000,
    // What is under way when the connection breaks is rejected at once, and not sent again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // After a failover the old server only reads: find the new one.
    reconnectOnError: (error: Error) => error.message.includes("READONLY"),
    ...(target.username !== undefined && { username: target.username }),
    ...(target.password !== undefined && { password: target.password }),
    ...(target.tls && { tls: {} }),
  };
}

/** A name that led to another server meanwhile: a replica reads what is old, and takes no writes. */
function keepToPrimary(connection: Redis, onReplica?: () => void): void {
  let wasPrimary = false;
  connection.on("ready", () => {
    connection
      .role()
      .then(([role]) => {
        if (role === "master") {
          wasPrimary = true;
          return;
        }
        if (!wasPrimary) onReplica?.();
        connection.emit("error", new Error("This server is a replica, and not the primary."));
        connection.disconnect(true);
      })
      // Whatever keeps it from answering is seen by the next command, too.
      .catch(() => undefined);
  });
}

/** For ever, at short intervals: the bot can do nothing useful without Redis. */
function retryStrategy(times: number): number {
  const jitterMs = Math.floor(Math.random() * 200);
  return Math.min(50 * 2 ** Math.min(times - 1, 10), RECONNECT_AFTER_MS_MAX) + jitterMs;
}

/** A node that is known by its address has to prove that it belongs to a host that was configured. */
export function isOneOf(nodes: RedisTarget["nodes"]): typeof checkServerIdentity {
  return (host, certificate) => {
    const hosts = [host, ...nodes.map((node) => node.host)];
    const faults = hosts.map((one) => checkServerIdentity(one, certificate));
    return faults.includes(undefined) ? undefined : faults[0];
  };
}

/** One line when it is lost and one when it is back, not one for every attempt. */
function logOutages(connection: Connection, log: Log): void {
  let isKnown = false;
  const lost = (facts: object) => {
    if (isKnown) log.debug(facts, "Redis is still not connected");
    else log.warn(facts, "Redis isn't connected: trying again until it is");
    isKnown = true;
  };
  connection.on("ready", () => {
    isKnown = false;
    log.info({}, "Redis is connected");
  });
  connection.on("reconnecting", () => lost({}));
  connection.on("error", (error: Error & { code?: unknown }) => {
    // Not the error itself: the client hangs the command on it, which could be a password.
    lost({ code: error.code, error: error.message });
  });
}
