// The scripts by which workers take what is due, give it back, and set aside what cannot be worked on.

import { z } from "zod";
import type { Script } from "./script.ts";
import { LEASES, NOTICES } from "./script-parts.ts";

const done = z.literal("done");
const claimed = z.tuple([
  z.number(),
  z.array(z.tuple([z.string(), z.number(), z.string(), z.array(z.string())])),
]);

/** A claim brings so many notices of a channel; the others follow in the next one. */
const NOTICES_AT_ONCE = 100;

/** Every claim sweeps up so many documents that nobody needs any more. */
const SWEPT_AT_ONCE = 10;
const SWEEP_AGAIN_MS = 24 * 3_600_000;

/**
 * Keys: what the work needs. Arguments: worker, leaseMs, most.
 * Results: now, and for each that is due and held by nobody else: member, claims so far with this one,
 *   document (empty where there is none) and the notices of a channel, oldest first.
 */
export const CLAIM: Script<
  "documents" | "due" | "held" | "aside" | "over" | "notices",
  z.output<typeof claimed>
> = {
  name: "jitClaim",
  keys: ["documents", "due", "held", "aside", "over", "notices"],
  writes: true,
  result: claimed,
  lua: `${LEASES}${NOTICES}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key.over, '-inf', now, 'LIMIT', 0, ${SWEPT_AT_ONCE})) do
  if redis.call('ZSCORE', key.due, id) then
    -- Over, but somebody has still to be told: not garbage yet.
    redis.call('ZADD', key.over, now + ${SWEEP_AGAIN_MS}, id)
  else
    redis.call('ZREM', key.over, id)
    redis.call('HDEL', key.documents, id)
    redis.call('HDEL', key.aside, id)
  end
end

local found = {}
local members = redis.call('ZRANGEBYSCORE', key.due, '-inf', now, 'LIMIT', 0, args.most)
for _, member in ipairs(members) do
  local before = lease_of(member)
  local claims = (before and before.claims or 0) + 1
  hold(member, { ms = args.leaseMs, claims = claims, worker = args.worker })
  local channel = string.match(member, '^n:(.+)$')
  if channel then
    local marks = marks_of(channel)
    if marks.last > 0 then
      marks.claimed = marks.first
      set_marks(channel, marks)
    end
    found[#found + 1] = { member, claims, '', notices_of(channel, ${NOTICES_AT_ONCE}) }
  else
    local document = redis.call('HGET', key.documents, member) or ''
    found[#found + 1] = { member, claims, document, {} }
  end
end
return { now, found }
`,
};

/**
 * Keys: documents, due, held. Arguments: id, worker, version: the one that the worker knows; dueAtMs of
 *   that version, unless nothing is outstanding.
 * Results: 1 where it is due at once, else 0. Nothing is changed where another worker holds it by now.
 */
export const RELEASE: Script<"documents" | "due" | "held", 0 | 1> = {
  name: "jitRelease",
  keys: ["documents", "due", "held"],
  writes: true,
  result: z.literal([0, 1]),
  lua: `${LEASES}
local lease = lease_of(args.id)
if not lease or lease.worker ~= args.worker then return 0 end
local stored = redis.call('HGET', key.documents, args.id)
if not stored then
  free(args.id, nil)
elseif tonumber(string.match(stored, '^(%d+)|')) ~= args.version then
  -- Written by somebody else meanwhile: look at it again at once.
  free(args.id, now)
  return 1
elseif args.dueAtMs and args.dueAtMs <= now then
  -- Due again without having been brought on: the claims count, lest it goes round for ever.
  free(args.id, args.dueAtMs, lease.claims)
  return 1
else
  free(args.id, args.dueAtMs)
end
return 0
`,
};

/**
 * Keys: due, held, notices. Arguments: channel, worker, count: how many of the oldest were posted;
 *   retryAtMs where something kept the others from it.
 * Results: done. Nothing is changed where another worker holds the channel by now.
 */
export const RELEASE_NOTICES: Script<"due" | "held" | "notices", "done"> = {
  name: "jitReleaseNotices",
  keys: ["due", "held", "notices"],
  writes: true,
  result: done,
  lua: `${LEASES}${NOTICES}
local member = 'n:' .. args.channel
local lease = lease_of(member)
if not lease or lease.worker ~= args.worker then return 'done' end
local left = drop_notices_before(args.channel, marks_of(args.channel).claimed + args.count)
if left == 0 then
  free(member, nil)
else
  free(member, args.retryAtMs or now + merge_ms)
end
return 'done'
`,
};

/**
 * Keys: due, held, aside, notices. Arguments: member, why.
 * Results: done. The notices of a channel go with it, so that later ones find the way free.
 */
export const SET_ASIDE: Script<"due" | "held" | "aside" | "notices", "done"> = {
  name: "jitSetAside",
  keys: ["due", "held", "aside", "notices"],
  writes: true,
  result: done,
  lua: `${LEASES}${NOTICES}
local text = string.format('%.0f|', now) .. args.why
local channel = string.match(args.member, '^n:(.+)$')
if channel then
  text = text .. '\\n' .. table.concat(notices_of(channel, 1 / 0), '\\n')
  redis.call('HSET', key.aside, args.member .. string.format(' %.0f', now), text)
  drop_notices_before(channel, 1 / 0)
else
  redis.call('HSET', key.aside, args.member, text)
end
free(args.member, nil)
return 'done'
`,
};

/**
 * Keys: aside. Results: what was set aside: member, since and why, member, since and why, …
 */
export const LIST_ASIDE: Script<"aside", readonly string[]> = {
  name: "jitListAside",
  keys: ["aside"],
  writes: false,
  result: z.array(z.string()),
  lua: `
return redis.call('HGETALL', key.aside)
`,
};

/** Keys: due, notices. Arguments: channel, notice. Results: done. */
export const NOTIFY: Script<"due" | "notices", "done"> = {
  name: "jitNotify",
  keys: ["due", "notices"],
  writes: true,
  result: done,
  lua: `${NOTICES}
add_notice(args.channel, args.notice)
return 'done'
`,
};
