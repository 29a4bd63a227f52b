// The brake, in Lua: looked at in the very step that stores that Azure is about to be asked to open something.

export type BrakeKey = "freeze" | "underway" | "openings";

/** The breaker counts what was opened in this time. */
const BREAKER_MS = 60_000;
/** How many of those are named; the others are counted. */
const NAMED_MAX = 10;

/**
 * Keys: freeze, underway, openings, and those of the audit and of notices. Arguments: id; isUnderway: Azure was
 * asked to open it, and it isn't seen open; opens, where Azure is about to be asked: anyway; and where
 * there is a limit: most, entry, reason, audit, notices: pairs of channel and notice.
 */
export const BRAKE = `
local function is_frozen()
  return redis.call('EXISTS', key.freeze) == 1
end

-- The last of what was to be opened goes with the notices: who, and what, and that it was now.
local function trip(opens, count)
  redis.call('SET', key.freeze, string.format('%.0f||', now) .. opens.reason)
  append_audit(opens.audit)
  local openings = {}
  for i, entry in ipairs(redis.call('ZREVRANGE', key.openings, 0, ${NAMED_MAX - 1})) do
    openings[i] = cjson.decode(entry)
  end
  for _, one in ipairs(opens.notices) do
    local notice = cjson.decode(one[2])
    notice.atMs, notice.openings, notice.count = now, openings, count
    add_notice(one[1], cjson.encode(notice))
  end
end

local function may_open()
  local opens = args.opens
  if not opens.anyway and is_frozen() then return false end
  if not opens.most then return true end
  redis.call('ZREMRANGEBYSCORE', key.openings, '-inf', now - ${BREAKER_MS})
  redis.call('ZADD', key.openings, 'NX', now, opens.entry)
  local count = redis.call('ZCARD', key.openings)
  if count <= opens.most or is_frozen() then return true end
  trip(opens, count)
  if opens.anyway then return true end
  redis.call('ZREM', key.openings, opens.entry)
  return false
end

local function note_underway()
  if args.opens then
    redis.call('ZADD', key.underway, now, args.id)
  elseif not args.isUnderway then
    redis.call('ZREM', key.underway, args.id)
  end
end
`;
