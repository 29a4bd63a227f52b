// The scripts that count: what one person asks, and what one channel is sent.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";

const ASKS_WITHIN_MS = 60_000;

/**
 * Keys: asks, the times of the last ones. Arguments: most.
 * Results: 0, and it is counted; else how many milliseconds until it would be.
 */
export const TAKE_ASK: Script<"asks", number> = {
  name: "jitTakeAsk",
  keys: ["asks"],
  writes: true,
  result: z.number(),
  lua: `
local earliest = redis.call('LINDEX', key.asks, -args.most)
local waits = earliest and tonumber(earliest) + ${ASKS_WITHIN_MS} - now or 0
if waits > 0 then return waits end
redis.call('RPUSH', key.asks, string.format('%.0f', now))
redis.call('LTRIM', key.asks, -args.most, -1)
redis.call('PEXPIRE', key.asks, ${ASKS_WITHIN_MS})
return 0
`,
};

/** Slack allows about one message a second in a channel, and short bursts. https://docs.slack.dev/apis/web-api/rate-limits */
export const MESSAGE_EVERY_MS = 1_000;
export const BURST_MESSAGES = 3;

/**
 * Keys: rate: when the next message would be on time, were they sent evenly. Arguments: everyMs.
 * Results: 0, and the place is taken; else how many milliseconds to wait before asking again.
 */
export const TAKE_TURN: Script<"rate", number> = {
  name: "jitTakeTurn",
  keys: ["rate"],
  writes: true,
  result: z.number(),
  lua: `
local on_time = math.max(tonumber(redis.call('GET', key.rate) or 0), now)
local early = on_time - now - ${BURST_MESSAGES - 1} * args.everyMs
if early > 0 then return early end
local next = on_time + args.everyMs
redis.call('SET', key.rate, string.format('%.0f', next), 'PX', next - now)
return 0
`,
};
