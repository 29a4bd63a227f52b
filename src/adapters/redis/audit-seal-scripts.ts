// The scripts of the sealer. Its lease keeps replicas from doing the same work; what keeps the chain from
// forking is that seals are only ever added after the head that they were made from.

import { z } from "zod";
import { AUDIT, FLOODS } from "./audit-parts.ts";
import type { Script } from "./script.ts";

/** A lease is garbage some time after it ran out: whether it holds is read off its text, by the one clock. */
const LEASE_GARBAGE_MS = 60_000;

/**
 * Keys: sealer: `<lease ends>|<worker>`; seals: stream of `<sequence>-0`; chain: hash of keys, checkpoint.
 * The head of the chain is its last seal, or the checkpoint where everything sealed is trimmed away.
 */
const HEAD = `
local function owns(worker)
  local owner = string.match(redis.call('GET', key.sealer) or '', '^%d+|(.*)$')
  return owner == worker
end

local function head()
  local last = redis.call('XREVRANGE', key.seals, '+', '-', 'COUNT', 1)[1]
  if last then return tonumber(string.match(last[1], '^%d+')), last[2][2] end
  local number, seal = string.match(redis.call('HGET', key.chain, 'checkpoint') or '', '^(%d+) (%S+) ')
  return tonumber(number or 0), seal or ''
end
`;

const unsealed = z.tuple([
  z.number(),
  z.number(),
  z.string(),
  z.string(),
  z.string(),
  z.array(z.string()),
]);

type Written = "audit" | "people" | "texts" | "floods";

/**
 * Arguments: worker, leaseMs, most.
 * Results: now (0 where another worker has the lease: then nothing else); the head's number and seal (empty
 *   where there is none); the keys; the checkpoint; id and entry, id and entry, … after the head.
 */
export const TAKE_UNSEALED: Script<
  Written | "sealer" | "seals" | "chain",
  z.output<typeof unsealed>
> = {
  name: "jitAuditTakeUnsealed",
  keys: ["audit", "people", "texts", "floods", "sealer", "seals", "chain"],
  writes: true,
  result: unsealed,
  lua: `${AUDIT}${FLOODS}${HEAD}
local ends = string.match(redis.call('GET', key.sealer) or '', '^(%d+)|')
if ends and tonumber(ends) > now and not owns(args.worker) then return { 0, 0, '', '', '', {} } end
local lease = string.format('%.0f|%s', now + args.leaseMs, args.worker)
redis.call('SET', key.sealer, lease, 'PX', args.leaseMs + ${LEASE_GARBAGE_MS})

-- No refusal is counted into it any more: its sum is written.
end_floods(function(_, flood) return now >= flood.since + window_ms end)

local number, seal = head()
local found = {}
local after = string.format('%.0f-0', number + 1)
for _, entry in ipairs(redis.call('XRANGE', key.audit, after, '+', 'COUNT', args.most)) do
  found[#found + 1] = entry[1]
  found[#found + 1] = entry[2][2]
end
local keys = redis.call('HGET', key.chain, 'keys') or ''
local checkpoint = redis.call('HGET', key.chain, 'checkpoint') or ''
return { now, number, seal, keys, checkpoint, found }
`,
};

/**
 * Arguments: worker; after and seal: the head that these follow; seals: number and seal, number and seal, …;
 *   keys, where they are others than before.
 * Results: sealed; lost where the head is another by now, or another worker has the lease.
 */
export const APPEND_SEALS: Script<"sealer" | "seals" | "chain", "sealed" | "lost"> = {
  name: "jitAuditAppendSeals",
  keys: ["sealer", "seals", "chain"],
  writes: true,
  result: z.enum(["sealed", "lost"]),
  lua: `${HEAD}
local number, seal = head()
if not owns(args.worker) or number ~= args.after or seal ~= args.seal then return 'lost' end
local info = redis.pcall('XINFO', 'STREAM', key.seals)
if #info > 0 then
  -- Where somebody deleted seals, the same numbers are sealed again: from the same entries come the same seals.
  redis.call('XSETID', key.seals, string.format('%.0f-0', number))
end
for i = 1, #args.seals, 2 do
  redis.call('XADD', key.seals, string.format('%.0f-0', args.seals[i]), 's', args.seals[i + 1])
end
if args.keys then redis.call('HSET', key.chain, 'keys', args.keys) end
return 'sealed'
`,
};

/**
 * Arguments: worker; number and seal of the last entry that goes; checkpoint: its text.
 * Results: trimmed; lost where its seal is another, or another worker has the lease.
 */
export const TRIM: Script<"audit" | "texts" | "sealer" | "seals" | "chain", "trimmed" | "lost"> = {
  name: "jitAuditTrim",
  keys: ["audit", "texts", "sealer", "seals", "chain"],
  writes: true,
  result: z.enum(["trimmed", "lost"]),
  lua: `${HEAD}
local id = string.format('%.0f-0', args.number)
local sealed = redis.call('XRANGE', key.seals, id, id)[1]
if not owns(args.worker) or not sealed or sealed[2][2] ~= args.seal then return 'lost' end
for _, entry in ipairs(redis.call('XRANGE', key.audit, '-', id)) do
  redis.call('HDEL', key.texts, string.match(entry[1], '^%d+'))
end
redis.call('HSET', key.chain, 'checkpoint', args.checkpoint)
local first = string.format('%.0f-0', args.number + 1)
redis.call('XTRIM', key.audit, 'MINID', first)
redis.call('XTRIM', key.seals, 'MINID', first)
return 'trimmed'
`,
};

/** So many are looked at in one step. */
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
