// A store on a real Redis whose clock the test moves, and requests that are due when the test wants.

import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { redisAudit } from "../../../src/adapters/redis/audit/audit-repository.ts";
import { connectRedis, type RedisTarget } from "../../../src/adapters/redis/connection/connect.ts";
import type { Connection } from "../../../src/adapters/redis/connection/connection.ts";
import { type RedisStorage, redisStorage } from "../../../src/adapters/redis/storage.ts";
import type { SealKey } from "../../../src/domain/audit/audit-chain.ts";
import { entryOf } from "../../../src/domain/audit/readable-entry.ts";
import type { AccessRequest, Common, In } from "../../../src/domain/request/request.ts";
import { channelId, type RequestId, requestIdFrom } from "../../../src/domain/text/ids.ts";
import type { Log } from "../../../src/ports/log.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis.ts";
import { aGrant, anAsk, HOUR, inState, MINUTE } from "../../support/requests.ts";

export const LIMITS = { openPerPerson: 10, pendingPerPerson: 10 };
export const LEASE = { leaseMs: 30_000, most: 100 };
export const TENANT = "T0TEST";
export const OPS = channelId("C0OPS");

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export const targetOf = (port: number, change: Partial<RedisTarget> = {}): RedisTarget => ({
  mode: "single",
  nodes: [{ host: "127.0.0.1", port }],
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  sentinelName: undefined,
  auth: "password",
  ...change,
});

export type Bench = {
  readonly server: RedisServer;
  /** The connection of `store`, to look behind it. */
  readonly redis: Redis;
  readonly store: RedisStorage;
  /** A second replica: its own connection, the same clock. */
  readonly other: RedisStorage;
  /** Moves the clock of both. */
  advance(ms: number): void;
};

/** One server for the file, empty before every test. `key` marks what is written to the audit. */
export function benchPerFile(options: RedisServerOptions = {}, key?: SealKey): Bench {
  let made: { server: RedisServer; redis: Connection; store: RedisStorage; other: RedisStorage };
  let offsetMs = 0;
  beforeAll(async () => {
    const server = await startRedis(options);
    const writer = key && { key, nowMs: () => Date.now() + offsetMs };
    const storeOptions = {
      tenant: TENANT,
      clockOffsetMs: () => offsetMs,
      ...(writer && { writer }),
    };
    const redis = connectRedis(targetOf(server.port), quietLog);
    const second = connectRedis(targetOf(server.port), quietLog);
    const store = redisStorage(redis, storeOptions);
    made = { server, redis, store, other: redisStorage(second, storeOptions) };
  });
  beforeEach(async () => {
    offsetMs = 0;
    await made.server.flush();
  });
  afterAll(async () => {
    await made.store.close();
    await made.other.close();
    await made.server.stop();
  });
  return {
    get server() {
      return made.server;
    },
    get redis() {
      return made.redis as Redis;
    },
    get store() {
      return made.store;
    },
    get other() {
      return made.other;
    },
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}

export const idOf = (n: number): RequestId =>
  requestIdFrom(Uint8Array.from({ length: 6 }, (_, i) => Math.floor(n / 32 ** (5 - i)) & 31));

export const at = (nowMs: number, change: Partial<Common["ask"]> = {}): Partial<Common> => ({
  ask: anAsk({ askedAtMs: nowMs, ...change }),
});

/** Waits for a decision; due when it lapses, in an hour. */
export const pending = (nowMs: number, change: Partial<Common> = {}): In<"pending"> => ({
  ...as(inState("pending", { ...at(nowMs), ...change }), "pending"),
  expiresAtMs: nowMs + HOUR,
});

/** Due at once: its card is not posted. */
export const unposted = (nowMs: number, change: Partial<Common> = {}): In<"pending"> =>
  pending(nowMs, { cards: [{ to: OPS, shown: 0 }], ...change });

/** Open for an hour; due when the warning is. */
export const open = (nowMs: number, change: Partial<Common> = {}): In<"open"> => {
  const request = as(inState("open", { ...at(nowMs), ...change }), "open");
  const times = { startsAtMs: nowMs, endsAtMs: nowMs + HOUR, openedAtMs: nowMs + 5_000 };
  return { ...request, grant: { ...request.grant, ...times } };
};

export const WARNING_AFTER_MS = 50 * MINUTE;

/** Due at once: Azure is to be asked. */
export const opening = (nowMs: number, change: Partial<Common> = {}): In<"opening"> => ({
  ...as(inState("opening", { ...at(nowMs), ...change }), "opening"),
  grant: aGrant({ startsAtMs: nowMs, endsAtMs: nowMs + HOUR }),
});

/** Due at once: Azure is to be asked to close. */
export const ending = (nowMs: number, change: Partial<Common> = {}): In<"ending"> => ({
  ...as(inState("ending", { ...at(nowMs), ...change }), "ending"),
  grant: open(nowMs).grant,
});

/** Nothing is outstanding any more. */
export const ended = (request: AccessRequest): In<"ended"> => ({
  ...as(inState("ended", request), "ended"),
  closing: "closed",
});

function as<S extends AccessRequest["state"]>(request: AccessRequest, state: S): In<S> {
  if (request.state !== state) throw new Error(`It is ${request.state}, not ${state}.`);
  return request as In<S>;
}

export const write = (next: AccessRequest, delivery?: string) => ({
  next,
  audit: [{ what: next.state, by: next.ask.requester }],
  ...(delivery !== undefined && { delivery }),
});

/** The audit as people read it, without what is undefined. */
export async function audited(redis: Redis): Promise<readonly Record<string, unknown>[]> {
  const { rows, people } = await redisAudit(redis, { tenant: TENANT }).page({
    fromSeq: 1,
    untilSeq: 500,
  });
  return rows.map((row) => {
    const { seq, atMs, request: id, what, by, detail } = entryOf(row, people);
    const given = { ...(id && { id }), ...(by && { by }) };
    return { seq, atMs, what, ...given, ...(Object.keys(detail).length > 0 && { detail }) };
  });
}
