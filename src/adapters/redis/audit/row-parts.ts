// How entries are read, in Lua: each with its seal, and with what stands beside it.

import { z } from "zod";

/** As `found` in ROWS. */
export const rows = z.tuple([
  z.array(z.string()),
  z.array(z.string()),
  z.array(z.string()),
  z.array(z.string()),
  z.array(z.string()),
]);

/**
 * Keys: audit, seals, texts, marks, people. Makes `found`: id and entry, …; id and seal, …; number and what
 * stands beside it, …; number and mark, …; and of each person in them the reference, what is behind it, and what
 * stands with that.
 */
export const ROWS = `
local found, seen = { {}, {}, {}, {}, {} }, {}

local function add(nth, name, value)
  local list = found[nth]
  list[#list + 1] = name
  list[#list + 1] = value
end

local function add_person(reference)
  if not reference or seen[reference] then return end
  seen[reference] = true
  local behind = redis.call('HGET', key.people, reference) or ''
  add(5, reference, behind)
  found[5][#found[5] + 1] = redis.call('HGET', key.people, 'u:' .. behind) or ''
end

local function add_entry(entry)
  local id, text = entry[1], entry[2][2]
  add(1, id, text)
  local start = string.match(text, '^{"seq":%d+,"atMs":%d+,()') or 1
  add_person(string.match(text, '^"by":"(P%-[^"]*)",', start))
  add_person(string.match(text, '^"of":"(P%-[^"]*)",', start))
  add_person(string.match(text, '^"by":"[^"]*","of":"(P%-[^"]*)",', start))
  local number = string.match(id, '^%d+')
  local mark = redis.call('HGET', key.marks, number)
  if mark then add(4, number, mark) end
  local beside = redis.call('HGET', key.texts, number)
  if beside then add(3, number, beside) end
end

local function add_seal(seal)
  add(2, seal[1], seal[2][2])
end
`;
