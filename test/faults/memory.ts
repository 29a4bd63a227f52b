// A look into the bot's memory (Redis) beside the bot: documents, audit, what is due and who holds it.

import { Redis } from "ioredis";
import { decodeDocument } from "../../src/adapters/redis/requests/request-document.ts";
import { redisKeys } from "../../src/adapters/redis/scripts/keys.ts";
import { type AccessRequest, grantOf } from "../../src/domain/request/request.ts";
import type { RedisServer } from "../support/redis.ts";
import type { TestWorld } from "../support/world.ts";

const keys = redisKeys("T0HOME");

export type AuditSeen = { seq: number; id?: string; what: string; by?: string };

export type Memory = {
  readonly redis: Redis;
  readonly keys: typeof keys;
  request(id: string): Promise<AccessRequest>;
  endsAtMs(id: string): Promise<number>;
  /** What the audit holds about a request, in order. */
  audit(id: string): Promise<readonly string[]>;
  /** The requests and channels that somebody holds now. */
  held(): Promise<readonly string[]>;
  /** Resolves when nothing is due and nobody works: on that request, or left out, on anything. */
  atRest(id?: string): Promise<void>;
  /** Resolves when a Redis that was restarted answers. */
  ready(): Promise<void>;
  close(): void;
};

const RESTS_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 40;
/** Longer than the second after which a worker looks again by itself. */
const SOON_MS = 200;

/** Of a world, or of a Redis alone. */
export function memoryOf(
  world: Pick<TestWorld, "nowMs" | "advance"> & { readonly redis: Pick<RedisServer, "url"> },
): Memory {
  const redis = new Redis(world.redis.url, { lazyConnect: false });
  // It is killed and restarted under the tests' hands.
  redis.on("error", () => undefined);

  const request = async (id: string): Promise<AccessRequest> => {
    const document = decodeDocument((await redis.hget(keys.documents, id)) ?? "");
    if ("unreadable" in document) throw new Error(document.unreadable);
    return document.request;
  };
  const held = async () => {
    const leases = Object.entries(await redis.hgetall(keys.held));
    return leases.filter(([, lease]) => !lease.endsWith("|")).map(([member]) => member);
  };

  return {
    redis,
    keys,
    request,
    endsAtMs: async (id) => grantOf(await request(id))?.endsAtMs ?? Number.NaN,
    audit: async (id) =>
      (await redis.xrange(keys.audit, "-", "+"))
        .map(([, fields]) => JSON.parse(fields[1] ?? "{}") as AuditSeen)
        .filter((entry) => entry.id === id)
        .map((entry) => entry.what),
    held,
    atRest: async (id) => {
      const untilMs = Date.now() + RESTS_WITHIN_MS;
      for (;;) {
        const due = await redis.zrangebyscore(keys.due, "-inf", world.nowMs() + SOON_MS);
        const busy = [...due, ...(await held())].filter((one) => id === undefined || one === id);
        if (busy.length === 0) return;
        if (Date.now() > untilMs) throw new Error(`never at rest: ${busy}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        world.advance(LOOK_EVERY_MS);
      }
    },
    ready: async () => {
      await redis.ping();
    },
    close: () => redis.disconnect(),
  };
}
