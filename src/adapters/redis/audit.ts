// How an audit entry is written. The script puts the sequence and the time in front.

import type { RequestId } from "../../request/ids.ts";
import type { AuditNote } from "../../request/transition.ts";

/** Longer than any reason may be, so that reasons are kept to the letter. */
const TEXT_CHARACTERS_MAX = 2_000;
const LIST_ITEMS_MAX = 100;
const DETAILS_MAX = 30;

/**
 * `"id":…,"what":…,"by":…,"detail":{…}}`: the rest of an entry, which begins `{"seq":…,"atMs":…,`.
 * Bounded: whatever is longer than it should ever be is cut.
 */
export function auditRest(id: RequestId | undefined, note: AuditNote): string {
  const { what, by, detail } = note;
  const kept = detail === undefined ? undefined : Object.entries(detail).slice(0, DETAILS_MAX);
  const bounded = kept?.map(([name, value]) => [cut(name), boundedValue(value)]);
  const rest = {
    id,
    what: cut(what),
    by: by === undefined ? undefined : cut(by),
    detail: bounded === undefined ? undefined : Object.fromEntries(bounded),
  };
  return JSON.stringify(rest).slice(1);
}

type Value = NonNullable<AuditNote["detail"]>[string];

function boundedValue(value: Value): Value {
  if (typeof value === "number") return value;
  return typeof value === "string" ? cut(value) : value.slice(0, LIST_ITEMS_MAX).map(cut);
}

const cut = (text: string): string =>
  text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX - 1)}…`;
