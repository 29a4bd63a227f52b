// The scripts by which workers take what is due, and give it back.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { LEASES, NOTICES } from "../scripts/script-parts.ts";

const done = z.literal("done");
const looked = z.tuple([
  z.number(),
  z.array(z.tuple([z.string(), z.number(), z.literal([0, 1]), z.string(), z.array(z.string())])),
  z.number(),
  z.number(),
  z.number(),
]);

/** A claim brings this many notices of a channel; the others follow in the next one. */
const NOTICES_AT_ONCE = 100;

/** Every cleaning takes up this many documents that nobody needs any more. */
const SWEPT_AT_ONCE = 10;
const CLEAN_AGAIN_MS = 24 * 3_600_000;

/** How many replicas that are gone are looked at in one step: the others in the next. */
const GONE_AT_ONCE = 10;

/**
 * Keys: what the work needs. Arguments: worker; leaseMs; most; lifeMs: the worker's replica lives, and may be
 *   presumed gone when it isn't heard of for this long; lost: earlier owners whose claims brought no answer;
 *   removesGarbage: deletes some documents that are garbage.
 * Results: now; for each that is due and held by nobody else: member, how often it failed, whether nobody
 *   knows how the last one fared who held it, document (empty where there is none) and the notices of a
 *   channel, oldest first; in how many milliseconds there is something to look for, -1: nobody knows; how many
 *   replicas were found gone, whose leases are free from now on, and how many leases those were.
 */
export const CLAIM: Script<
  "documents" | "due" | "held" | "parked" | "over" | "notices" | "alive" | "wake",
  z.output<typeof looked>
> = {
  name: "jitClaim",
  keys: ["documents", "due", "held", "parked", "over", "notices", "alive", "wake"],
  writes: true,
  result: looked,
  lua: `${LEASES}${NOTICES}
if args.lifeMs then
  redis.call('ZADD', key.alive, string.format('%.0f', real_now + args.lifeMs), replica_of(args.worker))
end

local next_in
local function look_in(ms)
  if not next_in or ms < next_in then next_in = math.max(ms, 0) end
end

local gone, said_so, gone_count, taken_over = {}, {}, 0, 0
local lives = redis.call('ZRANGE', key.alive, 0, ${GONE_AT_ONCE}, 'WITHSCORES')
for i = 1, #lives, 2 do
  local until_ms = tonumber(lives[i + 1])
  if until_ms > real_now then
    look_in(until_ms - real_now + 1)
    break
  end
  gone[lives[i]], said_so[lives[i]] = true, until_ms == 0
  gone_count = gone_count + 1
end
if gone_count > 0 then
  taken_over = give_back(
    function(owner) return gone[replica_of(owner)] end,
    function(owner) return said_so[replica_of(owner)] end
  )
  for replica in pairs(gone) do redis.call('ZREM', key.alive, replica) end
end
if args.lost then
  local lost = {}
  for _, owner in ipairs(args.lost) do lost[owner] = true end
  give_back(function(owner) return lost[owner] end, function() return true end)
end

if args.removesGarbage then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key.over, '-inf', now, 'LIMIT', 0, ${SWEPT_AT_ONCE})) do
    if redis.call('ZSCORE', key.due, id) then
      -- Over, but somebody has still to be told: not garbage yet.
      redis.call('ZADD', key.over, now + ${CLEAN_AGAIN_MS}, id)
    else
      redis.call('ZREM', key.over, id)
      redis.call('HDEL', key.documents, id)
      redis.call('HDEL', key.parked, id)
    end
  end
end

local found = {}
local members = redis.call('ZRANGE', key.due, 0, args.most, 'WITHSCORES')
for i = 1, #members, 2 do
  local member, due = members[i], tonumber(members[i + 1])
  if due > now or #found >= args.most then
    look_in(due - now)
    break
  end
  local before = lease_of(member)
  local failures = before and failures_with(before) or 0
  local is_suspect = before and 1 or 0
  hold(member, { ms = args.leaseMs, failures = failures, worker = args.worker, begun = false })
  local channel = string.match(member, '^n:(.+)$')
  if channel then
    local marks = marks_of(channel)
    if marks.last > 0 then
      marks.claimed = marks.first
      set_marks(channel, marks)
    end
    found[#found + 1] = { member, failures, is_suspect, '', notices_of(channel, ${NOTICES_AT_ONCE}) }
  else
    local document = redis.call('HGET', key.documents, member) or ''
    found[#found + 1] = { member, failures, is_suspect, document, {} }
  end
end
return { now, found, next_in or -1, gone_count, taken_over }
`,
};

/**
 * Keys: documents, due, held. Arguments: id, worker, version: the one that the worker knows; dueAtMs of
 *   that version, unless nothing is outstanding; stuckForMs: how long it rests where nothing brings it on.
 * Results: 1 where it is due at once, else 0. Nothing is changed where another worker holds it by now.
 */
export const RELEASE: Script<"documents" | "due" | "held" | "wake", 0 | 1> = {
  name: "jitRelease",
  keys: ["documents", "due", "held", "wake"],
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
  -- Due again without having been brought on: it counts, lest it goes round for ever, and rests from the second time on.
  local rests_ms = lease.failures > 0 and args.stuckForMs or 0
  free(args.id, now + rests_ms, lease.failures + 1)
  return rests_ms == 0 and 1 or 0
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
export const RELEASE_NOTICES: Script<"due" | "held" | "notices" | "wake", "done"> = {
  name: "jitReleaseNotices",
  keys: ["due", "held", "notices", "wake"],
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
