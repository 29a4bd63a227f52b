// The scripts of changes of JIT policies.

import { z } from "zod";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { NOTICES } from "../scripts/script-parts.ts";

/**
 * Keys: change: `<version>|<document>`; changing: sorted set of the ids of unfinished ones; those of the
 * audit and of notices. Arguments: id; version, 0: there is none; keepMs; unfinished; notes; notices: pairs of
 * channel and notice. Text: the document. Results: the new version; 0: the stored one is another.
 */
export const WRITE_CHANGE: Script<
  "change" | "changing" | "audit" | "people" | "texts" | "marks" | "due" | "notices",
  number
> = {
  name: "jitWriteChange",
  keys: ["change", "changing", "audit", "people", "texts", "marks", "due", "notices"],
  writes: true,
  result: z.number(),
  lua: `${AUDIT}${NOTICES}
local version = tonumber(string.match(redis.call('GET', key.change) or '', '^(%d+)|')) or 0
if version ~= args.version then return 0 end
redis.call('SET', key.change, string.format('%.0f|', version + 1) .. ARGV[3], 'PX', args.keepMs)
if args.unfinished then
  redis.call('ZADD', key.changing, 'NX', now, args.id)
else
  redis.call('ZREM', key.changing, args.id)
end
append_audit(args.notes)
for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
return version + 1
`,
};

/** Keys: change. Results: `<version>|<document>`, empty: there is none. */
export const READ_CHANGE: Script<"change", string> = {
  name: "jitReadChange",
  keys: ["change"],
  writes: false,
  result: z.string(),
  lua: "return redis.call('GET', key.change) or ''",
};

/** An id whose document is gone is given up after this long. */
const GIVEN_UP_AFTER_MS = 8 * 24 * 3_600_000;

/** Keys: changing. Results: the ids of unfinished changes. */
export const UNFINISHED: Script<"changing", readonly string[]> = {
  name: "jitUnfinishedChanges",
  keys: ["changing"],
  writes: true,
  result: z.array(z.string()),
  lua: `
redis.call('ZREMRANGEBYSCORE', key.changing, '-inf', string.format('%.0f', now - ${GIVEN_UP_AFTER_MS}))
return redis.call('ZRANGE', key.changing, 0, 99)
`,
};
