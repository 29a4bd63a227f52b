// Figures for metrics: one short script, asked when Prometheus asks.

import { z } from "zod";
import type { Figures } from "../../ports/metrics/figures.ts";
import type { Connection } from "./connection/connection.ts";
import { redisKeys } from "./scripts/keys.ts";
import { type Script, scriptRunner } from "./scripts/script.ts";
import type { RedisStorageOptions } from "./storage-options.ts";

const counted = z.tuple([z.number(), z.array(z.number()), z.number(), z.string()]);

/**
 * Keys: what is counted. Results: now; how many are pending, live, to be reviewed, parked, replicas alive, and 1 where access is frozen;
 * for how many milliseconds the most overdue has waited; what the watch keeps, or nothing. What is being
 * worked on has the end of its lease as its score, and so isn't overdue.
 */
const FIGURES: Script<
  "pending" | "open" | "toReview" | "parked" | "alive" | "due" | "watch" | "freeze",
  z.output<typeof counted>
> = {
  name: "jitFigures",
  keys: ["pending", "open", "toReview", "parked", "alive", "due", "watch", "freeze"],
  writes: false,
  result: counted,
  lua: `
local real_now = time[1] * 1000 + math.floor(time[2] / 1000)
local first = redis.call('ZRANGE', key.due, 0, 0, 'WITHSCORES')
local lag = first[2] and math.max(now - tonumber(first[2]), 0) or 0
return {
  now,
  {
    redis.call('ZCARD', key.pending),
    redis.call('ZCARD', key.open),
    redis.call('ZCARD', key.toReview),
    redis.call('HLEN', key.parked),
    redis.call('ZCOUNT', key.alive, string.format('(%.0f', real_now), '+inf'),
    redis.call('EXISTS', key.freeze),
  },
  lag,
  redis.call('HGET', key.watch, 'read') or '',
}
`,
};

const watchSchema = z.object({ read: z.record(z.string(), z.object({ untilMs: z.number() })) });

/** What can't be read says nothing about how far anything was read. */
function watchedIn(text: string): Readonly<Record<string, number>> {
  try {
    const { read } = watchSchema.parse(JSON.parse(text));
    return Object.fromEntries(Object.entries(read).map(([id, { untilMs }]) => [id, untilMs]));
  } catch {
    return {};
  }
}

/** Takes what the store takes. */
export function redisFigures(
  connection: Connection,
  { tenant, clockOffsetMs = () => 0 }: RedisStorageOptions,
): Figures {
  const keys = redisKeys(tenant);
  const run = scriptRunner(connection, clockOffsetMs);
  return {
    read: async () => {
      const [nowMs, counts, dueLagMs, watched] = await run(FIGURES, { keys });
      const [pending = 0, live = 0, toReview = 0, parked = 0, replicas = 0, freezes = 0] = counts;
      const watchedUntilMs = watchedIn(watched);
      const isFrozen = freezes === 1;
      const found = { nowMs, pending, live, toReview, parked, isFrozen, replicas };
      return { ...found, dueLagMs, watchedUntilMs };
    },
  };
}
