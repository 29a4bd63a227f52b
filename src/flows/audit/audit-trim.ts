// Retention: entries that are older than they may be are deleted, with a checkpoint from which the chain is
// verified afterwards. What isn't sealed is never deleted, and what a receiver of copies hasn't got waits a while.

import { checkpointAt, type Head, type SealKey } from "../../domain/audit/audit-chain.ts";
import { DAY_MS } from "../../domain/text/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { type AuditReader, type AuditSealing, PAGE_MAX } from "../../ports/storage/audit.ts";

export type AuditTrimming = Pick<AuditSealing, "trim" | "forgetPeople"> &
  Pick<AuditReader, "page" | "firstFrom">;

type Needs = {
  readonly audit: AuditTrimming;
  readonly clock: Clock;
  readonly log: Log;
  readonly key: SealKey;
  readonly tenant: string;
  readonly worker: string;
  readonly keepForMs: () => number;
  /** The last number of which every receiver has a copy; left out: there are none. */
  readonly copiedUntil?: (() => Promise<number>) | undefined;
};

/**
 * So much longer entries are kept for a receiver that hasn't got them. Admins have been told of it since the first
 * minute, and what is to be deleted isn't kept for good by somebody's being away.
 */
const KEPT_FOR_COPIES_MS = 7 * DAY_MS;

const LOOK_EVERY_MS = 60_000;
/** The rest waits for the next look: sealing comes first. */
const PAGES_AT_ONCE = 20;

/** Answers what to call after every round of sealing, by the one that has the lease. */
export function auditTrimmer(deps: Needs): (nowMs: number, head: Head) => Promise<void> {
  const { audit, log, keepForMs, copiedUntil } = deps;
  let lookAtMs = 0;
  let cursor = "0";
  return async (nowMs, head) => {
    // By the one clock, which tests move.
    if (nowMs < lookAtMs) return;
    lookAtMs = nowMs + LOOK_EVERY_MS;
    const beforeMs = nowMs - keepForMs();
    const copied = (await copiedUntil?.()) ?? Number.POSITIVE_INFINITY;
    let trimmed: Head | undefined;
    for (let pages = 0; pages < PAGES_AT_ONCE; pages++) {
      const last = await trimPage(deps, { beforeMs, copied, nowMs, head });
      if (last === undefined) break;
      trimmed = last;
    }
    if (trimmed !== undefined) {
      log.info(
        { seq: trimmed.seq, seal: trimmed.seal },
        "audit entries that were too old are deleted",
      );
    }
    cursor = await audit.forgetPeople(cursor);
  };
}

type Bounds = {
  readonly beforeMs: number;
  readonly copied: number;
  readonly nowMs: number;
  readonly head: Head;
};

async function trimPage(
  { audit, key, tenant, worker }: Needs,
  { beforeMs, copied, nowMs, head }: Bounds,
): Promise<Head | undefined> {
  const oldest = await audit.firstFrom(0);
  if (oldest === undefined || oldest.atMs >= beforeMs) return undefined;
  const span = { fromSeq: oldest.seq, untilSeq: Math.min(head.seq, oldest.seq + PAGE_MAX - 1) };
  const { rows } = await audit.page(span);
  // The clock may have gone back: only what nothing younger stands before is old.
  const young = rows.find(
    ({ seq, entry }) =>
      entry !== undefined &&
      entry.atMs >= (seq > copied ? beforeMs - KEPT_FOR_COPIES_MS : beforeMs),
  );
  const old = rows.filter(({ seq }) => young === undefined || seq < young.seq);
  const last = old.findLast(({ seal, text }) => seal !== undefined && text !== undefined);
  if (last?.seal === undefined) return undefined;
  const checkpoint = checkpointAt(key, { tenant, head: { seq: last.seq, seal: last.seal } }, nowMs);
  return (await audit.trim(worker, checkpoint)) === "trimmed" ? checkpoint : undefined;
}
