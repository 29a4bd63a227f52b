// An entry as people read it: its people named, its texts put back. Pure.

import { type AuditEntry, type Sealed, vmName } from "./entry.ts";
import type { People, Row } from "./verify.ts";

/** As people read it; an entry that cannot be read is shown as such. */
export function entryOf(row: Row, people: People): AuditEntry {
  const { seq, seal, entry, texts } = row;
  const unreadable = { atMs: Number.NaN, what: "unreadable" };
  const { atMs, what, by, of, id, vm, ...rest }: Omit<Sealed, "seq"> = entry ?? unreadable;
  const all = { ...rest.detail, ...texts };
  return {
    seq,
    atMs,
    what,
    by: named(by, people),
    requester: named(of, people),
    request: id,
    vm: vm ?? (typeof all.vm === "string" ? vmName(all.vm) : undefined),
    detail: all,
    erased: rest.beside !== undefined && texts === undefined,
    seal,
  };
}

function named(reference: string | undefined, people: People): string | undefined {
  const known = reference === undefined ? undefined : people.get(reference);
  if (known === undefined) return reference;
  return "user" in known ? known.user : known.label || reference;
}
