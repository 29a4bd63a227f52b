// The scripts of what was set aside.

import { z } from "zod";
import type { Script } from "./script.ts";
import { LEASES, NOTICES } from "./script-parts.ts";

/**
 * Keys: due, held, aside, notices. Arguments: member, why.
 * Results: done. The notices of a channel go with it, so that later ones find the way free.
 */
export const SET_ASIDE: Script<"due" | "held" | "aside" | "notices" | "wake", "done"> = {
  name: "jitSetAside",
  keys: ["due", "held", "aside", "notices", "wake"],
  writes: true,
  result: z.literal("done"),
  lua: `${LEASES}${NOTICES}
local text = string.format('%.0f|', now) .. args.why
local channel = string.match(args.member, '^n:(.+)$')
if channel then
  text = text .. '\\n' .. table.concat(notices_of(channel, 1 / 0), '\\n')
  redis.call('HSET', key.aside, args.member .. string.format(' %.0f', now), text)
  drop_notices_before(channel, 1 / 0)
else
  redis.call('HSET', key.aside, args.member, text)
end
free(args.member, nil)
return 'done'
`,
};

/**
 * Keys: aside. Results: what was set aside: member, since and why, member, since and why, …
 */
export const LIST_ASIDE: Script<"aside", readonly string[]> = {
  name: "jitListAside",
  keys: ["aside"],
  writes: false,
  result: z.array(z.string()),
  lua: `
return redis.call('HGETALL', key.aside)
`,
};
