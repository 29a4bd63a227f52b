// The scripts that write and read requests.

import { z } from "zod";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES, LEASES, NOTICES, WRITE } from "../scripts/script-parts.ts";
import { BRAKE, type BrakeKey } from "./brake-part.ts";

const WRITE_KEYS = [
  ...(["documents", "due", "held", "parked", "over", "pending", "open", "toReview"] as const),
  ...([
    "alive",
    "wake",
    "notices",
    "audit",
    "people",
    "texts",
    "marks",
    "trails",
    "mine",
    "live",
    "delivery",
  ] as const),
] as const;

type WriteKey = (typeof WRITE_KEYS)[number];

/** Keys: live, parked. What the person has open, and pending, beside this one. */
const COUNTS = `
local function live_counts()
  local counts = { o = 0, p = 0 }
  local live = redis.call('HGETALL', key.live)
  for i = 1, #live, 2 do
    -- What is parked is never over; it must not lock the person out for good.
    if live[i] ~= args.id and redis.call('HEXISTS', key.parked, live[i]) == 0 then
      counts[live[i + 1]] = counts[live[i + 1]] + 1
    end
  end
  return counts
end
`;

const created = z.tuple([
  z.enum(["created", "repeated", "id-taken", "too-many-open", "too-many-pending"]),
  z.number(),
]);
const committed = z.tuple([
  z.enum(["written", "conflict", "repeated", "frozen", "too-many-open"]),
  z.number(),
  z.number(),
  z.number(),
]);

/**
 * Keys: all that a request stands in, and its doors where it may have any.
 * Arguments: id; index: pending, open or over; toReview: whether a review isn't closed; askedAtMs; dueAtMs unless nothing is outstanding; doorsHeld,
 *   and untilMs where it is live; parked: since when and why, of a dead letter; audit: notes; notices: pairs of channel and notice; delivered;
 *   openMax, pendingMax; along: the index of each that is made right after it. ARGV[3]: the document without its version.
 * Results: created, now; repeated; id-taken; too-many-open or too-many-pending, how many there are.
 */
export const CREATE: Script<WriteKey, z.output<typeof created>> = {
  name: "jitCreate",
  keys: WRITE_KEYS,
  writes: true,
  result: created,
  lua: `${LEASES}${AUDIT}${NOTICES}${DELIVERIES}${WRITE}${COUNTS}
if is_repeated() then return { 'repeated', 0 } end
if redis.call('HEXISTS', key.documents, args.id) == 1 then return { 'id-taken', 0 } end
local counts = live_counts()
local opens, waits = counts.o, counts.p
for _, index in ipairs({ args.index, unpack(args.along) }) do
  if opens >= args.openMax then return { 'too-many-open', counts.o } end
  if index == 'pending' and waits >= args.pendingMax then return { 'too-many-pending', counts.p } end
  if index == 'pending' then waits = waits + 1 else opens = opens + 1 end
end

-- Each new one sweeps up to four old ones whose documents are gone.
for _, id in ipairs(redis.call('ZRANGE', key.mine, 0, 3)) do
  if redis.call('HEXISTS', key.documents, id) == 0 then redis.call('ZREM', key.mine, id) end
end
write_request(1)
free(args.id, args.dueAtMs)
append_audit(args.audit)
for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
note_delivery()
return { 'created', now }
`,
};

/**
 * Keys and arguments as for create, those of the brake, and version: the stored one that this replaces; worker:
 *   who holds it; givesBack, if it holds it no longer from then on; openMax, where it takes a place among what the
 *   person has open.
 * Results: written, the new version, now, for how long the worker is sure to hold it; conflict; repeated;
 *   frozen: it would open; too-many-open, how many there are.
 */
export const COMMIT: Script<WriteKey | BrakeKey, z.output<typeof committed>> = {
  name: "jitCommit",
  keys: [...WRITE_KEYS, "freeze", "underway", "openings"],
  writes: true,
  result: committed,
  lua: `${LEASES}${AUDIT}${NOTICES}${DELIVERIES}${WRITE}${COUNTS}${BRAKE}
if is_repeated() then return { 'repeated', 0, 0, 0 } end
local stored = redis.call('HGET', key.documents, args.id)
if not stored or tonumber(string.match(stored, '^(%d+)|')) ~= args.version then
  return { 'conflict', 0, 0, 0 }
end
if args.openMax then
  local open = live_counts().o
  if open >= args.openMax then return { 'too-many-open', open, 0, 0 } end
end
if args.opens and not may_open() then return { 'frozen', 0, 0, 0 } end
note_underway()

write_request(args.version + 1)
local lease, holds_ms = lease_of(args.id), 0
if lease and args.worker and lease.worker == args.worker and not args.givesBack then
  hold(args.id, { ms = lease.ms, failures = 0, worker = lease.worker, begun = true })
  holds_ms = holds_for(lease_of(args.id), args.worker)
elseif lease and args.worker and lease.worker == args.worker then
  free(args.id, args.dueAtMs)
elseif not lease or holds_for(lease, lease.worker) == 0 then
  free(args.id, args.dueAtMs, lease and failures_with(lease))
end
-- Else another worker holds it. It keeps it, and gives it back with an older version: due at once.
append_audit(args.audit)
for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
note_delivery()
return { 'written', args.version + 1, now, holds_ms }
`,
};

/**
 * Keys: documents. Arguments: id.
 * Results: now, and the document with its version; empty where there is none.
 */
export const READ: Script<"documents", readonly [number, string]> = {
  name: "jitRead",
  keys: ["documents"],
  writes: false,
  result: z.tuple([z.number(), z.string()]),
  lua: `
return { now, redis.call('HGET', key.documents, args.id) or '' }
`,
};

/**
 * Keys: documents, index: a sorted set of request ids. Arguments: skip, most.
 * Results: the documents of the newest but the first `skip`, newest first. Ids whose documents are gone leave the index.
 */
export const LIST: Script<"documents" | "index", readonly string[]> = {
  name: "jitList",
  keys: ["documents", "index"],
  writes: true,
  result: z.array(z.string()),
  lua: `
local ids = redis.call('ZREVRANGE', key.index, args.skip, args.skip + args.most - 1)
local found = {}
for _, id in ipairs(ids) do
  local document = redis.call('HGET', key.documents, id)
  if document then
    found[#found + 1] = id
    found[#found + 1] = document
  else
    redis.call('ZREM', key.index, id)
  end
end
return found
`,
};
