// How a note becomes an entry: its salts are drawn here, its number and time are given by the script.

import { randomBytes } from "node:crypto";
import { type About, type Line, lineOf } from "../../request/audit/entry.ts";
import type { AuditNote } from "../../request/transition.ts";

const SALT_BYTES = 12;
const salt = () => randomBytes(SALT_BYTES).toString("base64url");

export const auditLine = (note: AuditNote, about: About): Line => lineOf(note, about, salt);

/** What is counted where it comes in floods: by person and reason. */
export type Flood = { readonly field: string; readonly sum: Line };

/** Refusals are cheap to cause; nothing else is counted instead of stored. `undefined` for anything else. */
export function floodOf(note: AuditNote): Flood | undefined {
  if (note.what !== "refused") return undefined;
  const why = String(note.detail?.why ?? "");
  const line = auditLine({ what: note.what, by: note.by, detail: { why } }, {});
  // The script adds the numbers, and closes both braces.
  return { field: `${note.by ?? ""}|${why}`, sum: { ...line, rest: `${line.rest.slice(0, -2)},` } };
}
