// The scripts of a lock that one replica holds at a time, and gives back.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { LIFE } from "../scripts/script-parts.ts";

/** A lock is garbage some time after it ran out: whether it holds is read off its text, by the one clock. */
const LOCK_GARBAGE_MS = 60_000;

/**
 * Keys: lock, alive. Arguments: worker, leaseMs; isRenewal: only if the worker has held it all the time.
 * Results: 1 where the worker holds it from now on, 0 where another one does, or its replica does not live.
 */
export const LOCK: Script<"lock" | "alive", 0 | 1> = {
  name: "jitLock",
  keys: ["lock", "alive"],
  writes: true,
  result: z.literal([0, 1]),
  lua: `${LIFE}
local owner = lease_in(redis.call('GET', key.lock))
if owner ~= args.worker and (owner or args.isRenewal) then return 0 end
if not is_alive(args.worker) then return 0 end
local text = string.format('%.0f|%s', now + args.leaseMs, args.worker)
redis.call('SET', key.lock, text, 'PX', args.leaseMs + ${LOCK_GARBAGE_MS})
return 1
`,
};

/** Keys: lock. Arguments: worker. Results: done. Another worker's lock stays. */
export const UNLOCK: Script<"lock", "done"> = {
  name: "jitUnlock",
  keys: ["lock"],
  writes: true,
  result: z.literal("done"),
  lua: `
local owner = string.match(redis.call('GET', key.lock) or '', '^%d+|(.*)$')
if owner == args.worker then redis.call('DEL', key.lock) end
return 'done'
`,
};
