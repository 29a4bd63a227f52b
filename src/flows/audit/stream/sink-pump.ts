// Sends one receiver what it hasn't got, batch after batch, in order; what fails is sent again, from where it is sure.

import type { Head } from "../../../domain/audit/audit-chain.ts";
import { sinkIdentity } from "../../../domain/audit/stream/sink-name.ts";
import type { AuditSink } from "../../../domain/rules/policy.ts";
import type { OpenReceiver, StreamPositions } from "../../../ports/audit-stream.ts";
import { backoffMs } from "../../../ports/backoff.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import type { AuditTell } from "../audit-news.ts";
import { batchAfter } from "./stream-batch.ts";
import { streamGap } from "./stream-news.ts";

export type PumpDeps = {
  readonly positions: StreamPositions;
  readonly open: OpenReceiver;
  readonly clock: Clock;
  readonly log: Log;
  readonly team: string;
  /** Names this replica. */
  readonly worker: string;
  readonly tell: AuditTell;
  /** What people call it, told apart from others on its host. */
  readonly nameOf: (sink: AuditSink) => string;
  readonly onFailed?: ((sink: AuditSink) => void) | undefined;
};

export type Pump = {
  /** Begins to send, unless it is at it, or has to wait after a failure. */
  go(): void;
  /** Why the last attempt failed; `undefined`: it didn't. */
  lastFault(): Fault | undefined;
  /** Resolves when what is under way is over. */
  stop(): Promise<void>;
};

const ENTRIES_MAX = 500;
/** After Redis lost entries, others have got their numbers: so far back all is sent again. */
const REWIND_ENTRIES = 1_000;
const BACKOFF = { firstMs: 1_000, mostMs: 30_000, askedMostMs: 60_000 };
/** The same fault isn't logged more often. */
const LOG_EVERY_MS = 60_000;

/** `isMine`: whether this replica is still the one that sends. */
export function sinkPump(deps: PumpDeps, sink: AuditSink, isMine: () => boolean): Pump {
  const { clock, log } = deps;
  const run = sending(deps, sink, isMine);
  let running: Promise<void> | undefined;
  let isStopped = false;
  let failures = 0;
  let lastFault: Fault | undefined;
  let tryAtMs = Number.NEGATIVE_INFINITY;
  let logAtMs = Number.NEGATIVE_INFINITY;

  const failed = (thrown: unknown): void => {
    failures++;
    const fault = isFault(thrown) ? thrown : undefined;
    tryAtMs = clock.monotonicMs() + backoffMs(failures, BACKOFF, fault);
    if (fault?.source === "redis") return;
    lastFault = fault;
    deps.onFailed?.(sink);
    if (clock.monotonicMs() < logAtMs) return;
    logAtMs = clock.monotonicMs() + LOG_EVERY_MS;
    const facts = fault ? { code: fault.code, why: fault.message } : { err: thrown };
    log.warn(
      { sink: deps.nameOf(sink), ...facts },
      "the audit's copy couldn't be sent: it is tried again",
    );
  };
  const sent = () => {
    failures = 0;
    lastFault = undefined;
  };
  return {
    go: () => {
      if (running !== undefined || isStopped || clock.monotonicMs() < tryAtMs) return;
      running = run({ sent, goesOn: () => !isStopped && isMine() })
        .catch(failed)
        .finally(() => {
          running = undefined;
        });
    },
    lastFault: () => lastFault,
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

type Round = {
  readonly sent: () => void;
  readonly goesOn: () => boolean;
};

/** Answers what sends until nothing is left, or throws. */
function sending(deps: PumpDeps, sink: AuditSink, isMine: () => boolean) {
  const { positions, worker, team, clock } = deps;
  const identity = sinkIdentity(sink);
  const receiver = deps.open(sink);
  const { unsureForMs = 0 } = receiver;
  let most = ENTRIES_MAX;
  /** Where each batch began that may still be lost. */
  let unsure: { readonly from: Head; readonly atMs: number }[] = [];
  const gaps = gapTeller(deps, sink);

  const send = async (from: Head, batch: ReturnType<typeof batchAfter>): Promise<void> => {
    try {
      if (batch.entries.length > 0) await receiver.send(batch.entries);
    } catch (thrown) {
      most = Math.ceil(most / 2);
      const since = clock.monotonicMs() - unsureForMs;
      const first = unsure.find(({ atMs }) => atMs >= since);
      unsure = [];
      if (first !== undefined && isMine()) await positions.keep(worker, identity, first.from);
      throw thrown;
    }
    most = Math.min(ENTRIES_MAX, most * 2);
    const atMs = clock.monotonicMs();
    unsure = unsure.filter((one) => one.atMs >= atMs - unsureForMs);
    if (unsureForMs > 0) unsure.push({ from, atMs });
  };

  /** Redis lost entries, so that others have the numbers now, or too old ones were deleted before they were sent. */
  const elsewhere = async (at: Head): Promise<Head> => {
    const found = await positions.headAt(Math.max(0, at.seq - REWIND_ENTRIES));
    if (found.seq > at.seq) await gaps(at.seq + 1, found.seq);
    return found;
  };

  return async ({ sent, goesOn }: Round): Promise<void> => {
    // A copy begins with the first entry that is there.
    let at = (await positions.of(identity)) ?? (await positions.headAt(0));
    while (goesOn()) {
      const { isKnown, entries } = await positions.next(at, most);
      if (!isKnown) {
        at = await elsewhere(at);
        continue;
      }
      if (entries.length === 0) return;
      const batch = batchAfter(at, entries, team);
      for (const seq of batch.missing) await gaps(seq, seq);
      await send(at, batch);
      sent();
      if ((await positions.keep(worker, identity, batch.last)) === "lost") return;
      at = batch.last;
    }
  };
}

/** Each gap is told once, however often it is passed. */
function gapTeller({ tell, nameOf }: PumpDeps, sink: AuditSink) {
  let toldUntil = 0;
  return async (fromSeq: number, untilSeq: number): Promise<void> => {
    if (untilSeq <= toldUntil) return;
    await tell(streamGap(nameOf(sink), fromSeq, untilSeq));
    toldUntil = untilSeq;
  };
}
