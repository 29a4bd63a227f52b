// How entries are written, in Lua: by every script that changes something, in the same step.

import { TRAILS } from "./trails.ts";

/**
 * Keys: audit, people, texts, marks. Entries are numbered without a gap. The number goes on from the stream's own
 * last one, which Redis keeps even where every entry was trimmed away. A note has rest; and where there are
 * any by and of: user, reference and salt; beside: texts; mark: what proves that the bot wrote it; trail: what it
 * is found by, where the script has the key trails.
 */
export const AUDIT = `${TRAILS}
local function last_number(stream)
  local info = redis.pcall('XINFO', 'STREAM', stream)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return tonumber(string.match(info[i + 1], '^%d+')) end
  end
  return 0
end

-- The person's reference: the one that they have, or else the one that was drawn.
local function reference_to(person, sequence)
  local field = 'u:' .. person.user
  local reference, salt = string.match(redis.call('HGET', key.people, field) or '', '^([^|]*)|([^|]*)|')
  if not reference then
    reference, salt = person.reference, person.salt
    redis.call('HSET', key.people, reference, person.user)
  end
  redis.call('HSET', key.people, field, string.format('%s|%s|%.0f', reference, salt, sequence))
  return reference
end

local function append_audit(notes)
  if #notes == 0 then return end
  local sequence = last_number(key.audit)
  for _, note in ipairs(notes) do
    sequence = sequence + 1
    local by = note.by and '"by":"' .. reference_to(note.by, sequence) .. '",' or ''
    local requester = note.of and reference_to(note.of, sequence)
    local of = requester and '"of":"' .. requester .. '",' or ''
    local entry = string.format('{"seq":%.0f,"atMs":%.0f,', sequence, now) .. by .. of .. note.rest
    local number = string.format('%.0f', sequence)
    redis.call('XADD', key.audit, number .. '-0', 'e', entry)
    if note.beside then redis.call('HSET', key.texts, number, note.beside) end
    if note.mark then redis.call('HSET', key.marks, number, note.mark) end
    if note.trail and key.trails then add_to_trail((requester or '') .. '|' .. note.trail, number) end
  end
end
`;

/** Only the first few refusals of a kind within a window are stored, the others counted. */
export const FLOOD_FIRST = 3;
export const FLOOD_WINDOW_MS = 60_000;

/** More kinds and people at once are counted together. */
const FLOODS_MAX = 500;

/**
 * Keys: floods, and those of AUDIT: \`<user>|<why>\` → \`<since>|<count>|<note of the sum>\`. The sum is a note
 * whose rest lacks its end: the numbers.
 */
export const FLOODS = `
local window_ms = ${FLOOD_WINDOW_MS}

local function flood_of(field)
  local since, count, sum = string.match(redis.call('HGET', key.floods, field) or '', '^(%d+)|(%d+)|(.*)$')
  if not since then return nil end
  return { since = tonumber(since), count = tonumber(count), sum = sum }
end

-- What the bot did not write there is dropped: it must not keep anything from being written or sealed.
local function end_flood(field, flood)
  redis.call('HDEL', key.floods, field)
  if not flood or flood.count <= ${FLOOD_FIRST} then return end
  local is_note, note = pcall(cjson.decode, flood.sum)
  if not is_note or type(note) ~= 'table' or type(note.rest) ~= 'string' then return end
  local numbers = '"times":%.0f,"sinceMs":%.0f,"untilMs":%.0f}}'
  note.rest = note.rest .. string.format(numbers, flood.count - ${FLOOD_FIRST}, flood.since, now)
  pcall(append_audit, { note })
end

-- Whether it is one too many to be stored by itself; it is counted then, with several where there are too many kinds.
local function is_flooded(field, sum, several)
  if not flood_of(field) and redis.call('HLEN', key.floods) >= ${FLOODS_MAX} then
    field = '|'
    sum = several
  end
  local flood = flood_of(field)
  if flood and now >= flood.since + window_ms then
    end_flood(field, flood)
    flood = nil
  end
  flood = flood or { since = now, count = 0, sum = cjson.encode(sum) }
  flood.count = flood.count + 1
  redis.call('HSET', key.floods, field, string.format('%.0f|%.0f|', flood.since, flood.count) .. flood.sum)
  return flood.count > ${FLOOD_FIRST}
end

local function end_floods(is_over)
  local floods = redis.call('HKEYS', key.floods)
  table.sort(floods)
  for _, field in ipairs(floods) do
    local flood = flood_of(field)
    if not flood or is_over(field, flood) then end_flood(field, flood) end
  end
end
`;

/**
 * Keys: audit; seals: stream of `<sequence>-0`; chain: hash of keys, checkpoint. The head of the chain is its
 * last seal, or the checkpoint where everything sealed is trimmed away.
 */
export const HEAD = `
local function head()
  local last = redis.call('XREVRANGE', key.seals, '+', '-', 'COUNT', 1)[1]
  if last then return tonumber(string.match(last[1], '^%d+')), last[2][2] end
  local number, seal = string.match(redis.call('HGET', key.chain, 'checkpoint') or '', '^(%d+) (%S+) ')
  return tonumber(number or 0), seal or ''
end

-- The first entry that is not sealed.
local function first_after(number)
  return redis.call('XRANGE', key.audit, string.format('%.0f-0', number + 1), '+', 'COUNT', 1)[1]
end
`;
