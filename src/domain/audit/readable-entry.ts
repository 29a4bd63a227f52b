// An entry as people read it: its people named, its texts put back. Pure.

import { personTombstone, type SealKey } from "./audit-chain.ts";
import { type AuditEntry, hashOf, referenceTo, type Sealed, vmName } from "./audit-entry.ts";
import type { People, Row } from "./audit-row.ts";

/**
 * As people read it; an entry that can't be read is shown as such. Nobody is named by a table that doesn't fit
 * the reference, and no text is shown that isn't the one it was written with. `keys`: those that vouch for
 * pseudonyms; without one, the reference stands there.
 */
export function entryOf(row: Row, people: People, keys: readonly SealKey[] = []): AuditEntry {
  const { seq, seal, entry, beside } = row;
  const unreadable = { atMs: Number.NaN, what: "unreadable" };
  const { atMs, what, by, of, id, vm, ...rest }: Omit<Sealed, "seq"> = entry ?? unreadable;
  const isAltered = row.texts !== undefined && hashOf(beside ?? "") !== rest.beside;
  const texts = isAltered ? undefined : row.texts;
  const all = { ...rest.detail, ...texts };
  return {
    seq,
    atMs,
    what,
    by: named(by, people, keys),
    requester: named(of, people, keys),
    request: id,
    vm: vm ?? (typeof all.vm === "string" ? vmName(all.vm) : undefined),
    detail: all,
    erased: rest.beside !== undefined && row.texts === undefined,
    ...(isAltered && { altered: true as const }),
    seal,
  };
}

function named(
  reference: string | undefined,
  people: People,
  keys: readonly SealKey[],
): string | undefined {
  const known = reference === undefined ? undefined : people.get(reference);
  if (reference === undefined || known === undefined) return reference;
  if ("user" in known) {
    return referenceTo(known.user, known.salt) === reference ? known.user : reference;
  }
  const { label, tombstone } = known;
  const isVouched = keys.some((key) => personTombstone(key, reference, label) === tombstone);
  return isVouched && label !== "" ? label : reference;
}
