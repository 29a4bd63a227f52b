// The scripts of the snapshot that replicas share: its texts, which is the newest, and who reads Azure now.

import { z } from "zod";
import { LEASE_IN_KEY } from "../leases/lease-in-key.ts";
import type { Script } from "../scripts/script.ts";

/** Azure may be away for long, and a replica that starts meanwhile is glad of an old snapshot. */
const KEPT_S = 24 * 60 * 60;
/** The replica that began to load it has ended by then. */
const DROPPED_S = 5 * 60;
/** While nobody has the lease by name, Azure is left alone. */
const RESTS = "''";

/**
 * Keys: shared: hash of `version`, `root`, `at`, `published`, `took`.
 * Results: version, root, age, age of the publishing, how long it took; nothing: there is none.
 */
export const LOOK_SHARED: Script<"shared", readonly string[]> = {
  name: "jitLookShared",
  keys: ["shared"],
  writes: false,
  result: z.array(z.string()),
  lua: `
local found = redis.call('HMGET', key.shared, 'version', 'root', 'at', 'published', 'took')
for i = 1, 5 do if not found[i] then return {} end end
local function age(at) return string.format('%.0f', now - tonumber(at)) end
return { found[1], found[2], age(found[3]), age(found[4]), found[5] }
`,
};

/** More keys: texts. Results: each text, or null. */
export const LOAD_TEXTS: Script<never, readonly (string | null)[]> = {
  name: "jitLoadTexts",
  keys: [],
  writes: false,
  result: z.array(z.string().nullable()),
  lua: "return redis.call('MGET', unpack(more))",
};

/** More keys: texts. Results: 1 for each that is there and kept for longer, 0 for each that isn't. */
export const KEEP_TEXTS: Script<never, readonly number[]> = {
  name: "jitKeepTexts",
  keys: [],
  writes: true,
  result: z.array(z.number()),
  lua: `
local found = {}
for i, text in ipairs(more) do found[i] = redis.call('EXPIRE', text, ${KEPT_S}) end
return found
`,
};

/** Keys: text. The text itself is the long one. Results: done. */
export const PUT_TEXT: Script<"text", "done"> = {
  name: "jitPutText",
  keys: ["text"],
  writes: true,
  result: z.literal("done"),
  lua: `
redis.call('SET', key.text, ARGV[3], 'EX', ${KEPT_S})
return 'done'
`,
};

/** More keys: texts. Arguments: isBroken, so that it isn't even to be loaded. Results: done. */
export const DROP_TEXTS: Script<never, "done"> = {
  name: "jitDropTexts",
  keys: [],
  writes: true,
  result: z.literal("done"),
  lua: `
for _, text in ipairs(more) do
  if args.isBroken then redis.call('DEL', text) else redis.call('EXPIRE', text, ${DROPPED_S}) end
end
return 'done'
`,
};

const claimed = z.enum(["claimed", "held", "resting"]);

/**
 * Keys: reader, alive. Arguments: reader, leaseMs, isUrgent.
 * Results: claimed; held, by another, or by nobody before this replica is known to live; resting.
 */
export const CLAIM_READING: Script<"reader" | "alive", z.output<typeof claimed>> = {
  name: "jitClaimReading",
  keys: ["reader", "alive"],
  writes: true,
  result: claimed,
  lua: `${LEASE_IN_KEY}
local owner = owner_at(key.reader)
if owner == ${RESTS} and not args.isUrgent then return 'resting' end
if owner and owner ~= ${RESTS} and owner ~= args.reader then return 'held' end
if not is_alive(args.reader) then return 'held' end
take_lease(key.reader, args.reader, args.leaseMs)
return 'claimed'
`,
};

/**
 * Keys: shared, reader. Arguments: reader, root, ageMs, tookMs.
 * Results: the version, and the claim is over; empty: another one claimed it meanwhile.
 */
export const PUBLISH: Script<"shared" | "reader" | "alive", string> = {
  name: "jitPublish",
  keys: ["shared", "reader", "alive"],
  writes: true,
  result: z.string(),
  lua: `${LEASE_IN_KEY}
if not is_last_owner(key.reader, args.reader) then return '' end
local function ms(number) return string.format('%.0f', number) end
local version = ms(now) .. ' ' .. args.reader
redis.call('HSET', key.shared, 'version', version, 'root', args.root,
  'at', ms(now - args.ageMs), 'published', ms(now), 'took', ms(args.tookMs))
redis.call('EXPIRE', key.shared, ${KEPT_S})
redis.call('DEL', key.reader)
return version
`,
};

/** Keys: reader. Arguments: reader, restMs. Results: done. Another's claim stays. */
export const RELEASE_READING: Script<"reader" | "alive", "done"> = {
  name: "jitReleaseReading",
  keys: ["reader", "alive"],
  writes: true,
  result: z.literal("done"),
  lua: `${LEASE_IN_KEY}
if not is_last_owner(key.reader, args.reader) then return 'done' end
if args.restMs > 0 then take_lease(key.reader, ${RESTS}, args.restMs) else redis.call('DEL', key.reader) end
return 'done'
`,
};
