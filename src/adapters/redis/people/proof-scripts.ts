// The scripts behind links by which people prove their address. Times are compared, TTLs only remove garbage.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";

/** How long a link that is over is recognised as one of ours. */
const GARBAGE_AFTER_MS = 24 * 3_600_000;

const done = z.literal("done");

/** Keys: proof. Arguments: lifeMs; draft. Results: done. Kept as `<ends>|<whether it was used>|<draft>`. */
export const KEEP_DRAFT: Script<"proof", "done"> = {
  name: "jitKeepDraft",
  keys: ["proof"],
  writes: true,
  result: done,
  lua: `
local text = string.format('%.0f|0|', now + args.lifeMs) .. ARGV[3]
redis.call('SET', key.proof, text, 'PX', args.lifeMs + ${GARBAGE_AFTER_MS})
return 'done'
`,
};

const found = z.tuple([z.enum(["waiting", "used", "expired", "none"]), z.string()]);

/** Keys: proof. Arguments: taken: whether it is used from now on. Results: state, draft. */
export const READ_DRAFT: Script<"proof", z.output<typeof found>> = {
  name: "jitReadDraft",
  keys: ["proof"],
  writes: true,
  result: found,
  lua: `
local ends, used, draft = string.match(redis.call('GET', key.proof) or '', '^(%d+)|(%d)|(.*)$')
if not ends then return { 'none', '' } end
if used == '1' then return { 'used', draft } end
if tonumber(ends) <= now then return { 'expired', draft } end
if args.taken then redis.call('SET', key.proof, ends .. '|1|' .. draft, 'KEEPTTL') end
return { 'waiting', draft }
`,
};

/** Keys: proof. Results: done. */
export const GIVE_BACK_DRAFT: Script<"proof", "done"> = {
  name: "jitGiveBackDraft",
  keys: ["proof"],
  writes: true,
  result: done,
  lua: `
local ends, draft = string.match(redis.call('GET', key.proof) or '', '^(%d+)|%d|(.*)$')
if ends then redis.call('SET', key.proof, ends .. '|0|' .. draft, 'KEEPTTL') end
return 'done'
`,
};

/** Keys: address. Arguments: address, lifeMs. Results: done. Kept as `<seen>|<address>`. */
export const KEEP_ADDRESS: Script<"address", "done"> = {
  name: "jitKeepAddress",
  keys: ["address"],
  writes: true,
  result: done,
  lua: `
local text = string.format('%.0f|%s', now, args.address)
redis.call('SET', key.address, text, 'PX', args.lifeMs)
return 'done'
`,
};

/** Keys: address. Arguments: withinMs. Results: the address, empty where none was seen within the time. */
export const ADDRESS_OF: Script<"address", string> = {
  name: "jitAddressOf",
  keys: ["address"],
  writes: false,
  result: z.string(),
  lua: `
local seen, address = string.match(redis.call('GET', key.address) or '', '^(%d+)|(.*)$')
if not seen or now - tonumber(seen) >= args.withinMs then return '' end
return address
`,
};
