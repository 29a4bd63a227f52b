// The scripts of the audit's stream: who sends, how far each receiver has got, and what comes next.

import { z } from "zod";
import { LEASE_IN_KEY } from "../leases/lease-in-key.ts";
import type { Script } from "../scripts/script.ts";
import { AUDIT } from "./audit-parts.ts";

/** Keys: streamed: hash of a receiver's digest → `<number> <seal>`. */
const POSITION = `
local function position_of(sink)
  local number, seal = string.match(redis.call('HGET', key.streamed, sink) or '', '^(%d+) (%S+)$')
  return tonumber(number or 0), seal or ''
end
`;

const looked = z.tuple([z.number(), z.literal([0, 1]), z.array(z.tuple([z.number(), z.string()]))]);

/**
 * Arguments: worker; leaseMs; sinks: digests. Results: now; whether the worker has the lease; and of each receiver
 * how many entries it hasn't got, and the text of the first of them.
 */
export const LOOK_TO_STREAM: Script<
  "audit" | "streamer" | "alive" | "streamed",
  z.output<typeof looked>
> = {
  name: "jitAuditLookToStream",
  keys: ["audit", "streamer", "alive", "streamed"],
  writes: true,
  result: looked,
  lua: `${AUDIT}${LEASE_IN_KEY}${POSITION}
local owner = owner_at(key.streamer)
local holds = 0
if not owner or owner == args.worker or lease_at(key.streamer) > now + args.leaseMs then
  holds = 1
  take_lease(key.streamer, args.worker, args.leaseMs)
end
local last = last_number(key.audit)
local sinks = {}
for i, sink in ipairs(args.sinks) do
  local number = position_of(sink)
  local first = redis.call('XRANGE', key.audit, string.format('%.0f-0', number + 1), '+', 'COUNT', 1)[1]
  local first_number = first and tonumber(string.match(first[1], '^%d+'))
  sinks[i] = { first and last - first_number + 1 or 0, first and first[2][2] or '' }
end
return { now, holds, sinks }
`,
};

const position = z.tuple([z.number(), z.string()]);

/** Arguments: sink: digest. Results: number and seal of the last entry that it has got; 0 and empty: none. */
export const POSITION_OF: Script<"streamed", z.output<typeof position>> = {
  name: "jitAuditPositionOf",
  keys: ["streamed"],
  writes: false,
  result: position,
  lua: `${POSITION}
local number, seal = position_of(args.sink)
return { number, seal }
`,
};

const next = z.tuple([z.literal([0, 1]), z.array(z.string())]);

/**
 * Arguments: number and seal: a position, 0: the beginning; most.
 * Results: whether what is sealed under that number is that; number, seal and text of the sealed entries that come
 * next, text empty where there is none.
 */
export const NEXT_TO_STREAM: Script<"audit" | "seals" | "chain", z.output<typeof next>> = {
  name: "jitAuditNextToStream",
  keys: ["audit", "seals", "chain"],
  writes: false,
  result: next,
  lua: `
local id = string.format('%.0f-0', args.number)
local at = redis.call('XRANGE', key.seals, id, id)[1]
local seal = at and at[2][2]
if not seal then
  local number, checked = string.match(redis.call('HGET', key.chain, 'checkpoint') or '', '^(%d+) (%S+) ')
  if tonumber(number or 0) == args.number then seal = checked or args.seal end
end
if seal ~= args.seal then return { 0, {} } end
local from = string.format('%.0f-0', args.number + 1)
local seals = redis.call('XRANGE', key.seals, from, '+', 'COUNT', args.most)
local found = {}
if #seals == 0 then return { 1, found } end
local texts = {}
for _, entry in ipairs(redis.call('XRANGE', key.audit, from, seals[#seals][1])) do texts[entry[1]] = entry[2][2] end
for _, sealed in ipairs(seals) do
  found[#found + 1] = string.match(sealed[1], '^%d+')
  found[#found + 1] = sealed[2][2]
  found[#found + 1] = texts[sealed[1]] or ''
end
return { 1, found }
`,
};

/** Arguments: number. Results: number and seal of the last sealed entry up to it, or of the checkpoint; 0 and empty: neither. */
export const HEAD_AT: Script<"seals" | "chain", z.output<typeof position>> = {
  name: "jitAuditHeadAt",
  keys: ["seals", "chain"],
  writes: false,
  result: position,
  lua: `
local last = redis.call('XREVRANGE', key.seals, string.format('%.0f', args.number), '-', 'COUNT', 1)[1]
if last then return { tonumber(string.match(last[1], '^%d+')), last[2][2] } end
local number, seal = string.match(redis.call('HGET', key.chain, 'checkpoint') or '', '^(%d+) (%S+) ')
return { tonumber(number or 0), seal or '' }
`,
};

/** Arguments: worker; sink: digest; position: \`<number> <seal>\`. Results: kept; lost: another worker has the lease. */
export const KEEP_POSITION: Script<"streamer" | "alive" | "streamed", "kept" | "lost"> = {
  name: "jitAuditKeepPosition",
  keys: ["streamer", "alive", "streamed"],
  writes: true,
  result: z.enum(["kept", "lost"]),
  lua: `${LEASE_IN_KEY}
if not is_last_owner(key.streamer, args.worker) then return 'lost' end
redis.call('HSET', key.streamed, args.sink, args.position)
return 'kept'
`,
};

/** Arguments: sinks: digests. Results: the last number that all of them have got. */
export const SENT_UNTIL: Script<"streamed", number> = {
  name: "jitAuditSentUntil",
  keys: ["streamed"],
  writes: false,
  result: z.number(),
  lua: `${POSITION}
local least
for _, sink in ipairs(args.sinks) do
  local number = position_of(sink)
  if not least or number < least then least = number end
end
return least or 0
`,
};
