// The scripts that freeze access and lift it, each with its audit entries and notices.

import { z } from "zod";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES, NOTICES } from "../scripts/script-parts.ts";

const KEYS = [
  ...(["freeze", "underway", "openings", "due", "notices"] as const),
  ...(["audit", "people", "texts", "marks", "delivery"] as const),
] as const;

type Keys = (typeof KEYS)[number];

/** What Azure was asked for longer ago is over in any case. */
const UNDERWAY_KEPT_MS = 7 * 24 * 3_600_000;

const TELL = `
local function tell()
  append_audit(args.audit)
  for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
  note_delivery()
end
`;

const set = z.enum(["frozen", "already", "repeated"]);

/**
 * Keys: freeze: `<since>|<user, empty: the bot>|<reason>`; underway; those of the audit and of notices; delivery.
 * Arguments: by, reason, audit: notes, notices: pairs of channel and notice, delivered. Results: frozen; already:
 *   it was, and nothing is written; repeated.
 */
export const SET_FREEZE: Script<Keys, z.output<typeof set>> = {
  name: "jitFreeze",
  keys: KEYS,
  writes: true,
  result: set,
  lua: `${AUDIT}${NOTICES}${DELIVERIES}${TELL}
if is_repeated() then return 'repeated' end
if redis.call('EXISTS', key.freeze) == 1 then return 'already' end
redis.call('SET', key.freeze, string.format('%.0f|%s|%s', now, args.by, args.reason))
redis.call('ZREMRANGEBYSCORE', key.underway, '-inf', now - ${UNDERWAY_KEPT_MS})
tell()
return 'frozen'
`,
};

const lifted = z.enum(["lifted", "not-frozen", "repeated"]);

/** Keys and arguments as above. Results: lifted; not-frozen: nothing is written; repeated. */
export const LIFT_FREEZE: Script<Keys, z.output<typeof lifted>> = {
  name: "jitUnfreeze",
  keys: KEYS,
  writes: true,
  result: lifted,
  lua: `${AUDIT}${NOTICES}${DELIVERIES}${TELL}
if is_repeated() then return 'repeated' end
if redis.call('DEL', key.freeze) == 0 then return 'not-frozen' end
-- What tripped the breaker is known: it counts from here.
redis.call('DEL', key.openings)
tell()
return 'lifted'
`,
};

/** Keys: freeze. Results: as stored; empty: it isn't frozen. */
export const READ_FREEZE: Script<"freeze", string> = {
  name: "jitReadFreeze",
  keys: ["freeze"],
  writes: false,
  result: z.string(),
  lua: "return redis.call('GET', key.freeze) or ''",
};

/** Keys: underway. Results: id, when Azure was asked, …; the newest first. */
export const UNDERWAY: Script<"underway", readonly string[]> = {
  name: "jitUnderway",
  keys: ["underway"],
  writes: false,
  result: z.array(z.string()),
  lua: "return redis.call('ZREVRANGE', key.underway, 0, 999, 'WITHSCORES')",
};
