// The scripts of the sealer. Its lease keeps replicas from doing the same work; what keeps the chain from
// forking is that seals are only ever added after the head that they were made from.

import { z } from "zod";
import { LEASE_IN_KEY } from "../leases/lease-in-key.ts";
import type { Script } from "../scripts/script.ts";
import { AUDIT, FLOODS, HEAD } from "./audit-parts.ts";

const looked = z.tuple([
  z.number(),
  z.literal([0, 1]),
  z.tuple([z.number(), z.string(), z.string(), z.string()]),
  z.string(),
  z.tuple([z.number(), z.string()]),
  z.number(),
  z.string(),
  z.string(),
]);

type Written = "audit" | "people" | "texts" | "marks" | "floods";

/**
 * Keys: sealer: `<lease ends>|<worker>`; alive. Arguments: worker; leaseMs; forced: takes the lease from anyone who has
 *   it; known: a number whose seal is asked for.
 * Results: now; whether the worker has the lease; the head: number, seal (empty where there is none), its entry,
 *   the seal before it; the seal of the known one; the first entry after the head: number (0 where there is
 *   none), text; the last number that was given; the keys; the checkpoint.
 * A lease that ends later than any that is given wasn't given: nobody stops the sealing with it.
 */
export const LOOK_TO_SEAL: Script<
  Written | "sealer" | "alive" | "seals" | "chain",
  z.output<typeof looked>
> = {
  name: "jitAuditLookToSeal",
  keys: ["audit", "people", "texts", "marks", "floods", "sealer", "alive", "seals", "chain"],
  writes: true,
  result: looked,
  lua: `${AUDIT}${FLOODS}${HEAD}${LEASE_IN_KEY}
local owner = owner_at(key.sealer)
local is_leased = owner and owner ~= args.worker and lease_at(key.sealer) <= now + args.leaseMs
local holds = 0
if args.forced or not is_leased then
  holds = 1
  take_lease(key.sealer, args.worker, args.leaseMs)
  -- No refusal is counted into it any more: its sum is written.
  end_floods(function(_, flood) return now >= flood.since + window_ms end)
end

local number, seal = head()
local last = last_number(key.audit)
if holds == 1 and last < number then
  -- Entries went together with their numbers. The next ones get others, so that they are sealed.
  redis.call('XADD', key.audit, string.format('%.0f-0', number), 'e', '')
  redis.call('XDEL', key.audit, string.format('%.0f-0', number))
end
local id = string.format('%.0f-0', number)
local sealed = redis.call('XRANGE', key.audit, id, id)[1]
local earlier = number > 0
  and redis.call('XREVRANGE', key.seals, string.format('%.0f', number - 1), '-', 'COUNT', 1)[1]
local before = earlier and earlier[2][2]
local checkpoint = redis.call('HGET', key.chain, 'checkpoint') or ''
if not before then before = string.match(checkpoint, '^%d+ (%S+) ') or '' end
local known = args.known and string.format('%.0f-0', args.known)
known = known and redis.call('XRANGE', key.seals, known, known)[1]
local first = first_after(number)
local keys = redis.call('HGET', key.chain, 'keys') or ''
return {
  now, holds, { number, seal, sealed and sealed[2][2] or '', before }, known and known[2][2] or '',
  { first and tonumber(string.match(first[1], '^%d+')) or 0, first and first[2][2] or '' }, last, keys, checkpoint,
}
`,
};

/**
 * Arguments: after and seal: the head that these follow; seals: number and seal, number and seal, …; passed:
 *   the numbers of what isn't sealed; keys and checkpoint, where they are others than before.
 * Results: sealed; lost where the head is another by now: no lease has to hold for the chain not to fork.
 */
export const APPEND_SEALS: Script<"marks" | "seals" | "chain", "sealed" | "lost"> = {
  name: "jitAuditAppendSeals",
  keys: ["marks", "seals", "chain"],
  writes: true,
  result: z.enum(["sealed", "lost"]),
  lua: `${HEAD}
local number, seal = head()
if number ~= args.after or seal ~= args.seal then return 'lost' end
local info = redis.pcall('XINFO', 'STREAM', key.seals)
if #info > 0 then
  -- Where somebody deleted seals, the same numbers are sealed again: from the same entries come the same seals.
  redis.call('XSETID', key.seals, string.format('%.0f-0', number))
end
for i = 1, #args.seals, 2 do
  local sealed = string.format('%.0f', args.seals[i])
  redis.call('XADD', key.seals, sealed .. '-0', 's', args.seals[i + 1])
  redis.call('HDEL', key.marks, sealed)
end
for _, passed in ipairs(args.passed) do redis.call('HDEL', key.marks, string.format('%.0f', passed)) end
if args.keys then redis.call('HSET', key.chain, 'keys', args.keys) end
if args.checkpoint then redis.call('HSET', key.chain, 'checkpoint', args.checkpoint) end
return 'sealed'
`,
};

/**
 * Arguments: worker; number and seal of the last entry that goes; checkpoint: its text.
 * Results: trimmed; lost where its seal is another, or another worker has the lease.
 */
export const TRIM: Script<
  "audit" | "texts" | "marks" | "sealer" | "seals" | "chain",
  "trimmed" | "lost"
> = {
  name: "jitAuditTrim",
  keys: ["audit", "texts", "marks", "sealer", "seals", "chain"],
  writes: true,
  result: z.enum(["trimmed", "lost"]),
  lua: `${HEAD}${LEASE_IN_KEY}
local id = string.format('%.0f-0', args.number)
local sealed = redis.call('XRANGE', key.seals, id, id)[1]
if not is_last_owner(key.sealer, args.worker) or not sealed or sealed[2][2] ~= args.seal then return 'lost' end
for _, entry in ipairs(redis.call('XRANGE', key.audit, '-', id)) do
  local number = string.match(entry[1], '^%d+')
  redis.call('HDEL', key.texts, number)
  redis.call('HDEL', key.marks, number)
end
redis.call('HSET', key.chain, 'checkpoint', args.checkpoint)
local first = string.format('%.0f-0', args.number + 1)
redis.call('XTRIM', key.audit, 'MINID', first)
redis.call('XTRIM', key.seals, 'MINID', first)
return 'trimmed'
`,
};

/** How many are looked at in one step. */
const FORGOTTEN_AT_ONCE = 200;

/**
 * Arguments: cursor. Results: the next cursor; 0: it was the last.
 * Those whose last entry was trimmed are forgotten: people, and the tombstones of people.
 */
export const FORGET_PEOPLE: Script<"people" | "chain", string> = {
  name: "jitAuditForgetPeople",
  keys: ["people", "chain"],
  writes: true,
  result: z.string(),
  lua: `
local trimmed = tonumber(string.match(redis.call('HGET', key.chain, 'checkpoint') or '', '^%d+') or 0)
local scanned = redis.call('HSCAN', key.people, args.cursor, 'COUNT', ${FORGOTTEN_AT_ONCE})
for i = 1, #scanned[2], 2 do
  local field, value = scanned[2][i], scanned[2][i + 1]
  local reference, last = string.match(value, '^([^|]*)|[^|]*|(%d+)')
  if last and tonumber(last) <= trimmed then
    redis.call('HDEL', key.people, field)
    if string.sub(field, 1, 2) == 'u:' then redis.call('HDEL', key.people, reference) end
  end
end
return scanned[1]
`,
};
