// The scripts that remember who looked at the home tab lately, so that any replica keeps it up to date.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";

/** Slack doesn't tell when somebody closes the tab; nobody leaves it open in front of them for longer. */
const READ_MS = 3_600_000;
/** With more readers than this, those who looked longest ago see changes when they look again. */
const READERS_MAX = 2_000;

/** Keys: homes. Arguments: user. Results: done. */
export const LOOK: Script<"homes", "done"> = {
  name: "jitLook",
  keys: ["homes"],
  writes: true,
  result: z.literal("done"),
  lua: `
redis.call('ZADD', key.homes, now, args.user)
redis.call('ZREMRANGEBYSCORE', key.homes, '-inf', now - ${READ_MS})
redis.call('ZREMRANGEBYRANK', key.homes, 0, -${READERS_MAX + 1})
redis.call('PEXPIRE', key.homes, ${READ_MS})
return 'done'
`,
};

/** Keys: homes. Results: who looked within the time, the latest first. */
export const READERS: Script<"homes", readonly string[]> = {
  name: "jitReaders",
  keys: ["homes"],
  writes: false,
  result: z.array(z.string()),
  lua: `
return redis.call('ZREVRANGEBYSCORE', key.homes, '+inf', '(' .. (now - ${READ_MS}))
`,
};
