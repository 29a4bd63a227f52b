// What several scripts do alike, in Lua. A part expects the keys that it names among the script's own.

/**
 * Keys: alive: sorted set of replicas, by until when each is known to live, in Redis's real time, whatever
 * time tests pretend. The owner of a lease is `<replica>@<task>`: it holds no longer than its replica lives.
 * An owner without a replica, such as a command line's, holds it until it ends.
 */
export const LIFE = `
local real_now = now - tonumber(ARGV[2])

local function replica_of(owner)
  return string.match(owner, '^([^@]+)@')
end

-- For how long it is known to live; 0: not at all; nil: it has no replica to live or die with.
local function life_of(owner)
  local replica = replica_of(owner)
  if not replica then return nil end
  local until_ms = redis.call('ZSCORE', key.alive, replica)
  return until_ms and math.max(tonumber(until_ms) - real_now, 0) or 0
end

local function is_alive(owner)
  return life_of(owner) ~= 0
end
`;

/**
 * A worker looks for work at least this often. Who makes something due before the next look says so: nobody
 * else has to look more often than that.
 */
const LOOKS_WITHIN_MS = 1_500;

/**
 * Keys: wake, a channel. A replica that can't publish there, or isn't heard, delays what is due until the next look.
 */
const WAKE = `
local function make_due(member, at)
  redis.call('ZADD', key.due, at, member)
  if at - now < ${LOOKS_WITHIN_MS} then
    redis.pcall('PUBLISH', key.wake, string.format('%.0f %.0f', now, at))
  end
end
`;

/**
 * Keys: due, held, wake, alive. A member of `due` is a request id, or `n:<channel>` for the notices of a
 * channel. While a worker holds it, its score is the end of the lease.
 */
export const LEASES = `${LIFE}${WAKE}
local function lease_text(lease)
  local begun = lease.begun and '1' or '0'
  return string.format('%.0f|%.0f|%.0f|%s|%s', lease.ends, lease.ms, lease.failures, lease.worker, begun)
end

local function lease_from(text)
  if not text then return nil end
  local ends, ms, failures, rest = string.match(text, '^(%d+)|(%d+)|(%d+)|(.*)$')
  local worker, begun = string.match(rest, '^(.*)|([01])$')
  return {
    ends = tonumber(ends), ms = tonumber(ms), failures = tonumber(failures),
    worker = worker or rest, begun = begun == '1',
  }
end

local function lease_of(member)
  return lease_from(redis.call('HGET', key.held, member))
end

-- Held by lease.worker for lease.ms from now.
local function hold(member, lease)
  lease.ends = now + lease.ms
  redis.call('HSET', key.held, member, lease_text(lease))
  redis.call('ZADD', key.due, lease.ends, member)
end

-- Held by nobody, and due at that time (which is never before now, so that those who wait longer go
-- first); nil: not due at all. Failures are remembered where they are given; with 0, that it is suspect.
local function free(member, at, failures)
  if failures and at then
    redis.call('HSET', key.held, member, string.format('0|0|%.0f|', failures))
  else
    redis.call('HDEL', key.held, member)
  end
  if at then make_due(member, math.max(at, now)) else redis.call('ZREM', key.due, member) end
end

-- How often it failed with this lease, which nobody gave back. That it ran out while its replica lived says
-- nothing: its owner may never have heard that it had it, or could not say that it was done.
local function failures_with(lease)
  local has_died = replica_of(lease.worker) == nil or not is_alive(lease.worker)
  return lease.failures + (lease.begun and has_died and 1 or 0)
end

-- Gives back what these owners hold, due now; answers how much. What nobody knows the fate of stays suspect.
local function give_back(is_owner, is_known)
  local all, count = redis.call('HGETALL', key.held), 0
  for i = 1, #all, 2 do
    local lease = lease_from(all[i + 1])
    if lease.worker ~= '' and is_owner(lease.worker) then
      local failures = lease.failures > 0 and lease.failures or nil
      if not is_known(lease.worker) then failures = failures_with(lease) end
      free(all[i], now, failures)
      count = count + 1
    end
  end
  return count
end

-- For how long a lease is sure to hold: 0 where it is not that worker's.
local function holds_for(lease, worker)
  if not lease or lease.worker ~= worker or lease.ends <= now then return 0 end
  return math.min(lease.ends - now, life_of(worker) or lease.ends - now)
end
`;

/** Those that fall together within this time become one message. */
const MERGE_MS = 1_500;

/** More than these aren't kept waiting for a channel: the oldest give way. */
const NOTICES_MAX = 1_000;

