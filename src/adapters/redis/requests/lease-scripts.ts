// The scripts by which a worker proves that its lease holds, gives it back without a result, and leaves for good.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { LEASES } from "../scripts/script-parts.ts";

const done = z.literal("done");

/**
 * Keys: held, alive. Arguments: member, worker.
 * Results: for how many milliseconds nobody else is going to have it, as far as is known now; 0: it isn't
 *   that worker's any more. From the first time on it counts as begun.
 */
export const PROVE: Script<"held" | "alive", number> = {
  name: "jitProve",
  keys: ["held", "alive"],
  writes: true,
  result: z.number(),
  lua: `${LEASES}
local lease = lease_of(args.member)
local ms = holds_for(lease, args.worker)
if ms > 0 and not lease.begun then
  lease.begun = true
  redis.call('HSET', key.held, args.member, lease_text(lease))
end
return ms
`,
};

/**
 * Keys: due, held. Arguments: member; worker; isFailure: it counts; isSuspect: nobody knows how it fared;
 * againInMs: when it is due again.
 * Results: done. Nothing is changed where another worker holds it by now.
 */
export const YIELD: Script<"due" | "held" | "wake", "done"> = {
  name: "jitYield",
  keys: ["due", "held", "wake"],
  writes: true,
  result: done,
  lua: `${LEASES}
local lease = lease_of(args.member)
if not lease or lease.worker ~= args.worker then return 'done' end
local failures = lease.failures + (args.isFailure and 1 or 0)
free(args.member, now + args.againInMs, (failures > 0 or args.isSuspect) and failures or nil)
return 'done'
`,
};

/**
 * Keys: alive, held, due. Arguments: replica. Results: done. It lives no more: all that it holds is free, and
 * the next one who looks for work learns that it is gone.
 */
export const LEAVE: Script<"held" | "alive" | "due" | "wake", "done"> = {
  name: "jitLeave",
  keys: ["held", "alive", "due", "wake"],
  writes: true,
  result: done,
  lua: `${LEASES}
redis.call('ZADD', key.alive, 0, args.replica)
give_back(
  function(owner) return replica_of(owner) == args.replica end,
  function() return true end
)
redis.pcall('PUBLISH', key.wake, string.format('%.0f %.0f', now, now))
return 'done'
`,
};
