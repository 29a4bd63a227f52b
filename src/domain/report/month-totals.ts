// A month in numbers, counted record by record: what was asked for, opened, reviewed, and opened by others. Pure, but
// for what it remembers: as much as there are people and VMs, and some of what has a list of its own.

import { type AccessRecord, openMs, type RecordEnd } from "../audit/access-record.ts";
import type { AuditEntry } from "../audit/audit-entry.ts";

export type Month = { readonly fromMs: number; readonly untilMs: number };

export type MonthTotals = {
  readonly asked: number;
  readonly opened: number;
  /** Milliseconds for which something was open within the month, added up over all requests. */
  readonly openMs: number;
  /** How those that were asked for in the month ended, or where they stand. */
  readonly ends: ReadonlyMap<RecordEnd, number>;
  readonly requesters: ReadonlySet<string>;
  readonly vms: ReadonlySet<string>;
  /** Everybody who asked, decided or reviewed. */
  readonly people: ReadonlySet<string>;
  readonly breakGlass: number;
  /** Of the break-glass ones: found justified, of concern, not reviewed. */
  readonly justified: number;
  readonly concerns: number;
  readonly unreviewed: number;
  readonly othersOpened: number;
  readonly othersChanged: number;
  readonly amiss: number;
};

export type TotalsCounter = {
  record(one: AccessRecord): void;
  entry(one: AuditEntry): void;
  finish(): MonthTotals;
};

const CHANGED_ELSEWHERE: ReadonlySet<string> = new Set([
  "jit-policy-changed-elsewhere",
  "jit-policy-deleted-elsewhere",
]);

export const isByOthers = ({ what }: AuditEntry): boolean =>
  what === "opened-elsewhere" || CHANGED_ELSEWHERE.has(what);

/** Whether a record belongs to the month: asked for in it, or open at some time of it. */
export const belongsTo = (month: Month, nowMs: number) => (record: AccessRecord) =>
  wasAskedIn(month, record) || openMs(record, { ...month, nowMs }) > 0;

const wasAskedIn = ({ fromMs, untilMs }: Month, { askedAtMs }: AccessRecord): boolean =>
  askedAtMs !== undefined && askedAtMs >= fromMs && askedAtMs < untilMs;

export function totalsCounter(month: Month, nowMs: number): TotalsCounter {
  const ends = new Map<RecordEnd, number>();
  const requesters = new Set<string>();
  const vms = new Set<string>();
  const people = new Set<string>();
  const sums = {
    asked: 0,
    opened: 0,
    openMs: 0,
    breakGlass: 0,
    justified: 0,
    concerns: 0,
    unreviewed: 0,
    othersOpened: 0,
    othersChanged: 0,
    amiss: 0,
  };
  return {
    record: (one) => {
      const { requester, approvers, reviews } = one;
      for (const id of [requester, ...approvers, ...reviews.map(({ by }) => by)]) {
        if (id !== undefined) people.add(id);
      }
      if (wasAskedIn(month, one)) {
        sums.asked += 1;
        ends.set(one.end, (ends.get(one.end) ?? 0) + 1);
      }
      if (one.amiss.size > 0) sums.amiss += 1;
      const inMonthMs = openMs(one, { ...month, nowMs });
      if (inMonthMs === 0) return;
      sums.opened += 1;
      sums.openMs += inMonthMs;
      if (requester !== undefined) requesters.add(requester);
      if (one.vm !== undefined) vms.add(one.vm);
      if (!one.isBreakGlass) return;
      sums.breakGlass += 1;
      sums[verdictOf(one)] += 1;
    },
    entry: ({ what }) => {
      if (what === "opened-elsewhere") sums.othersOpened += 1;
      if (CHANGED_ELSEWHERE.has(what)) sums.othersChanged += 1;
    },
    finish: () => ({ ...sums, ends, requesters, vms, people }),
  };
}

function verdictOf({ reviews }: AccessRecord): "justified" | "concerns" | "unreviewed" {
  const last = reviews.at(-1);
  if (last === undefined) return "unreviewed";
  return last.verdict === "ok" ? "justified" : "concerns";
}