/**
 * Keys: due, notices. The marks of a channel are the numbers of its first and last notice, and of the
 * first in the present claim: only so is "the first three are told" true whatever happened meanwhile.
 */
export const NOTICES = `
local merge_ms = ${MERGE_MS}

local function marks_of(channel)
  local marks = redis.call('HGET', key.notices, channel)
  if not marks then return { first = 1, last = 0, claimed = 1 } end
  local first, last, claimed = string.match(marks, '^(%d+) (%d+) (%d+)$')
  return { first = tonumber(first), last = tonumber(last), claimed = tonumber(claimed) }
end

local function set_marks(channel, marks)
  local text = string.format('%.0f %.0f %.0f', marks.first, marks.last, marks.claimed)
  redis.call('HSET', key.notices, channel, text)
end

local function numbered(channel, n)
  return string.format('%s %.0f', channel, n)
end

local function notices_of(channel, most)
  local found, marks = {}, marks_of(channel)
  for n = marks.first, math.min(marks.last, marks.first + most - 1) do
    found[#found + 1] = redis.call('HGET', key.notices, numbered(channel, n)) or ''
  end
  return found
end

-- Those before number n are told, or give way: answers how many are left.
local function drop_notices_before(channel, n)
  local marks = marks_of(channel)
  n = math.min(n, marks.last + 1)
  for i = marks.first, n - 1 do redis.call('HDEL', key.notices, numbered(channel, i)) end
  marks.first = math.max(marks.first, n)
  if marks.first > marks.last then
    redis.call('HDEL', key.notices, channel)
    return 0
  end
  set_marks(channel, marks)
  return marks.last - marks.first + 1
end

local function add_notice(channel, notice)
  drop_notices_before(channel, marks_of(channel).last - ${NOTICES_MAX - 2})
  local marks = marks_of(channel)
  marks.last = marks.last + 1
  redis.call('HSET', key.notices, numbered(channel, marks.last), notice)
  set_marks(channel, marks)
  -- Those that come later neither put it off nor take it from a worker. The next look finds it in time.
  redis.call('ZADD', key.due, 'NX', now + merge_ms, 'n:' .. channel)
end
`;

/** Slack repeats a delivery within minutes, and a signature is good for five. */
const DELIVERY_MS = 10 * 60_000;

/** Keys: delivery. `args.delivered`: a delivery caused this. */
export const DELIVERIES = `
local function is_repeated()
  return args.delivered and redis.call('EXISTS', key.delivery) == 1
end

local function note_delivery()
  if args.delivered then redis.call('SET', key.delivery, '', 'PX', ${DELIVERY_MS}) end
end
`;

/** How long the document of a request that is over stays to be looked at. */
const GARBAGE_AFTER_MS = 30 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/**
 * Keys: documents, parked, pending, open, toReview, over, mine, live, and as `more` the doors: first
 * the args.doorsHeld that it holds until args.untilMs, then those that it may have held before.
 * Everything follows from the new document alone, so a commit need not know the one before.
 */
export const WRITE = `
local function member_if(is_in, index, score)
  if is_in then redis.call('ZADD', index, score, args.id) else redis.call('ZREM', index, args.id) end
end

local function write_request(version)
  redis.call('HSET', key.documents, args.id, string.format('%.0f|', version) .. ARGV[3])
  member_if(args.index == 'pending', key.pending, args.askedAtMs)
  member_if(args.index == 'open', key.open, args.askedAtMs)
  member_if(args.toReview, key.toReview, args.askedAtMs)
  member_if(args.index == 'over', key.over, now + ${GARBAGE_AFTER_MS})
  -- A document says itself whether it is parked: who could write it could read it.
  if args.parked then
    redis.call('HSET', key.parked, args.id, args.parked)
  else
    redis.call('HDEL', key.parked, args.id)
  end
  redis.call('ZADD', key.mine, args.askedAtMs, args.id)
  if args.index == 'over' then
    redis.call('HDEL', key.live, args.id)
  else
    redis.call('HSET', key.live, args.id, string.sub(args.index, 1, 1))
  end
  -- A person's list outlives the last document in it, and never one that is not over.
  if redis.call('EXISTS', key.live) == 1 then
    redis.call('PERSIST', key.mine)
  else
    redis.call('PEXPIRE', key.mine, ${GARBAGE_AFTER_MS + DAY_MS})
  end
  for i, door in ipairs(more) do
    -- What is parked never leaves by itself: Azure shut it long ago.
    redis.call('ZREMRANGEBYSCORE', door, '-inf', now - ${DAY_MS})
    member_if(i <= args.doorsHeld, door, args.untilMs)
  end
end
`;
