// The scripts beside the requests: doors, locks, the audit of what changed nothing, each channel's rate.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES } from "../scripts/script-parts.ts";

/**
 * More keys: the doors. Results: for each door the ids and ends of the live grants on it: id, end, id, …
 */
export const HOLDERS: Script<never, readonly (readonly string[])[]> = {
  name: "jitHolders",
  keys: [],
  writes: false,
  result: z.array(z.array(z.string())),
  lua: `
local found = {}
for i, door in ipairs(more) do found[i] = redis.call('ZRANGE', door, 0, -1, 'WITHSCORES') end
return found
`,
};

/** Keys: delivery. Arguments: delivered. Results: first; repeated. */
export const FIRST_DELIVERY: Script<"delivery", "first" | "repeated"> = {
  name: "jitFirstDelivery",
  keys: ["delivery"],
  writes: true,
  result: z.enum(["first", "repeated"]),
  lua: `${DELIVERIES}
if is_repeated() then return 'repeated' end
note_delivery()
return 'first'
`,
};

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

/** Keys: due, which only says where in a cluster the tenant lives: that one's clock counts. Results: now. */
export const NOW: Script<"due", number> = {
  name: "jitNow",
  keys: ["due"],
  writes: false,
  result: z.number(),
  lua: "return now",
};

/** Nobody looks for it: it is there to be written. */
const PROBE_KEPT_MS = 60_000;

/** Keys: probe. Results: done. A Redis that answers may refuse every write. */
export const PROBE: Script<"probe", "done"> = {
  name: "jitProbe",
  keys: ["probe"],
  writes: true,
  result: z.literal("done"),
  lua: `
redis.call('SET', key.probe, string.format('%.0f', now), 'PX', ${PROBE_KEPT_MS})
return 'done'
`,
};
