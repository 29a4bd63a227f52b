// The fair queue before a channel: Slack takes a message a second there, no matter who sends how many.

import { z } from "zod";
import type { Place } from "../../../ports/storage/rate-limits.ts";
import type { Script } from "../scripts/script.ts";
import { BURST_MESSAGES } from "./rate-scripts.ts";

export const RANKS: readonly Place["rank"][] = ["break-glass", "card", "thread"];

/** How long to wait for a caller that doesn't come back in time. */
const LATE_MS = 400;
/** Nobody is told to wait longer: what is before them may no longer be needed. */
const WAIT_MAX_MS = 5_000;
/** What didn't come back by then never will. */
const GONE_MS = 60_000;
/** How many of those before somebody are looked at, whether they are due. */
const LOOKED_AT_MAX = 100;

/**
 * Each person's messages of a rank are numbered by rounds, which never lag behind the round that is being
 * served: so a newcomer is served after one of everybody's, however many others have waiting.
 *
 * Keys: rate: when the next message would be on time, were they sent evenly; places, back, rounds.
 * Arguments: what, of, rank: a number, the first first; everyMs.
 * Results: 0, and the turn is taken; else how many milliseconds to wait before asking again.
 */
export const TAKE_PLACE: Script<"rate" | "places" | "back" | "rounds", number> = {
  name: "jitTakePlace",
  keys: ["rate", "places", "back", "rounds"],
  writes: true,
  result: z.number(),
  lua: `
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', key.back, '-inf', now - ${GONE_MS})) do
  redis.call('ZREM', key.places, gone)
  redis.call('ZREM', key.back, gone)
end
local waiting = redis.call('ZCARD', key.places)
if waiting == 0 then redis.call('DEL', key.rounds) end

local function round_of(field) return tonumber(redis.call('HGET', key.rounds, field) or 0) end

-- Rank, then round, then who came first.
local served, own = 'r' .. args.rank, args.rank .. ':' .. args.of
local place = redis.call('ZSCORE', key.places, args.what)
local round
if place then
  place = tonumber(place)
  round = math.floor(place % 1e9)
else
  round = math.max(round_of(served), round_of(own) + 1)
  redis.call('HSET', key.rounds, own, round)
  local came = redis.call('HINCRBY', key.rounds, 'came', 1)
  place = args.rank * 1e9 + round + (came % 1e5) / 1e5
end

local on_time = math.max(tonumber(redis.call('GET', key.rate) or 0), now)
local early = on_time - now - ${BURST_MESSAGES - 1} * args.everyMs

-- Those before this one that are to be here by now, and surely still come.
local before, due = 0, 0
for _, other in ipairs(redis.call('ZRANGEBYSCORE', key.places, '-inf', string.format('(%.6f', place), 'LIMIT', 0, ${LOOKED_AT_MAX})) do
  before = before + 1
  local back = tonumber(redis.call('ZSCORE', key.back, other) or 0)
  if back <= now and back > now - ${LATE_MS} then due = due + 1 end
end

if early + due * args.everyMs <= 0 then
  redis.call('SET', key.rate, string.format('%.0f', on_time + args.everyMs), 'PX', on_time + args.everyMs - now)
  redis.call('ZREM', key.places, args.what)
  redis.call('ZREM', key.back, args.what)
  if round > round_of(served) then redis.call('HSET', key.rounds, served, round) end
  redis.call('PEXPIRE', key.rounds, ${GONE_MS})
  return 0
end
local wait = early > 0 and early + before * args.everyMs or math.max(early + due * args.everyMs, 50)
wait = math.ceil(math.min(wait, ${WAIT_MAX_MS}))
redis.call('ZADD', key.places, string.format('%.6f', place), args.what)
redis.call('ZADD', key.back, now + wait, args.what)
for _, kept in ipairs({ key.places, key.back, key.rounds }) do
  redis.call('PEXPIRE', kept, ${2 * GONE_MS})
end
return wait
`,
};
