// The sealer: on one replica at a time it seals what was written, deletes what is too old, and writes the
// chain's heads to the log. Anyone who keeps the logs can prove with them what was there. Every replica looks on,
// remembers the newest head that it saw, and tells where that isn't there any more.

import { type Head, isGenuine, type SealKey } from "../../domain/audit/audit-chain.ts";
import { endOf } from "../../domain/audit/chain-end.ts";
import { createNonces } from "../../domain/audit/nonces.ts";
import type { Clock } from "../../ports/clock.ts";
import { isFault } from "../../ports/fault.ts";
import type { Log } from "../../ports/log.ts";
import { type Repeating, repeating } from "../../ports/service.ts";
import type { AuditReader, AuditSealing, ChainEnd } from "../../ports/storage/audit.ts";
import { within } from "../../ports/within.ts";
import { batchOf } from "./audit-batch.ts";
import { type AuditTell, foreign, keyChanged, lost, refused, replaced } from "./audit-news.ts";
import { type AuditTrimming, auditTrimmer } from "./audit-trim.ts";

/**
 * Woken where a replica is gone, perhaps the one that sealed. When it stops it seals what is there once more,
 * and gives the lease away.
 */
export type Sealer = Repeating & {
  /** One look; answers whether there may be more to seal at once. */
  round(): Promise<boolean>;
};

export type SealerDeps = {
  readonly audit: AuditSealing & AuditTrimming & Pick<AuditReader, "page" | "firstFrom">;
  readonly clock: Clock;
  readonly log: Log;
  /** It seals; what it vouched for is the bot's. */
  readonly key: SealKey;
  /** What these vouched for is the bot's, too: they sealed before, or another replica has them still. */
  readonly keysBefore: readonly SealKey[];
  readonly tenant: string;
  /** Names this replica. */
  readonly worker: string;
  readonly keepForMs: () => number;
  /** The last number of which every receiver has a copy; left out: there are none. */
  readonly copiedUntil?: (() => Promise<number>) | undefined;
  /** Tells the audit and the admins. */
  readonly tell: AuditTell;
  /** How long the oldest entry that isn't sealed has waited, at every look. */
  readonly onUnsealed?: (ms: number) => void;
};

const LOOK_EVERY_MS = 2_000;
const LEASE_MS = 15_000;
/** When nothing is sealed for this long, the lease's holder isn't sealing. */
const FORCED_AFTER_MS = 2 * LEASE_MS;
/** While keys are changed, a replica that has the new one comes within this, or the entry is refused. */
const LEFT_FOR_MS = 5 * 60_000;
/** A head is written to the log after this many entries, or this much time where there was any. */
const HEAD_EVERY_ENTRIES = 1_000;
const HEAD_EVERY_MS = 5 * 60_000;
/** The same fault isn't told more often. */
const TELL_EVERY_MS = 60_000;

/** Whether there is more to seal at once; what fails is told now and then, and tried again. */
const orLater =
  (round: () => Promise<boolean>, { log, mayTell }: { log: Log; mayTell: () => boolean }) =>
  async (): Promise<boolean> => {
    try {
      return await round();
    } catch (thrown) {
      if (mayTell()) {
        const facts = isFault(thrown) ? { code: thrown.code } : { err: thrown };
        log.warn(facts, "the audit couldn't be sealed: it is tried again");
      }
      return false;
    }
  };

export function auditSealer(deps: SealerDeps): Sealer {
  const { audit, clock, log, worker, tell } = deps;
  const logHead = headLog(deps);
  const waited = waiting(clock);
  const mayTell = atMostEvery(clock, TELL_EVERY_MS);
  /** The newest head that was seen. */
  let last: Head | undefined;
  let hasSealed = false;
  const seal = entrySealer(deps, {
    mayTell,
    logHead,
    onSealed: (head) => {
      last = head;
      hasSealed = true;
    },
  });

  const round = async (): Promise<boolean> => {
    const isForced = waited.stuckMs() > FORCED_AFTER_MS;
    const how = { leaseMs: LEASE_MS, isForced, knownSeq: last?.seq };
    const end = await audit.chainEnd(worker, how);
    deps.onUnsealed?.(waited.look(end));
    const loss = last && lossOf(last, end, deps);
    if (loss !== undefined) await tell(loss);
    last = { seq: end.head.seq, seal: end.head.seal };
    return end.isMine ? seal(end) : false;
  };

  const attempt = orLater(round, { log, mayTell });

  const service = repeating(async () => ((await attempt()) ? 0 : LOOK_EVERY_MS), {
    clock,
    failed: () => LOOK_EVERY_MS,
  });

  const finish = async (limitMs: number) => {
    await service.stop(limitMs);
    await attempt();
    if (last !== undefined && hasSealed) logHead(last, true);
    await audit.giveUp(worker).catch(() => undefined);
  };

  return {
    ...service,
    stop: async (limitMs) => {
      await within(finish(limitMs), limitMs, clock);
    },
    round,
  };
}

type LogHead = (head: Head, isLast?: boolean) => void;

