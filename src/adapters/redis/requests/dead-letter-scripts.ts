// The scripts of dead letters, which no worker takes up until somebody brings them back.

import { z } from "zod";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES, LEASES, NOTICES } from "../scripts/script-parts.ts";

const KEYS = [
  ...(["documents", "due", "held", "alive", "parked", "notices", "wake"] as const),
  ...(["audit", "people", "texts", "marks"] as const),
] as const;

type Key = (typeof KEYS)[number];

/**
 * Keys: due, held, parked, notices, and those of the audit. Arguments: member, why; owner: who must still
 *   hold it; audit: notes; notices: pairs of channel and notice.
 * Results: done; lost: somebody else holds it by now. The notices of a channel go with it, so that later ones find the way free.
 */
export const PARK: Script<Key, "done" | "lost"> = {
  name: "jitPark",
  keys: KEYS,
  writes: true,
  result: z.enum(["done", "lost"]),
  lua: `${LEASES}${AUDIT}${NOTICES}
if args.owner and holds_for(lease_of(args.member), args.owner) <= 0 then return 'lost' end
local text = string.format('%.0f|', now) .. args.why
local channel = string.match(args.member, '^n:(.+)$')
if channel then
  text = text .. '\\n' .. table.concat(notices_of(channel, 1 / 0), '\\n')
  redis.call('HSET', key.parked, args.member .. string.format(' %.0f', now), text)
  drop_notices_before(channel, 1 / 0)
else
  redis.call('HSET', key.parked, args.member, text)
end
free(args.member, nil)
append_audit(args.audit)
for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
return 'done'
`,
};

const listed = z.tuple([z.number(), z.array(z.tuple([z.string(), z.string(), z.number()]))]);

/**
 * Keys: parked. Arguments: most.
 * Results: how many were parked; of the oldest of them each: member, since and why, how many notices.
 */
export const LIST_PARKED: Script<"parked", z.output<typeof listed>> = {
  name: "jitListParked",
  keys: ["parked"],
  writes: false,
  result: listed,
  lua: `
local all, flat = {}, redis.call('HGETALL', key.parked)
for i = 1, #flat, 2 do
  local first, rest = string.match(flat[i + 1], '^([^\\n]*)(.*)$')
  local _, notices = string.gsub(rest, '\\n', '')
  all[#all + 1] = { flat[i], first, notices, tonumber(string.match(first, '^%d+') or 0) }
end
table.sort(all, function(one, other)
  if one[4] ~= other[4] then return one[4] < other[4] end
  return one[1] < other[1]
end)
local found = {}
for i = 1, math.min(#all, args.most) do found[i] = { all[i][1], all[i][2], all[i][3] } end
return { #all, found }
`,
};

/**
 * Keys: as for parking, documents, delivery. Arguments: member, as it is listed; audit: notes; notices: pairs of
 *   channel and notice; delivered.
 * Results: requeued; gone: there is nothing left of it to work on; not-parked; repeated. A request whose
 *   document can be read is brought back by writing that.
 */
export const REQUEUE: Script<Key | "delivery", "requeued" | "gone" | "not-parked" | "repeated"> = {
  name: "jitRequeue",
  keys: [...KEYS, "delivery"],
  writes: true,
  result: z.enum(["requeued", "gone", "not-parked", "repeated"]),
  lua: `${LEASES}${AUDIT}${NOTICES}${DELIVERIES}
if is_repeated() then return 'repeated' end
local text = redis.call('HGET', key.parked, args.member)
if not text then return 'not-parked' end
redis.call('HDEL', key.parked, args.member)
local outcome = 'requeued'
local channel = string.match(args.member, '^n:(%S+) %d+$')
if channel then
  for notice in string.gmatch(string.match(text, '\\n(.*)$') or '', '[^\\n]+') do
    add_notice(channel, notice)
  end
elseif redis.call('HEXISTS', key.documents, args.member) == 1 then
  free(args.member, now)
else
  outcome = 'gone'
end
append_audit(args.audit)
if outcome == 'requeued' then
  for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
end
note_delivery()
return outcome
`,
};
