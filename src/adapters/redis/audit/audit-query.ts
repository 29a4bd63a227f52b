// Looks through the audit for what matches, from the newest backwards.

import { type AuditEntry, vmName } from "../../../domain/audit/audit-entry.ts";
import { entryOf } from "../../../domain/audit/readable-entry.ts";
import { isUnproven, type Vouching } from "../../../domain/audit/writer-mark.ts";
import {
  type AuditQuery,
  type AuditReader,
  PAGE_MAX,
  type Searched,
} from "../../../ports/storage/audit.ts";

/** More is never brought at once, whatever is asked for. */
const ENTRIES_MAX = 5_000;
/** A question that finds little stops looking after this many pages: half a million entries. */
const PAGES_MAX = 1_000;
/** Redis's clock may have been set back a little between two entries. */
const CLOCK_SLACK_MS = 5 * 60_000;

const NOBODY: Vouching = { keys: [], tenant: "" };

/** What nothing shows to be the bot's is left out: verification tells of it. `pagesMax` is for tests. */
export async function search(
  reader: Omit<AuditReader, "search">,
  query: AuditQuery,
  by: Vouching = NOBODY,
  pagesMax = PAGES_MAX,
): Promise<Searched> {
  const { fromMs, untilMs } = query;
  const most = Math.min(query.most, ENTRIES_MAX);
  const first = await reader.firstSince(fromMs - CLOCK_SLACK_MS);
  let last = (await reader.firstSince(untilMs + CLOCK_SLACK_MS)) - 1;
  let seenToMs = untilMs;
  const found: AuditEntry[] = [];
  for (let pages = 0; pages < pagesMax && last >= first && found.length <= most; pages++) {
    const fromSeq = Math.max(first, last - PAGE_MAX + 1);
    const { rows, people } = await reader.page({ fromSeq, untilSeq: last });
    const entries = rows
      .filter((row) => row.entry !== undefined && !isUnproven(row, people, by))
      .map((row) => entryOf(row, people, by.keys))
      .toReversed();
    seenToMs = entries.at(-1)?.atMs ?? seenToMs;
    found.push(
      ...entries.filter(
        (entry) => entry.atMs >= fromMs && entry.atMs < untilMs && matches(entry, query),
      ),
    );
    last = fromSeq - 1;
  }
  // One more than was wanted tells that there are more.
  if (found.length > most) {
    return { entries: found.slice(0, most), stoppedAtMs: found[most - 1]?.atMs };
  }
  return { entries: found, stoppedAtMs: last >= first ? seenToMs : undefined };
}

function matches(
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
