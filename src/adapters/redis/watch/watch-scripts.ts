// The scripts of the watch: its turns, and what was told of the Activity Log.

import { z } from "zod";
import { DAY_MS } from "../../../domain/text/duration.ts";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { LIFE, NOTICES } from "../scripts/script-parts.ts";

const taken = z.union([z.tuple([z.number()]), z.tuple([z.number(), z.number(), z.string()])]);

/**
 * Keys: watch, alive. Arguments: worker, everyMs, leaseMs.
 * Results: how long to wait; or 0, now, and what END_TURN kept, or nothing.
 */
export const TAKE_WATCH: Script<"watch" | "alive", z.output<typeof taken>> = {
  name: "jitTakeWatch",
  keys: ["watch", "alive"],
  writes: true,
  result: taken,
  lua: `${LIFE}
local next = redis.call('HGET', key.watch, 'next')
if not next then
  next = now + args.everyMs
  redis.call('HSET', key.watch, 'next', string.format('%.0f', next))
end
-- Where the times were set closer together, the old next one is not waited for.
local wait = math.min(tonumber(next) - now, math.max(args.everyMs, args.leaseMs))
if not is_alive(args.worker) then return { math.max(wait, 1000) } end
-- Who asks is not at it: the one that was told so and did not hear it takes it again. So does anybody where it died.
local owner = redis.call('HGET', key.watch, 'worker')
local is_free = owner and (owner == args.worker or not is_alive(owner))
if wait > 0 and not is_free then return { wait } end
redis.call('HSET', key.watch, 'next', string.format('%.0f', now + args.leaseMs), 'worker', args.worker)
return { 0, now, redis.call('HGET', key.watch, 'read') or '' }
`,
};

/** Keys: watch. Arguments: worker, nextAtMs; the text to keep. Results: done. One whose turn is over writes nothing. */
export const END_WATCH: Script<"watch", "done"> = {
  name: "jitEndWatch",
  keys: ["watch"],
  writes: true,
  result: z.literal("done"),
  lua: `
if redis.call('HGET', key.watch, 'worker') == args.worker then
  redis.call('HSET', key.watch, 'next', string.format('%.0f', args.nextAtMs), 'read', ARGV[3])
  redis.call('HDEL', key.watch, 'worker')
end
return 'done'
`,
};

/** Keys: activities. Arguments: marks. Results: those of them that aren't there. */
export const UNSEEN: Script<"activities", readonly string[]> = {
  name: "jitUnseen",
  keys: ["activities"],
  writes: false,
  result: z.array(z.string()),
  lua: `
local found = {}
for _, mark in ipairs(args.marks) do
  if not redis.call('ZSCORE', key.activities, mark) then found[#found + 1] = mark end
end
return found
`,
};

/** Keys: activities. Arguments: marks: pairs of mark and time. Results: done. */
export const REMEMBER: Script<"activities", "done"> = {
  name: "jitRememberSeen",
  keys: ["activities"],
  writes: true,
  result: z.literal("done"),
  lua: `
for _, one in ipairs(args.marks) do redis.call('ZADD', key.activities, one[2], one[1]) end
return 'done'
`,
};

/** Longer than the log is ever read back: an event is told once, and its mark is garbage after this. */
const MARKS_KEPT_MS = 8 * DAY_MS;

const told = z.enum(["told", "repeated"]);

/**
 * Keys: activities, those of the audit and of notices. Arguments: marks, atMs, notes, notices: pairs of
 * channel and notice. Results: told; repeated: nothing was written.
 */
export const TELL_SEEN: Script<
  "activities" | "audit" | "people" | "texts" | "marks" | "due" | "notices",
  z.output<typeof told>
> = {
  name: "jitTellSeen",
  keys: ["activities", "audit", "people", "texts", "marks", "due", "notices"],
  writes: true,
  result: told,
  lua: `${AUDIT}${NOTICES}
for _, mark in ipairs(args.marks) do
  if redis.call('ZSCORE', key.activities, mark) then return 'repeated' end
end
for _, mark in ipairs(args.marks) do redis.call('ZADD', key.activities, args.atMs, mark) end
redis.call('ZREMRANGEBYSCORE', key.activities, '-inf', now - ${MARKS_KEPT_MS})
append_audit(args.notes)
for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
return 'told'
`,
};
