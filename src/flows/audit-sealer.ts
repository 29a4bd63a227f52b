// The sealer: on one replica at a time it seals what was written, deletes what is too old, and writes the
// chain's heads to the log. Whoever keeps the logs can prove with them what was there.

import type { AuditSealing, Unsealed } from "../ports/audit.ts";
import type { Clock } from "../ports/clock.ts";
import { isFault } from "../ports/fault.ts";
import type { Log } from "../ports/log.ts";
import { eraOf, genesisSeal, type Head, type SealKey, withEra } from "../request/audit/chain.ts";
import { type AuditTrimming, auditTrimmer } from "./audit-trim.ts";

export type Sealer = {
  start(): void;
  /** Seals what is there once more, and gives the lease to whoever wants it. */
  stop(limitMs: number): Promise<void>;
  /** One look; answers whether there may be more to seal at once. */
  round(): Promise<boolean>;
};

export type SealerDeps = {
  readonly audit: AuditSealing & AuditTrimming;
  readonly clock: Clock;
  readonly log: Log;
  readonly key: SealKey;
  readonly tenant: string;
  /** Names this replica. */
  readonly worker: string;
  readonly keepForMs: () => number;
};

const LOOK_EVERY_MS = 2_000;
const LEASE_MS = 15_000;
const BATCH_MAX = 500;
/** A head is written to the log after so many entries, or so much time where there was any. */
const HEAD_EVERY_ENTRIES = 1_000;
const HEAD_EVERY_MS = 5 * 60_000;
/** The same trouble is not told more often. */
const TELL_EVERY_MS = 60_000;

export function auditSealer(deps: SealerDeps): Sealer {
  const { audit, clock, log, worker } = deps;
  const stopping = new AbortController();
  const trimmer = auditTrimmer(deps);
  const logHead = headLog(deps);
  let running: Promise<void> | undefined;
  let lastHead: Head | undefined;
  let toldAtMs = Number.NEGATIVE_INFINITY;

  const round = async (): Promise<boolean> => {
    const unsealed = await audit.takeUnsealed(worker, { leaseMs: LEASE_MS, most: BATCH_MAX });
    if (unsealed === undefined) {
      lastHead = undefined;
      return false;
    }
    const { head, entries } = unsealed;
    if (lastHead !== undefined && wentBack(lastHead, head)) await tellOfLoss(deps, lastHead, head);
    lastHead = head;
    if (entries.length > 0) {
      const seals = sealed(deps, unsealed);
      const batch = { after: head, seals, eras: await erasFor(deps, unsealed) };
      // Another one has gone on: it is told at the next look from where.
      if ((await audit.appendSeals(worker, batch)) === "lost") return false;
      lastHead = seals.at(-1) ?? head;
      logHead(lastHead);
    } else if (head.seq > 0) {
      logHead(head);
    }
    await trimmer(unsealed.nowMs, lastHead);
    return entries.length === BATCH_MAX;
  };

  const attempt = async (): Promise<boolean> => {
    try {
      return await round();
    } catch (thrown) {
      const nowMs = clock.monotonicMs();
      if (nowMs - toldAtMs >= TELL_EVERY_MS) {
        const facts = isFault(thrown) ? { code: thrown.code } : { err: thrown };
        log.warn(facts, "the audit could not be sealed: it is tried again");
        toldAtMs = nowMs;
      }
      return false;
    }
  };

  const loop = async () => {
    while (!stopping.signal.aborted) {
      if (!(await attempt())) await clock.sleep(LOOK_EVERY_MS, stopping.signal);
    }
  };

  const finish = async () => {
    await running;
    await attempt();
    if (lastHead !== undefined) logHead(lastHead, true);
    await audit.giveUp(worker).catch(() => undefined);
  };

  return {
    start: () => {
      running ??= loop();
    },
    stop: async (limitMs) => {
      stopping.abort();
      await Promise.race([finish(), clock.sleep(limitMs)]);
    },
    round,
  };
}

/** Answers what writes a head to the log where it is time, or the last one. */
function headLog({ clock, log, key }: SealerDeps): (head: Head, isLast?: boolean) => void {
  let logged = { seq: 0, atMs: Number.NEGATIVE_INFINITY };
  return (head, isLast = false) => {
    const nowMs = clock.monotonicMs();
    const count = head.seq - logged.seq;
    const isTime = nowMs - logged.atMs >= HEAD_EVERY_MS || count >= HEAD_EVERY_ENTRIES;
    if (count === 0 || !(isLast || isTime)) return;
    log.info({ seq: head.seq, seal: head.seal, count, key: key.fingerprint }, "audit sealed");
    logged = { seq: head.seq, atMs: nowMs };
  };
}

function sealed({ key, tenant }: SealerDeps, { head, entries }: Unsealed): readonly Head[] {
  let { seal } = head;
  if (head.seq === 0) seal = genesisSeal(tenant);
  return entries.map(({ seq, text }) => {
    seal = key.seal(seal, text);
    return { seq, seal };
  });
}

/** Where another key sealed before, that is written down, in the chain itself, too. */
async function erasFor({ audit, key, log }: SealerDeps, { head, eras, entries }: Unsealed) {
  const fromSeq = entries[0]?.seq ?? head.seq + 1;
  const before = head.seq === 0 ? undefined : eraOf(eras, head.seq)?.fingerprint;
  const current = eraOf(eras, fromSeq)?.fingerprint;
  if (current === key.fingerprint) return eras;
  if (before !== undefined) {
    log.warn({ fromSeq, key: key.fingerprint, before }, "the audit is sealed with another key");
    await audit.note("audit-key", { key: key.fingerprint, before });
  }
  return withEra(eras, { fromSeq, fingerprint: key.fingerprint });
}

const wentBack = (last: Head, now: Head): boolean =>
  now.seq < last.seq || (now.seq === last.seq && now.seal !== last.seal);

/** Redis lost what it had acknowledged, or somebody deleted: the log and the audit say so. */
async function tellOfLoss({ audit, log }: SealerDeps, last: Head, now: Head): Promise<void> {
  log.error(
    { last, now },
    "sealed audit entries are gone or others: Redis lost some at a failover, or somebody changed them",
  );
  await audit.note("audit-lost", { sealedUntil: last.seq, nowUntil: now.seq });
}
