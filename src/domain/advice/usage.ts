// What was asked for and used in a stretch of time, counted from the audit entry by entry: as much as there are
// different uses, however many requests there were. Pure, but for what it remembers.

import {
  type AccessRecord,
  accessRecordBuilder,
  type Decision,
  portsIn,
  wasUsed,
} from "../audit/access-record.ts";
import type { AuditEntry } from "../audit/audit-entry.ts";
import { DAY_MS } from "../text/duration.ts";

/** How often something was so, and when last. */
export type Tally = { readonly count: number; readonly lastAtMs: number };

/** Requests that differ in nothing that a rule looks at, but for who asked and for how long. */
export type Use = Tally & {
  /** The rule that decided then; the file may have changed since. */
  readonly rule: string | undefined;
  readonly vmId: string | undefined;
  /** `resource group/name`, in lower case. */
  readonly vm: string | undefined;
  readonly ports: readonly number[];
  /** `undefined`: it was erased, with the person. */
  readonly source: string | undefined;
  readonly network: string | undefined;
  /** Opened, or about to be; what was denied, cancelled or expired was only asked for. */
  readonly wasUsed: boolean;
  /** The longest that one was asked for; of an extension, until the end that it asked for. */
  readonly longestMs: number;
  readonly deciders: ReadonlyMap<string, Tally>;
};

/** What others opened at Azure: it needs the VM's JIT policy as well, and no rule. */
export type Elsewhere = {
  readonly vm: string;
  readonly ports: readonly number[];
  readonly source: string | undefined;
  readonly durationMs: number | undefined;
  readonly atMs: number;
};

export type Usage = {
  readonly uses: readonly Use[];
  readonly elsewhere: readonly Elsewhere[];
  readonly requests: number;
  /** The first of the entries that were read. */
  readonly firstAtMs: number | undefined;
};

/** A request that goes on into the period began no longer before it: it waits and is open for a week each. */
export const READ_BEFORE_MS = 22 * DAY_MS;

export type UsageCounter = { take(entry: AuditEntry): void; finish(): Usage };

/** Counts what happened since `fromMs`; entries from `READ_BEFORE_MS` before belong to it. */
export function usageCounter(fromMs: number): UsageCounter {
  const records = accessRecordBuilder();
  const uses = new Map<string, Use>();
  const elsewhere: Elsewhere[] = [];
  let requests = 0;
  let firstAtMs: number | undefined;
  const add = (found: readonly AccessRecord[]) => {
    for (const record of found) {
      if (record.lastAtMs < fromMs || record.ports.length === 0) continue;
      requests += 1;
      const key = keyOf(record);
      uses.set(key, withRecord(uses.get(key), record));
    }
  };
  return {
    take: (entry) => {
      // What nothing shows to be the bot's says nothing about its use.
      if (entry.unproven === true || Number.isNaN(entry.atMs)) return;
      firstAtMs ??= entry.atMs;
      records.take(entry);
      if (entry.what === "opened-elsewhere" && entry.atMs >= fromMs) {
        elsewhere.push(...elsewhereIn(entry));
      }
      if (entry.seq % SETTLED_EVERY === 0) add(records.settled(entry.atMs));
    },
    finish: () => {
      add(records.rest());
      return { uses: [...uses.values()], elsewhere, requests, firstAtMs };
    },
  };
}

/** So often records that are over are let go. */
const SETTLED_EVERY = 500;

const keyOf = (record: AccessRecord): string =>
  JSON.stringify([
    wasUsed(record),
    record.rule,
    record.vmId,
    record.ports,
    record.source,
    record.network,
  ]);

function withRecord(before: Use | undefined, record: AccessRecord): Use {
  const { rule, vmId, vm, ports, source, network, lastAtMs } = record;
  return {
    rule,
    vmId,
    vm,
    ports,
    source,
    network,
    wasUsed: wasUsed(record),
    count: (before?.count ?? 0) + 1,
    lastAtMs: Math.max(before?.lastAtMs ?? 0, lastAtMs),
    longestMs: Math.max(before?.longestMs ?? 0, neededMs(record)),
    deciders: withDeciders(before?.deciders ?? new Map(), record.deciders),
  };
}

/** An extension has to fit from the moment it's asked for until the new end. */
function neededMs(record: AccessRecord): number {
  const { extends: first, askedAtMs, openedAtMs = 0, endsAtMs = openedAtMs } = record;
  const { durationMs = endsAtMs - openedAtMs } = record;
  if (first?.endsAtMs === undefined || askedAtMs === undefined) return durationMs;
  return Math.max(durationMs, first.endsAtMs + durationMs - askedAtMs);
}

function withDeciders(
  before: ReadonlyMap<string, Tally>,
  decisions: readonly Decision[],
): ReadonlyMap<string, Tally> {
  if (decisions.length === 0) return before;
  const after = new Map(before);
  for (const { by, atMs } of decisions) after.set(by, tallied(after.get(by), atMs));
  return after;
}

export const tallied = (before: Tally | undefined, atMs: number, count = 1): Tally => ({
  count: (before?.count ?? 0) + count,
  lastAtMs: Math.max(before?.lastAtMs ?? 0, atMs),
});

function elsewhereIn({ vm, atMs, detail }: AuditEntry): readonly Elsewhere[] {
  if (vm === undefined) return [];
  const { source, endsAtMs, loggedAtMs } = detail;
  const openedAtMs = typeof loggedAtMs === "number" ? loggedAtMs : atMs;
  return [
    {
      vm,
      ports: portsIn(detail),
      source: typeof source === "string" ? source : undefined,
      durationMs: typeof endsAtMs === "number" ? endsAtMs - openedAtMs : undefined,
      atMs,
    },
  ];
}
