// The key that the bot's own calls to Azure are known by: drawn once, and shared by all replicas.

import { randomBytes } from "node:crypto";
import { z } from "zod";
import { cachedReads } from "../../../ports/cached-reads.ts";
import type { CallKeys } from "../../../ports/storage/call-keys.ts";
import type { Script } from "../scripts/script.ts";
import type { Tools } from "../scripts/tools.ts";

/**
 * Keys: calls. Arguments: offered. Results: the key that is in force: the one that was there, or else the
 * one that was offered.
 */
const CALL_KEY: Script<"calls", string> = {
  name: "jitCallKey",
  keys: ["calls"],
  writes: true,
  result: z.string().min(1),
  lua: `
redis.call('SETNX', key.calls, args.offered)
return redis.call('GET', key.calls)
`,
};

/** A Redis that was emptied gets the old key back from the first that asks; the others learn it in time. */
const ASK_AGAIN_MS = 60_000;

export function redisCallKeys({ run, keys }: Tools): CallKeys {
  let known = randomBytes(32).toString("base64url");
  const ask = async () => {
    known = await run(CALL_KEY, { keys, args: { offered: known } });
    return known;
  };
  const reads = cachedReads(ask, { monotonicMs: () => performance.now() });
  return { current: () => reads(keys.calls, ASK_AGAIN_MS) };
}
