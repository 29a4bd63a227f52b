// Which entries are found again without reading the whole audit: those of one person's requests for one VM, and
// those that say that the policy file was changed.
//
// A trail is nothing but numbers of entries, in a field that is named by the person's reference and a hash of the
// VM. Who is erased from the audit is erased from here as well: nothing else leads from them to their reference.

import { hash } from "node:crypto";
import { tellsOfRequest } from "../../../domain/facts/past-requests.ts";

export const POLICY_TRAIL = "policy";
const POLICY_CHANGED = "policy-loaded";

/** The second part of the field's name. `vm`: `resource group/name`, as entries have it. */
export function trailIn(what: string, vm: string | undefined): string | undefined {
  if (what === POLICY_CHANGED) return POLICY_TRAIL;
  return vm !== undefined && tellsOfRequest(what) ? vmTrail(vm) : undefined;
}

export const vmTrail = (vm: string): string => hash("sha256", vm, "base64url").slice(0, 16);

/** Numbers of a thousand entries: some hundred requests. More of one person for one VM, the oldest are left out. */
const TRAIL_CHARACTERS_MAX = 8_000;

/**
 * Keys: trails: hash of `<reference>|<trail>` → numbers of entries, ascending, with blanks between them; and
 * `from`: every entry from that number on is in its trail.
 */
export const TRAILS = `
local function bounded_trail(numbers)
  if #numbers <= ${TRAIL_CHARACTERS_MAX} then return numbers end
  return string.match(numbers, ' (.*)$', #numbers - ${TRAIL_CHARACTERS_MAX})
end

local function add_to_trail(field, number)
  redis.call('HSETNX', key.trails, 'from', number)
  local before = redis.call('HGET', key.trails, field)
  redis.call('HSET', key.trails, field, before and bounded_trail(before .. ' ' .. number) or number)
end
`;
