// How a note becomes an entry: its salts are drawn here, its number and time are given by the script.

import { randomBytes } from "node:crypto";
import { sealKey, UNKEYED } from "../../../domain/audit/audit-chain.ts";
import { type About, type Line, lineOf, vmName } from "../../../domain/audit/audit-entry.ts";
import { marked, nonceAt } from "../../../domain/audit/writer-mark.ts";
import type { AuditNote } from "../../../domain/request/moved.ts";
import type { Writer } from "../scripts/tools.ts";
import { trailIn } from "./trails.ts";

const SALT_BYTES = 12;
const SALTS_AT_ONCE = 256;
let drawn = Buffer.alloc(0);
let used = 0;

/** Every entry has several: the system is asked for many at once, and none is given out twice. */
function salt(): string {
  if (used >= drawn.length) {
    drawn = randomBytes(SALT_BYTES * SALTS_AT_ONCE);
    used = 0;
  }
  used += SALT_BYTES;
  return drawn.toString("base64url", used - SALT_BYTES, used);
}

export type WriterOptions = {
  readonly tenant: string;
  /** Left out: what is written bears no mark, as is right where the audit is sealed without a key. */
  readonly writer?: Omit<Writer, "tenant">;
};

export const writerOf = ({ tenant, writer }: WriterOptions): Writer => ({
  tenant,
  ...(writer ?? { key: sealKey(undefined), nowMs: () => 0 }),
});

const NONCE_BYTES = 9;

const nonceOf = ({ key, nowMs }: Writer): string | undefined =>
  key.fingerprint === UNKEYED
    ? undefined
    : nonceAt(nowMs(), randomBytes(NONCE_BYTES).toString("base64url"));

const markedBy = (writer: Writer, line: Line, kind: "entry" | "sum"): Line =>
  writer.key.fingerprint === UNKEYED ? line : marked(line, kind, writer);

export const auditLine = (note: AuditNote, about: About, writer: Writer): Line => ({
  ...markedBy(writer, lineOf(note, about, salt, nonceOf(writer)), "entry"),
  trail: trailOf(note, about),
});

const trailOf = ({ what }: AuditNote, { requester, vm }: About): string | undefined =>
  requester === undefined ? trailIn(what, undefined) : trailIn(what, vm && vmName(vm));

/** What is counted where it comes in floods: by person and reason; or, of too many kinds, all together. */
export type Flood = { readonly field: string; readonly sum: Line; readonly several: Line };

/** Refusals are cheap to cause; nothing else is counted instead of stored. `undefined` for anything else. */
export function floodOf(note: AuditNote, writer: Writer): Flood | undefined {
  if (note.what !== "refused") return undefined;
  const why = String(note.detail?.why ?? "");
  return {
    field: `${note.by ?? ""}|${why}`,
    sum: sumOf({ what: note.what, by: note.by, detail: { why } }, writer),
    several: sumOf({ what: note.what, detail: { why: "several" } }, writer),
  };
}

/** The script adds the numbers, and closes both braces. */
function sumOf(note: AuditNote, writer: Writer): Line {
  const line = lineOf(note, {}, salt, nonceOf(writer));
  return markedBy(writer, { ...line, rest: `${line.rest.slice(0, -2)},` }, "sum");
}
