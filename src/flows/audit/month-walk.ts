// Going through a month of the audit: its requests, each once, with what was said about them before and after, and what
// others did at Azure. Bounded by what is open at one time, however long the month's part of the audit is.

import { type AccessRecord, accessRecordBuilder } from "../../domain/audit/access-record.ts";
import type { SealKey } from "../../domain/audit/audit-chain.ts";
import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import { belongsTo, isByOthers, type Month } from "../../domain/report/month-totals.ts";
import { DAY_MS } from "../../domain/text/duration.ts";
import type { AuditReader } from "../../ports/storage/audit.ts";
import { entriesOf } from "./audit-walk.ts";

/** What is open in a month may have been asked for this long before it: it waits and is open for a week each. */
const BEFORE_MS = 22 * DAY_MS;
/** Its end, and the review of a break-glass, may come this long after it. */
const AFTER_MS = 62 * DAY_MS;

export type MonthPart = {
  readonly records: readonly AccessRecord[];
  /** What others did at Azure, in the month. */
  readonly others: readonly AuditEntry[];
  /** The month's own entries. */
  readonly entries: readonly AuditEntry[];
};

export async function* monthParts(
  audit: Pick<AuditReader, "chain" | "page" | "firstFrom" | "firstSince">,
  keys: readonly SealKey[],
  { month, nowMs, lastSeq }: { month: Month; nowMs: number; lastSeq: number },
): AsyncGenerator<MonthPart> {
  const isIn = ({ atMs }: { atMs: number }) => atMs >= month.fromMs && atMs < month.untilMs;
  const belongs = belongsTo(month, nowMs);
  const builder = accessRecordBuilder();
  const period = { fromMs: month.fromMs - BEFORE_MS, untilMs: month.untilMs + AFTER_MS };
  for await (const read of entriesOf(audit, keys, period, lastSeq)) {
    read.forEach(builder.take);
    const entries = read.filter(isIn);
    const lastAtMs = read.at(-1)?.atMs ?? 0;
    const records = builder.settled(lastAtMs).filter(belongs);
    yield { records, entries, others: entries.filter(isByOthers) };
  }
  yield { records: builder.rest().filter(belongs), entries: [], others: [] };
}
