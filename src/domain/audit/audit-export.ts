// The audit as files for others: JSON lines, and CSV that no spreadsheet takes for a formula. Pure.

import type { AuditEntry, Detail } from "./audit-entry.ts";

export const FORMATS = ["jsonl", "csv"] as const;
export type Format = (typeof FORMATS)[number];

const COLUMNS = [
  "seq",
  "at",
  "what",
  "by",
  "requester",
  "request",
  "vm",
  "ports",
  "source",
  "reason",
  "rule",
  "policy",
  "detail",
  "seal",
  // At the end, so that programs that read the others by their place still do.
  "opensAt",
] as const;

/** What stands before the first entry. */
export const headOf = (format: Format): string =>
  format === "csv" ? `${COLUMNS.join(",")}\r\n` : "";

export const formatEntry = (entry: AuditEntry, format: Format): string =>
  format === "csv" ? csvLine(entry) : jsonLine(entry);

function jsonLine(entry: AuditEntry): string {
  const { seq, atMs, what, by, requester, request, vm, erased, altered, unproven, seal } = entry;
  const detail = withTimes(entry.detail);
  const line = { seq, at: iso(atMs), what, by, requester, request, vm, detail };
  const amiss = { erased: erased || undefined, altered, unproven };
  return `${JSON.stringify({ ...line, ...amiss, seal })}\n`;
}

function csvLine(entry: AuditEntry): string {
  const { ports, source, reason, rule, policy, opensAt, ...others } = withTimes(entry.detail);
  const rest = {
    ...others,
    ...(entry.erased && { erased: "yes" }),
    ...(entry.altered && { altered: "yes" }),
    ...(entry.unproven && { unproven: "yes" }),
  };
  const cells = [
    String(entry.seq),
    iso(entry.atMs),
    entry.what,
    entry.by,
    entry.requester,
    entry.request,
    entry.vm,
    ...[ports, source, reason, rule, policy].map(text),
    Object.keys(rest).length === 0 ? undefined : JSON.stringify(rest),
    entry.seal,
    text(opensAt),
  ];
  return `${cells.map((one) => csvCell(one ?? "")).join(",")}\r\n`;
}

const text = (value: Detail[string] | undefined): string | undefined =>
  value === undefined ? undefined : typeof value === "object" ? value.join(",") : String(value);

/**
 * What begins like this may be run as a formula by the program that opens the file; the wide forms, too.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** RFC 4180: in quotes where it has to be, line breaks kept inside. */
export function csvCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** `endsAtMs` and similar times as people and programs read times: `endsAt`, in ISO 8601. */
const withTimes = (detail: Detail): Detail =>
  Object.fromEntries(
    Object.entries(detail).map(([name, value]) =>
      typeof value === "number" && /(?:At|^since|^until)Ms$/.test(name)
        ? [name.slice(0, -"Ms".length), iso(value)]
        : [name, value],
    ),
  );

/** In UTC, and readable even where the time makes no sense. */
function iso(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? String(atMs) : date.toISOString();
}
