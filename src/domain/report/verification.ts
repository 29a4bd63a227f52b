// Whether a month of the audit verifies: nothing up to its last entry is missing, altered or unsealed. Pure.

import type { Head } from "../audit/audit-chain.ts";
import type { AuditEntry } from "../audit/audit-entry.ts";
import type { Report } from "../audit/verify-audit.ts";

export type Verification = {
  readonly isVerified: boolean;
  /** The month's entries; `undefined`: there are none. */
  readonly span: { readonly firstSeq: number; readonly lastSeq: number } | undefined;
  /** The seal of the month's last entry, and that of the newest one: what comes before each hangs on it. */
  readonly monthHead: Head | undefined;
  readonly newestHead: Head | undefined;
  /** Why it doesn't verify. */
  readonly findings: readonly string[];
  /** What is wrong after the month. */
  readonly later: number;
};

export type MonthSpan = {
  take(entries: readonly AuditEntry[]): void;
  judged(report: Report): Verification;
};

export function monthSpan(): MonthSpan {
  let first: AuditEntry | undefined;
  let last: AuditEntry | undefined;
  let unsealed = 0;
  return {
    take: (entries) => {
      for (const entry of entries) {
        first ??= entry;
        if (last === undefined || entry.seq > last.seq) last = entry;
        if (entry.seal === undefined) unsealed += 1;
      }
    },
    judged: (report) => {
      const lastSeq = last?.seq ?? 0;
      const upTo = report.findings.filter(({ seq }) => seq <= lastSeq);
      const untold = report.findingsCount - report.findings.length;
      const findings = [
        ...upTo.map(({ say }) => say),
        // The first ones are told: what isn't may be anywhere.
        ...(untold > 0 ? [`${untold} more findings: see jit audit verify`] : []),
        ...(unsealed > 0 ? [`${unsealed} of the month's entries aren't sealed (yet)`] : []),
      ];
      return {
        isVerified: findings.length === 0,
        span: first && { firstSeq: first.seq, lastSeq },
        monthHead: last?.seal === undefined ? undefined : { seq: lastSeq, seal: last.seal },
        newestHead: report.sealed,
        findings,
        later: report.findings.length - upTo.length,
      };
    },
  };
}

export const headText = (head: Head | undefined): string =>
  head === undefined ? "none" : `${head.seq}:${head.seal}`;
