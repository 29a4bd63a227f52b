// Whose the newest seal is, told by the seal itself and not by what Redis says of it. Pure.

import {
  type Checkpoint,
  type Era,
  genesisSeal,
  type Head,
  isGenuine,
  type SealKey,
  UNKEYED,
} from "./audit-chain.ts";

export type End = {
  /** `text`: the entry; `before`: the seal before; both empty where they aren't there. */
  readonly head: Head & { readonly text: string; readonly before: string };
  readonly eras: readonly Era[];
  readonly checkpoint: Checkpoint | undefined;
};

/**
 * - `own`: made with the key, or there is none.
 * - `other-key`: another key sealed so far, and this one is to go on.
 * - `replaced`: another key has taken this one's place.
 * - `foreign`: it is nobody's, though Redis says that it is this key's.
 */
export type Whose = "own" | "other-key" | "replaced" | "foreign";

export function endOf({ head, eras, checkpoint }: End, tenant: string, key: SealKey): Whose {
  if (head.seq === 0) return "own";
  if (checkpoint?.seq === head.seq && checkpoint.seal === head.seal) {
    if (isGenuine(key, tenant, checkpoint)) return "own";
  } else if (key.seal(head.before || genesisSeal(tenant), head.text) === head.seal) {
    return "own";
  }
  const newest = eras.at(-1)?.fingerprint;
  if (newest === key.fingerprint) return "foreign";
  // A bot that was started without its key for a while goes on with it.
  if (newest === UNKEYED) return "other-key";
  return eras.some(({ fingerprint }) => fingerprint === key.fingerprint) ? "replaced" : "other-key";
}
