// The mark that a replica puts on an entry before Redis numbers it: anyone who can write to Redis can't make one,
// and the sealer seals nothing without it. Pure.
//
// It stands beside the entry until that is sealed, and goes then: from there on the seal vouches, and nothing is
// left from which somebody could compute, with the key, who an erased person was. The number and the time are
// Redis's. A nonce in the entry keeps a mark from being used twice, and says when it was made.

import { HOUR_MS } from "../text/duration.ts";
import { personTombstone, type SealKey, UNKEYED } from "./audit-chain.ts";
import { type Line, referenceTo } from "./audit-entry.ts";
import type { Mark, People, Row } from "./audit-row.ts";

/** A sum of refusals gets its numbers from Redis, so its mark covers what stands before them. */
type Kind = "entry" | "sum";

/** Clocks differ by less; what was copied to be used again is found out by its nonce within this. */
export const MADE_WITHIN_MS = HOUR_MS;

export const nonceAt = (madeAtMs: number, random: string): string =>
  `${Math.round(madeAtMs).toString(36)}-${random}`;

export const madeAtMs = (nonce: string): number =>
  Number.parseInt(nonce.slice(0, nonce.indexOf("-")), 36);

export function marked(line: Line, kind: Kind, by: { key: SealKey; tenant: string }): Line {
  const content = { by: line.by?.user, of: line.of?.user, rest: line.rest };
  const mark: Mark = {
    key: by.key.fingerprint,
    by: content.by,
    of: content.of,
    mac: macOf(by, kind, content),
  };
  return { ...line, mark: JSON.stringify(mark) };
}

type Content = Pick<Mark, "by" | "of"> & { readonly rest: string };

const macOf = (
  { key, tenant }: { key: SealKey; tenant: string },
  kind: Kind,
  { by, of, rest }: Content,
): string => key.vouch(`${kind} ${JSON.stringify([tenant, by ?? null, of ?? null, rest])}`);

const ENTRY =
  /^\{"seq":(\d{1,15}),"atMs":(\d{1,15}),(?:"by":"(P-[\w-]{16})",)?(?:"of":"(P-[\w-]{16})",)?(.*)$/s;
const NUMBERS = /"times":\d{1,15},"sinceMs":(\d{1,15}),"untilMs":\d{1,15}\}\}$/;

export type Vouching = { readonly keys: readonly SealKey[]; readonly tenant: string };

/** Whether neither a seal nor a mark says that the bot wrote it, though there is a key for both. */
export const isUnproven = (row: Row, people: People, by: Vouching): boolean =>
  row.seal === undefined &&
  by.keys.some(({ fingerprint }) => fingerprint !== UNKEYED) &&
  markFault(row, people, by) !== undefined;

/** Why an entry that isn't sealed yet isn't to be sealed; `undefined`: the bot wrote it as it stands. */
export function markFault(
  row: Row,
  people: People,
  { keys, tenant }: Vouching,
): string | undefined {
  const { mark, text = "", entry } = row;
  if (row.foreign !== undefined)
    return `it is numbered ${row.foreign}: the bot doesn't number entries like that`;
  if (mark === undefined) return "it's missing the bot's mark";
  const key = keys.find((one) => one.fingerprint === mark.key);
  if (key === undefined) return `it was marked with another key (fingerprint ${mark.key})`;
  const [, seq, atMs, by, of, rest = ""] = ENTRY.exec(text) ?? [];
  const wrong = "it isn't what the bot wrote: its mark doesn't fit";
  if (Number(seq) !== row.seq || entry?.nonce === undefined) return wrong;
  const arePeople =
    isPerson(by, mark.by, { people, keys }) && isPerson(of, mark.of, { people, keys });
  const numbers = NUMBERS.exec(rest);
  const kind = numbers === null ? "entry" : "sum";
  const content = { ...mark, rest: rest.slice(0, numbers?.index) };
  if (!arePeople || macOf({ key, tenant }, kind, content) !== mark.mac) return wrong;
  const apartMs = Math.abs(Number(numbers?.[1] ?? atMs) - madeAtMs(entry.nonce));
  return apartMs <= MADE_WITHIN_MS ? undefined : "it was made at a different time than it says";
}

function isPerson(
  reference: string | undefined,
  user: string | undefined,
  { people, keys }: { people: People; keys: readonly SealKey[] },
): boolean {
  if (reference === undefined || user === undefined) return reference === user;
  const known = people.get(reference);
  if (known === undefined) return false;
  if ("user" in known) return known.user === user && referenceTo(user, known.salt) === reference;
  // Erased in these seconds.
  return keys.some((key) => personTombstone(key, reference, known.label) === known.tombstone);
}