/** Seals what waits after the head and deletes what is too old; answers whether there may be more to seal at once. */
function entrySealer(
  deps: SealerDeps,
  how: { mayTell: () => boolean; logHead: LogHead; onSealed: (head: Head) => void },
): (end: ChainEnd) => Promise<boolean> {
  const { audit, tell } = deps;
  const { mayTell, logHead, onSealed } = how;
  const trimmer = auditTrimmer(deps);
  const judge = headJudge(deps, mayTell);
  const nonces = createNonces();
  const isLeft = leaving(deps.clock);
  /** What stands before this was refused, and told. */
  let refusedBefore = 0;

  return async (end) => {
    const { head, nowMs } = end;
    const verdict = await judge(end);
    if (verdict === "leave-it") return false;
    if (verdict === "look-again") return true;
    const isNewKey = verdict === "go-on-with-new-key";
    const batch = await batchOf({ ...deps, nonces, refusedBefore, isLeft }, end, isNewKey);
    if (batch === undefined) {
      if (head.seq > 0) logHead(head);
      await trimmer(nowMs, head);
      return false;
    }
    const { refused: refusal, seals, next } = batch;
    if (refusal !== undefined) await tell(refused(refusal));
    const isNothing = seals.seals.length === 0;
    // Another one has gone on: it is told at the next look from where, and what was read here counts no more.
    if (!isNothing && (await audit.appendSeals(seals)) === "lost") return false;
    refusedBefore = batch.refusedBefore;
    if (!isNothing) {
      onSealed(next);
      logHead(next);
      await trimmer(nowMs, next);
    }
    if (batch.isForOthers) await audit.giveUp(deps.worker).catch(() => undefined);
    if (isNothing) return refusal !== undefined;
    return batch.isFull;
  };
}

type Verdict = "go-on" | "go-on-with-new-key" | "look-again" | "leave-it";

/** Looks whose the head is, tells of one that isn't this key's, and answers how to go on after it. */
function headJudge(
  { tenant, key, tell }: SealerDeps,
  mayTell: () => boolean,
): (end: ChainEnd) => Promise<Verdict> {
  /** The head after which another key was told to begin. */
  let changedAfter: string | undefined;
  /** The head that nobody's key made, and that was told of. */
  let foreignHead: string | undefined;

  return async (end) => {
    const { head, eras } = end;
    switch (endOf(end, tenant, key)) {
      case "own":
        return "go-on";
      case "replaced":
        if (mayTell()) await tell(replaced(eras));
        return "leave-it";
      case "other-key":
        if (changedAfter === head.seal) return "go-on-with-new-key";
        await tell(keyChanged(key, eras));
        changedAfter = head.seal;
        // What was told is the first entry that the key seals.
        return "look-again";
      case "foreign":
        if (foreignHead !== head.seal) await tell(foreign(head));
        foreignHead = head.seal;
        return "go-on";
    }
  };
}

/** Answers what writes a head to the log where it is time, or the last one. */
function headLog({ clock, log, key }: SealerDeps): LogHead {
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

/** By this replica's own clock: what an entry says of its time, somebody may have planted. */
function leaving({ monotonicMs }: Pick<Clock, "monotonicMs">): (hasUnknownKey: boolean) => boolean {
  let sinceMs: number | undefined;
  return (hasUnknownKey) => {
    sinceMs = hasUnknownKey ? (sinceMs ?? monotonicMs()) : undefined;
    return sinceMs !== undefined && monotonicMs() - sinceMs < LEFT_FOR_MS;
  };
}

/** How long entries wait while nothing is sealed: by this replica's own clock, and by what they say. */
function waiting({ monotonicMs }: Pick<Clock, "monotonicMs">) {
  let since: { head: string; ownMs: number } | undefined;
  const stuckMs = () => (since === undefined ? 0 : monotonicMs() - since.ownMs);
  return {
    stuckMs,
    look: ({ head, waiting: first, nowMs }: ChainEnd): number => {
      const at = `${head.seq} ${head.seal}`;
      if (first === undefined) since = undefined;
      else if (since?.head !== at) since = { head: at, ownMs: monotonicMs() };
      const saidMs = first === undefined || first.atMs === 0 ? 0 : nowMs - first.atMs;
      return Math.max(0, stuckMs(), saidMs);
    },
  };
}

/** Answers true at most once per interval. */
function atMostEvery({ monotonicMs }: Pick<Clock, "monotonicMs">, everyMs: number): () => boolean {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = monotonicMs();
    if (nowMs - lastMs < everyMs) return false;
    lastMs = nowMs;
    return true;
  };
}

/** Whether what was sealed before is gone: then what to say about it. */
function lossOf(last: Head, end: ChainEnd, { tenant, key, keysBefore }: SealerDeps) {
  const { head, knownSeal, checkpoint, lastSeq } = end;
  const wasTrimmed =
    checkpoint !== undefined &&
    checkpoint.seq >= last.seq &&
    [key, ...keysBefore].some((one) => isGenuine(one, tenant, checkpoint));
  const isThere = wasTrimmed
    ? checkpoint.seq > last.seq || checkpoint.seal === last.seal
    : last.seq === 0 || knownSeal === last.seal;
  if (isThere && head.seq >= last.seq && lastSeq >= last.seq) return undefined;
  return lost(last, head);
}
