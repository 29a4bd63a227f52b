// The one lease of everything that has a key of its own for it: taken, renewed and given back.
//
// Anyone who guards a write by a lease checks it in the script that writes: such scripts use the same part.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { LIFE } from "../scripts/script-parts.ts";

/** A lease is garbage some time after it ran out: whether it holds is read off its text, by the one clock. */
const GARBAGE_MS = 60_000;

/** Keys: alive, and those that are handed in: `<lease ends>|<owner>`. */
export const LEASE_IN_KEY = `${LIFE}
-- Until when, and whose it is or was; nil, nil: nobody's.
local function lease_at(name)
  local ends, owner = string.match(redis.call('GET', name) or '', '^(%d+)|(.*)$')
  return tonumber(ends), owner
end

-- Whose the lease is that holds now; nil: nobody's.
local function owner_at(name)
  local ends, owner = lease_at(name)
  if not ends or ends <= now or not is_alive(owner) then return nil end
  return owner
end

-- The one that has it had it last, and nobody has taken it since.
local function is_last_owner(name, owner)
  local _, last = lease_at(name)
  return last == owner
end

local function take_lease(name, owner, for_ms)
  redis.call('SET', name, string.format('%.0f|%s', now + for_ms, owner), 'PX', for_ms + ${GARBAGE_MS})
end
`;

/**
 * Keys: lease, alive. Arguments: owner, leaseMs; isRenewal: only if the owner has held it all the time.
 * Results: 1 where the owner holds it from now on, 0 where another one does, or its replica doesn't live.
 */
export const TAKE_LEASE: Script<"lease" | "alive", 0 | 1> = {
  name: "jitTakeLease",
  keys: ["lease", "alive"],
  writes: true,
  result: z.literal([0, 1]),
  lua: `${LEASE_IN_KEY}
local owner = owner_at(key.lease)
if owner ~= args.owner and (owner or args.isRenewal) then return 0 end
if not is_alive(args.owner) then return 0 end
take_lease(key.lease, args.owner, args.leaseMs)
return 1
`,
};

/** Keys: lease. Arguments: owner. Results: done. Another owner's lease stays. */
export const GIVE_LEASE: Script<"lease", "done"> = {
  name: "jitGiveLease",
  keys: ["lease"],
  writes: true,
  result: z.literal("done"),
  lua: `${LEASE_IN_KEY}
if is_last_owner(key.lease, args.owner) then redis.call('DEL', key.lease) end
return 'done'
`,
};
