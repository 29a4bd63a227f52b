// The scripts by which one replica tells the others whom Slack said to have changed.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";

/** Far longer than a replica goes without looking. */
const KEPT_MS = 10 * 60_000;
/** A workspace that is set up again changes everybody at once: what is left out is read again by its age. */
const CHANGED_MAX = 5_000;

/** Keys: changed. Arguments: ids. Results: done. */
export const CHANGED: Script<"changed", "done"> = {
  name: "jitPeopleChanged",
  keys: ["changed"],
  writes: true,
  result: z.literal("done"),
  lua: `
for _, id in ipairs(args.ids) do redis.call('ZADD', key.changed, now, id) end
redis.call('ZREMRANGEBYSCORE', key.changed, '-inf', now - ${KEPT_MS})
redis.call('ZREMRANGEBYRANK', key.changed, 0, -${CHANGED_MAX + 1})
redis.call('PEXPIRE', key.changed, ${KEPT_MS})
return 'done'
`,
};

/** Keys: changed. Arguments: sinceMs. Results: now, and the ids of those who changed since then. */
export const CHANGED_SINCE: Script<"changed", readonly [number, readonly string[]]> = {
  name: "jitPeopleChangedSince",
  keys: ["changed"],
  writes: false,
  result: z.tuple([z.number(), z.array(z.string())]),
  lua: `
return { now, redis.call('ZRANGEBYSCORE', key.changed, args.sinceMs, '+inf') }
`,
};
