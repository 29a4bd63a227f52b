// The scripts that read the audit, and those that erase a person from what stands beside it.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { AUDIT, FLOODS, HEAD } from "./audit-parts.ts";
import { ROWS, rows } from "./row-parts.ts";

const chain = z.tuple([z.number(), z.number(), z.string(), z.string(), z.number(), z.string()]);

/** Results: now; the last number that was given; the keys; the checkpoint; the first entry that isn't sealed: number, 0 where there is none, and text. */
export const CHAIN: Script<"audit" | "seals" | "chain", z.output<typeof chain>> = {
  name: "jitAuditChain",
  keys: ["audit", "seals", "chain"],
  writes: false,
  result: chain,
  lua: `${AUDIT}${HEAD}
local last = math.max(last_number(key.audit), last_number(key.seals))
local keys = redis.call('HGET', key.chain, 'keys') or ''
local checkpoint = redis.call('HGET', key.chain, 'checkpoint') or ''
local first = first_after(head())
return { now, last, keys, checkpoint, first and tonumber(string.match(first[1], '^%d+')) or 0, first and first[2][2] or '' }
`,
};

/** The bot gives no numbers in between; a few are brought, so that they are noticed. */
const FOREIGN_MAX = 100;

/**
 * Arguments: first, last: the numbers, at most some hundred.
 * Results: id and entry, …; id and seal, …; number and what stands beside it, …; number and mark, …; and of
 *   each person in them the reference, what is behind it, and what stands with that.
 */
export const PAGE: Script<
  "audit" | "seals" | "texts" | "marks" | "people",
  z.output<typeof rows>
> = {
  name: "jitAuditPage",
  keys: ["audit", "seals", "texts", "marks", "people"],
  writes: false,
  result: rows,
  lua: `${ROWS}
local from, until_ = string.format('%.0f', args.first), string.format('%.0f', args.last)
local most = args.last - args.first + 1 + ${FOREIGN_MAX}
for _, entry in ipairs(redis.call('XRANGE', key.audit, from, until_, 'COUNT', most)) do add_entry(entry) end
for _, seal in ipairs(redis.call('XRANGE', key.seals, from, until_, 'COUNT', most)) do
  add_seal(seal)
end
return found
`,
};

/** Arguments: number. Results: the first entry from that number on, or nothing. */
export const FIRST_FROM: Script<"audit", readonly string[]> = {
  name: "jitAuditFirstFrom",
  keys: ["audit"],
  writes: false,
  result: z.array(z.string()),
  lua: `
local first = redis.call('XRANGE', key.audit, string.format('%.0f', args.number), '+', 'COUNT', 1)[1]
return first and { first[1], first[2][2] } or {}
`,
};

/** Arguments: user. Results: the person's reference; empty where they are in no entry. */
export const REFERENCE: Script<"people", string> = {
  name: "jitAuditReference",
  keys: ["people"],
  writes: false,
  result: z.string(),
  lua: `
return string.match(redis.call('HGET', key.people, 'u:' .. args.user) or '', '^([^|]*)|') or ''
`,
};

/** Arguments: tombstones: number and tombstone, … Results: done. What is gone already stays so. */
export const ERASE_TEXTS: Script<"texts", "done"> = {
  name: "jitAuditEraseTexts",
  keys: ["texts"],
  writes: true,
  result: z.literal("done"),
  lua: `
for i = 1, #args.tombstones, 2 do
  local number = string.format('%.0f', args.tombstones[i])
  if redis.call('HEXISTS', key.texts, number) == 1 then
    redis.call('HSET', key.texts, number, args.tombstones[i + 1])
  end
end
return 'done'
`,
};

const erased = z.tuple([z.enum(["erased", "more"]), z.number()]);

/**
 * Keys: those of the audit; of the person live, mine and address; documents, over, homes and away, where they may stand.
 * Arguments: user; scanned: the last number that was looked at; tombstone: what takes the person's place.
 * Results: more where entries were written since; else erased, and how many requests aren't over.
 */
export const ERASE_PERSON: Script<
  | "audit"
  | "people"
  | "texts"
  | "marks"
  | "floods"
  | "documents"
  | "live"
  | "mine"
  | "over"
  | "homes"
  | "address"
  | "away",
  z.output<typeof erased>
> = {
  name: "jitAuditErasePerson",
  keys: [
    ...(["audit", "people", "texts", "marks", "floods"] as const),
    ...(["documents", "live", "mine", "over", "homes", "address", "away"] as const),
  ],
  writes: true,
  result: erased,
  lua: `${AUDIT}${FLOODS}
if last_number(key.audit) > args.scanned then return { 'more', 0 } end
-- Their sums are written while they are still known.
local mark = args.user .. '|'
end_floods(function(field) return string.sub(field, 1, #mark) == mark end)

local field = 'u:' .. args.user
local reference, last = string.match(redis.call('HGET', key.people, field) or '', '^([^|]*)|[^|]*|(%d+)$')
if reference and args.tombstone then
  redis.call('HDEL', key.people, field)
  redis.call('HSET', key.people, reference, string.format('|%s|%s', args.tombstone, last))
end
-- What isn't over may belong to several VMs, whose card and messages the lead has, though it may be over itself.
local leads = {}
for _, id in ipairs(redis.call('HKEYS', key.live)) do
  local lead = string.match(redis.call('HGET', key.documents, id) or '', '"lead":"([^"]+)"')
  if lead then leads[lead] = true end
end
-- The documents of what is over are swept up at the next claim.
for _, id in ipairs(redis.call('ZRANGE', key.mine, 0, -1)) do
  if not leads[id] then redis.call('ZADD', key.over, 'XX', 0, id) end
end
redis.call('ZREM', key.homes, args.user)
redis.call('DEL', key.address)
-- They decide for nobody any more, and nobody for them.
redis.call('HDEL', key.away, args.user)
local away = redis.call('HGETALL', key.away)
for i = 1, #away, 2 do
  local times, to = string.match(away[i + 1], '^(%d+|%d+|)(.*)$')
  if to == args.user then redis.call('HSET', key.away, away[i], times) end
end
local live = redis.call('HLEN', key.live)
if live == 0 then redis.call('DEL', key.mine) end
return { 'erased', live }
`,
};
