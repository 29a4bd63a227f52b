// What stands beside an entry, held against it: the people in the table, the texts, and the tombstones of both. Pure.

import {
  personTombstone,
  type SealKey,
  textsTombstone,
  textsTombstoneBefore,
} from "./audit-chain.ts";
import { hashOf, referenceTo, type Sealed } from "./audit-entry.ts";
import type { Known, People, Row } from "./audit-row.ts";

export type BesideCheck = {
  /** Answers what is wrong beside an entry. */
  take(row: Row, entry: Sealed, people: People): string | undefined;
  /** What an old key alone vouches for, and no entry under a later one told of. */
  finish(): readonly { readonly seq: number; readonly say: string }[];
};

/** `keys`: the present one first. Only they vouch. */
export function besideCheck([present, ...before]: readonly SealKey[]): BesideCheck {
  const announced = new Set<string>();
  let announcedBefore = 0;
  const doubtful: { seq: number; say: string; mark: string }[] = [];

  const person = (seq: number, reference: string, known: Known | undefined) => {
    if (known === undefined)
      return `the person ${reference} isn't known, though nobody erased them`;
    if ("user" in known) {
      return referenceTo(known.user, known.salt) === reference
        ? undefined
        : `the person ${reference} was made somebody else: ${known.user}`;
    }
    const { label, tombstone } = known;
    const isBy = (key: SealKey) => personTombstone(key, reference, label) === tombstone;
    if (present !== undefined && isBy(present)) return undefined;
    if (!before.some(isBy)) return `the person ${reference} was erased by somebody without the key`;
    const say = `entry ${seq}: the person ${reference} was erased with an old key, and no entry says so`;
    doubtful.push({ seq, say, mark: tombstone });
    return undefined;
  };

  const texts = (row: Row, hash: string | undefined): string | undefined => {
    if (hash === undefined) return undefined;
    const { seq, beside, entry } = row;
    if (beside === undefined) {
      return `the texts beside entry ${seq} are missing, though nobody erased them`;
    }
    if (hashOf(beside) === hash) return undefined;
    const isBy = (key: SealKey) =>
      textsTombstone(key, seq, hash) === beside ||
      (entry?.nonce === undefined && textsTombstoneBefore(key, seq) === beside);
    if (present !== undefined && isBy(present)) return undefined;
    if (!before.some(isBy)) return `the texts beside entry ${seq} were altered`;
    const say = `the texts beside entry ${seq} were erased with an old key, and no entry says so`;
    doubtful.push({ seq, say, mark: String(seq) });
    return undefined;
  };

  const listen = (row: Row, { what, detail = {} }: Sealed) => {
    if (what !== "erased" || row.seal === undefined) return;
    const { entries, voucher } = detail;
    if (typeof voucher === "string") announced.add(voucher);
    for (const one of typeof entries === "string" ? entries.split(" ") : []) announced.add(one);
    // Before erasing told all that, it told the person alone.
    if (row.entry?.nonce === undefined) announcedBefore = row.seq;
  };

  return {
    take: (row, entry, people) => {
      listen(row, entry);
      for (const reference of [entry.by, entry.of]) {
        if (reference === undefined) continue;
        const wrong = person(row.seq, reference, people.get(reference));
        if (wrong !== undefined) return `entry ${row.seq}: ${wrong}`;
      }
      return texts(row, entry.beside);
    },
    finish: () => doubtful.filter(({ seq, mark }) => seq > announcedBefore && !announced.has(mark)),
  };
}
