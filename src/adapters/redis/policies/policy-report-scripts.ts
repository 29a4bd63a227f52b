// The scripts about policy files: what was announced of them, and which replica holds which.

import { z } from "zod";
import { AUDIT } from "../audit/audit-parts.ts";
import type { Script } from "../scripts/script.ts";
import { NOTICES } from "../scripts/script-parts.ts";

const announced = z.enum(["announced", "repeated"]);

/**
 * Keys: policies: hash of `said:<topic>` → what was last announced, and what REPORT_POLICY keeps there;
 * those of the audit and of notices. Arguments: topic; before: what an earlier version called it, else the same;
 * value, empty: there's nothing left to say about it;
 * note, if any; notices: pairs of channel and notice.
 * Results: announced; repeated: it was the last that was announced of the topic.
 */
export const ANNOUNCE: Script<
  "policies" | "audit" | "people" | "texts" | "marks" | "trails" | "due" | "notices",
  z.output<typeof announced>
> = {
  name: "jitAnnounce",
  keys: ["policies", "audit", "people", "texts", "marks", "trails", "due", "notices"],
  writes: true,
  result: announced,
  lua: `${AUDIT}${NOTICES}
local field = 'said:' .. args.topic
if args.before ~= args.topic then
  local said = redis.call('HGET', key.policies, 'said:' .. args.before)
  if said then
    redis.call('HSETNX', key.policies, field, said)
    redis.call('HDEL', key.policies, 'said:' .. args.before)
  end
end
if (redis.call('HGET', key.policies, field) or '') == args.value then return 'repeated' end
if args.value == '' then
  redis.call('HDEL', key.policies, field)
else
  redis.call('HSET', key.policies, field, args.value)
end
append_audit(args.note and { args.note } or {})
for _, one in ipairs(args.notices) do add_notice(one[1], one[2]) end
return 'announced'
`,
};

/** Keys: policies. Arguments: topic; before: what an earlier version called it. Results: what was last announced of it, empty: nothing. */
export const ANNOUNCED: Script<"policies", string> = {
  name: "jitAnnounced",
  keys: ["policies"],
  writes: false,
  result: z.string(),
  lua: `
return redis.call('HGET', key.policies, 'said:' .. args.topic)
  or redis.call('HGET', key.policies, 'said:' .. args.before) or ''
`,
};

/** A replica that hasn't reported for three times as long as it should is gone. */
const STALE_MS = 30_000;

const reported = z.tuple([z.number(), z.number(), z.string(), z.array(z.string())]);

/**
 * Keys: policies: hash of `r:<replica>` → `<at>|<hash>`, `v:<replica>` → its version, and `differ` → since when
 * the hashes aren't all the same. Arguments: replica, hash, version. Results: now; since when they differ, 0: they don't; what was last
 * announced of that; replica, hash, …
 */
export const REPORT_POLICY: Script<"policies", z.output<typeof reported>> = {
  name: "jitReportPolicy",
  keys: ["policies"],
  writes: true,
  result: reported,
  lua: `
redis.call(
  'HSET', key.policies,
  'r:' .. args.replica, string.format('%.0f|%s', now, args.hash), 'v:' .. args.replica, args.version
)
local hashes, differ = {}, false
local fields = redis.call('HGETALL', key.policies)
for i = 1, #fields, 2 do
  local replica = string.match(fields[i], '^r:(.*)$')
  if replica then
    local at, hash = string.match(fields[i + 1], '^(%d+)|(.*)$')
    if tonumber(at) < now - ${STALE_MS} then
      redis.call('HDEL', key.policies, fields[i], 'v:' .. replica)
    else
      hashes[#hashes + 1] = replica
      hashes[#hashes + 1] = hash
      differ = differ or hash ~= args.hash
    end
  end
end
if differ then
  redis.call('HSETNX', key.policies, 'differ', string.format('%.0f', now))
else
  redis.call('HDEL', key.policies, 'differ')
end
local since = tonumber(redis.call('HGET', key.policies, 'differ') or 0)
return { now, since, redis.call('HGET', key.policies, 'said:difference') or '', hashes }
`,
};

const listed = z.array(z.tuple([z.string(), z.string(), z.string()]));

/** Keys: policies. Results: of each replica that was heard of lately: name, hash, version (empty: an older one). */
export const LIST_REPLICAS: Script<"policies", z.output<typeof listed>> = {
  name: "jitListReplicas",
  keys: ["policies"],
  writes: false,
  result: listed,
  lua: `
local found = {}
local fields = redis.call('HGETALL', key.policies)
for i = 1, #fields, 2 do
  local replica = string.match(fields[i], '^r:(.*)$')
  if replica then
    local at, hash = string.match(fields[i + 1], '^(%d+)|(.*)$')
    if tonumber(at) >= now - ${STALE_MS} then
      found[#found + 1] = { replica, hash, redis.call('HGET', key.policies, 'v:' .. replica) or '' }
    end
  end
end
return found
`,
};
