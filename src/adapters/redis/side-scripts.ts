// The scripts beside the requests: doors, locks, the audit of what changed nothing, each channel's rate.

import { z } from "zod";
import { AUDIT, FLOODS } from "./audit-parts.ts";
import type { Script } from "./script.ts";
import { DELIVERIES, LIFE } from "./script-parts.ts";

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

/** A lock is garbage some time after it ran out: whether it holds is read off its text, by the one clock. */
const LOCK_GARBAGE_MS = 60_000;

/**
 * Keys: lock, alive. Arguments: worker, leaseMs; isRenewal: only if the worker has held it all the time.
 * Results: 1 where the worker holds it from now on, 0 where another one does, or its replica does not live.
 */
export const LOCK: Script<"lock" | "alive", 0 | 1> = {
  name: "jitLock",
  keys: ["lock", "alive"],
  writes: true,
  result: z.literal([0, 1]),
  lua: `${LIFE}
local owner = lease_in(redis.call('GET', key.lock))
if owner ~= args.worker and (owner or args.isRenewal) then return 0 end
if not is_alive(args.worker) then return 0 end
local text = string.format('%.0f|%s', now + args.leaseMs, args.worker)
redis.call('SET', key.lock, text, 'PX', args.leaseMs + ${LOCK_GARBAGE_MS})
return 1
`,
};

/** Keys: lock. Arguments: worker. Results: done. Another worker's lock stays. */
export const UNLOCK: Script<"lock", "done"> = {
  name: "jitUnlock",
  keys: ["lock"],
  writes: true,
  result: z.literal("done"),
  lua: `
local owner = string.match(redis.call('GET', key.lock) or '', '^%d+|(.*)$')
if owner == args.worker then redis.call('DEL', key.lock) end
return 'done'
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

/**
 * Keys: those of the audit, delivery. Arguments: note; flood: field, sum and several, where many may come; delivered.
 * Results: recorded, be it by counting; repeated.
 */
export const RECORD: Script<
  "audit" | "people" | "texts" | "marks" | "floods" | "delivery",
  "recorded" | "repeated"
> = {
  name: "jitRecord",
  keys: ["audit", "people", "texts", "marks", "floods", "delivery"],
  writes: true,
  result: z.enum(["recorded", "repeated"]),
  lua: `${AUDIT}${FLOODS}${DELIVERIES}
if is_repeated() then return 'repeated' end
local flood = args.flood
if not (flood and is_flooded(flood.field, flood.sum, flood.several)) then append_audit({ args.note }) end
note_delivery()
return 'recorded'
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
