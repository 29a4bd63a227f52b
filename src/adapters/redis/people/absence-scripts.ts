// The scripts that keep who is away, until when, and who decides for them; each written with its audit entry.

import { z } from "zod";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES } from "../scripts/script-parts.ts";

type Keys = "away" | "audit" | "people" | "texts" | "marks" | "delivery";

const KEYS = ["away", "audit", "people", "texts", "marks", "delivery"] as const;

const written = z.enum(["written", "not-away", "repeated"]);

/** What is over says nothing any more, and needn't be kept. */
const OVER = `
local function is_over(text)
  return tonumber(string.match(text, '^(%d+)|')) <= now
end

local function drop_over()
  local all = redis.call('HGETALL', key.away)
  for i = 1, #all, 2 do
    if is_over(all[i + 1]) then redis.call('HDEL', key.away, all[i]) end
  end
end
`;

/**
 * Keys: away: hash of user → \`<until>|<since>|<delegate>\`; those of the audit; delivery. Arguments: user, untilMs,
 * to, empty: nobody; note; delivered. Results: written; repeated.
 */
export const SET_AWAY: Script<Keys, z.output<typeof written>> = {
  name: "jitSetAway",
  keys: KEYS,
  writes: true,
  result: written,
  lua: `${AUDIT}${DELIVERIES}${OVER}
if is_repeated() then return 'repeated' end
drop_over()
redis.call('HSET', key.away, args.user, string.format('%.0f|%.0f|%s', args.untilMs, now, args.to))
append_audit({ args.note })
note_delivery()
return 'written'
`,
};

/** Keys: as above. Arguments: user, note, delivered. Results: written; not-away: nothing is; repeated. */
export const END_AWAY: Script<Keys, z.output<typeof written>> = {
  name: "jitEndAway",
  keys: KEYS,
  writes: true,
  result: written,
  lua: `${AUDIT}${DELIVERIES}${OVER}
if is_repeated() then return 'repeated' end
drop_over()
if redis.call('HDEL', key.away, args.user) == 0 then return 'not-away' end
append_audit({ args.note })
note_delivery()
return 'written'
`,
};

const awayNow = z.tuple([z.number(), z.array(z.string())]);

/** Keys: away. Results: now; user, \`<until>|<since>|<delegate>\`, …, of those who are away now. */
export const AWAY_NOW: Script<"away", z.output<typeof awayNow>> = {
  name: "jitAwayNow",
  keys: ["away"],
  writes: false,
  result: awayNow,
  lua: `${OVER}
local found, all = {}, redis.call('HGETALL', key.away)
for i = 1, #all, 2 do
  if not is_over(all[i + 1]) then
    found[#found + 1] = all[i]
    found[#found + 1] = all[i + 1]
  end
end
return { now, found }
`,
};
