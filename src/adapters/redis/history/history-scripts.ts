// The scripts that follow a trail through the audit, and those that lay it for entries from before.

import { z } from "zod";
import { ROWS, rows } from "../audit/row-parts.ts";
import { POLICY_TRAIL, TRAILS } from "../audit/trails.ts";
import type { Script } from "../scripts/script.ts";
import { requestIdSchema } from "../scripts/stored-parts.ts";

/** How many entries of one person and VM are read at once: some hundred requests. */
const ENTRIES_MAX = 500;
/** More people than these are in no VM at once. */
const INSIDE_MAX = 20;
/** Of one that was loaded at the first start, nothing says what was before. */
const POLICY_LOADS = 2;

const around = z.tuple([
  z.number(),
  z.number(),
  rows,
  z.number(),
  z.array(requestIdSchema),
  z.array(z.string()),
]);

/**
 * Keys: those of ROWS, trails; live of the person; inside of the VM; documents, parked.
 * Arguments: user; trail: of the VM; sinceMs.
 * Results: now; 1 where every entry since then is in its trail, else 0; the entries, those of the policy file among
 *   them; since when they are complete; ids of the person's live requests; documents of those inside the VM.
 */
export const AROUND: Script<
  | "audit"
  | "seals"
  | "texts"
  | "marks"
  | "people"
  | "trails"
  | "live"
  | "inside"
  | "documents"
  | "parked",
  z.output<typeof around>
> = {
  name: "jitAround",
  keys: [
    "audit",
    "seals",
    "texts",
    "marks",
    "people",
    "trails",
    "live",
    "inside",
    "documents",
    "parked",
  ],
  writes: false,
  result: around,
  lua: `${ROWS}
local function numbers_of(field)
  local numbers = {}
  for number in string.gmatch(redis.call('HGET', key.trails, field) or '', '%d+') do numbers[#numbers + 1] = number end
  return numbers
end

local function entry_at(number)
  local id = number .. '-0'
  return redis.call('XRANGE', key.audit, id, id)[1]
end

local function time_of(entry)
  return tonumber(string.match(entry[2][2], '^{"seq":%d+,"atMs":(%d+),') or 0)
end

local function take(entry)
  add_entry(entry)
  local seal = redis.call('XRANGE', key.seals, entry[1], entry[1])[1]
  if seal then add_seal(seal) end
end

-- The newest first: what is older than that is not even read.
local function follow(numbers, most, since)
  local taken, oldest = 0, nil
  for i = #numbers, 1, -1 do
    local entry = entry_at(numbers[i])
    if entry and time_of(entry) < since then return since end
    if taken == most then return oldest end
    if entry then
      take(entry)
      taken = taken + 1
      oldest = time_of(entry)
    end
  end
  return since
end

local function is_complete(since)
  local first = redis.call('XRANGE', key.audit, '-', '+', 'COUNT', 1)[1]
  if not first then return true end
  local from = tonumber(redis.call('HGET', key.trails, 'from') or '')
  if not from then return false end
  if from <= tonumber(string.match(first[1], '^%d+')) then return true end
  local at = redis.call('XRANGE', key.audit, string.format('%.0f-0', from), '+', 'COUNT', 1)[1]
  return at ~= nil and time_of(at) < since
end

local reference = string.match(redis.call('HGET', key.people, 'u:' .. args.user) or '', '^([^|]*)|')
local covered = follow(reference and numbers_of(reference .. '|' .. args.trail) or {}, ${ENTRIES_MAX}, args.sinceMs)
follow(numbers_of('|${POLICY_TRAIL}'), ${POLICY_LOADS}, 0)

local own = {}
local live = redis.call('HGETALL', key.live)
for i = 1, #live, 2 do
  if live[i + 1] == 'o' and redis.call('HEXISTS', key.parked, live[i]) == 0 then own[#own + 1] = live[i] end
end
local inside = {}
for _, id in ipairs(redis.call('ZREVRANGEBYSCORE', key.inside, '+inf', now, 'LIMIT', 0, ${INSIDE_MAX})) do
  inside[#inside + 1] = redis.call('HGET', key.documents, id) or nil
end
return { now, is_complete(args.sinceMs) and 1 or 0, found, covered, own, inside }
`,
};

const state = z.tuple([z.number(), z.number(), z.number(), z.number(), z.string()]);

/**
 * Arguments: sinceMs. Results: now; from which number on all are in their trails, 0: not known; the first number that
 *   is there, and the last that was given; `done` where nothing older is of any use.
 */
export const TRAIL_STATE: Script<"audit" | "trails", z.output<typeof state>> = {
  name: "jitTrailState",
  keys: ["audit", "trails"],
  writes: false,
  result: state,
  lua: `
local info = redis.pcall('XINFO', 'STREAM', key.audit)
local last = 0
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^%d+')) end
end
local from = tonumber(redis.call('HGET', key.trails, 'from') or 0)
local first = redis.call('XRANGE', key.audit, '-', '+', 'COUNT', 1)[1]
local first_number = first and tonumber(string.match(first[1], '^%d+')) or last + 1
local at = from > 0 and redis.call('XRANGE', key.audit, string.format('%.0f-0', from), '+', 'COUNT', 1)[1]
local time = at and tonumber(string.match(at[2][2], '^{"seq":%d+,"atMs":(%d+),') or 0)
local is_done = from > 0 and from <= first_number or time and time < args.sinceMs
return { now, from, first_number, last, is_done and 'done' or '' }
`,
};

/**
 * Arguments: from: the number from which on all are in their trails then; trails: pairs of field and numbers.
 * Results: done. What is there already stays there once.
 */
export const LAY_TRAILS: Script<"trails", "done"> = {
  name: "jitLayTrails",
  keys: ["trails"],
  writes: true,
  result: z.literal("done"),
  lua: `${TRAILS}
local function lay(field, added)
  local numbers, is_there = {}, {}
  local function take(one)
    if not is_there[one] then numbers[#numbers + 1] = one end
    is_there[one] = true
  end
  for one in string.gmatch(redis.call('HGET', key.trails, field) or '', '%d+') do take(tonumber(one)) end
  for _, one in ipairs(added) do take(one) end
  table.sort(numbers)
  for i, one in ipairs(numbers) do numbers[i] = string.format('%.0f', one) end
  redis.call('HSET', key.trails, field, bounded_trail(table.concat(numbers, ' ')))
end

for _, trail in ipairs(args.trails) do lay(trail[1], trail[2]) end
local from = tonumber(redis.call('HGET', key.trails, 'from') or '')
if not from or args.from < from then redis.call('HSET', key.trails, 'from', string.format('%.0f', args.from)) end
return 'done'
`,
};

/** How many are looked at in one step. */
const SWEPT_AT_ONCE = 200;

/**
 * Arguments: cursor. Results: the next cursor; 0: it was the last.
 * Trails whose last entry was deleted are forgotten.
 */
export const SWEEP_TRAILS: Script<"trails" | "chain", string> = {
  name: "jitSweepTrails",
  keys: ["trails", "chain"],
  writes: true,
  result: z.string(),
  lua: `
local trimmed = tonumber(string.match(redis.call('HGET', key.chain, 'checkpoint') or '', '^%d+') or 0)
local scanned = redis.call('HSCAN', key.trails, args.cursor, 'COUNT', ${SWEPT_AT_ONCE})
for i = 1, #scanned[2], 2 do
  local field, last = scanned[2][i], tonumber(string.match(scanned[2][i + 1], '%d+$') or 0)
  if field ~= 'from' and last <= trimmed then redis.call('HDEL', key.trails, field) end
end
return scanned[1]
`,
};
