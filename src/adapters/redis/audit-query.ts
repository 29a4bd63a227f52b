// Looks through the audit for what matches, from the newest backwards.

import { type AuditQuery, type AuditReader, PAGE_MAX } from "../../ports/audit.ts";
import { type AuditEntry, vmName } from "../../request/audit/entry.ts";
import { entryOf } from "../../request/audit/read.ts";

/** More is never brought at once, whatever is asked for. */
const ENTRIES_MAX = 5_000;
/** A question that finds little stops looking after so many pages: half a million entries. */
const PAGES_MAX = 1_000;
/** Redis's clock may have been set back a little between two entries. */
const CLOCK_SLACK_MS = 5 * 60_000;

export async function newest(
  reader: Omit<AuditReader, "entries">,
  query: AuditQuery,
): Promise<readonly AuditEntry[]> {
  const { fromMs, untilMs } = query;
  const most = Math.min(query.most, ENTRIES_MAX);
  const first = await reader.firstSince(fromMs - CLOCK_SLACK_MS);
  let last = (await reader.firstSince(untilMs + CLOCK_SLACK_MS)) - 1;
  const found: AuditEntry[] = [];
  for (let pages = 0; pages < PAGES_MAX && last >= first && found.length < most; pages++) {
    const fromSeq = Math.max(first, last - PAGE_MAX + 1);
    const { rows, people } = await reader.page({ fromSeq, untilSeq: last });
    const entries = rows
      .filter((row) => row.entry !== undefined)
      .map((row) => entryOf(row, people))
      .filter((entry) => entry.atMs >= fromMs && entry.atMs < untilMs && matches(entry, query));
    found.push(...entries.toReversed());
    last = fromSeq - 1;
  }
  return found.slice(0, most);
}

export function matches(
  entry: AuditEntry,
  { user, vm, request, wanted }: Omit<AuditQuery, "fromMs" | "untilMs" | "most">,
): boolean {
  const vmOf = entry.detail.vm;
  return (
    (user === undefined || entry.by === user || entry.requester === user) &&
    (request === undefined || entry.request === request) &&
    (vm === undefined ||
      (typeof vmOf === "string" ? vmOf.toLowerCase() === vm : entry.vm === vmName(vm))) &&
    (wanted === undefined || wanted(entry))
  );
}
