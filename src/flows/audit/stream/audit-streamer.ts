// Sends copies of the audit as it is sealed: one replica at a time, to every receiver that the policy file names, at
// the pace of each. Every replica looks on, and goes on from where the last one was.

import { sinkIdentity, sinkLabel } from "../../../domain/audit/stream/sink-name.ts";
import type { AuditSink, Policy } from "../../../domain/rules/policy.ts";
import type { StreamLook } from "../../../ports/audit-stream.ts";
import { isFault } from "../../../ports/fault.ts";
import { type Repeating, repeating } from "../../../ports/service.ts";
import { within } from "../../../ports/within.ts";
import { type Pump, type PumpDeps, sinkPump } from "./sink-pump.ts";
import type { Lag, lagNews } from "./stream-news.ts";

export type AuditStreamerDeps = Omit<PumpDeps, "nameOf"> & {
  readonly policy: () => Policy;
  readonly news: ReturnType<typeof lagNews>;
  /** How far each receiver is, at every look. */
  readonly onLags?: (lags: readonly Lag[]) => void;
};

const LOOK_EVERY_MS = 1_000;
const LEASE_MS = 15_000;
/** Nobody sends with a lease that may be over. */
const LEASE_USED_MS = (LEASE_MS * 2) / 3;

export function auditStreamer(deps: AuditStreamerDeps): Repeating {
  const { positions, clock, log, worker } = deps;
  let mineUntilMs = Number.NEGATIVE_INFINITY;
  const isMine = () => clock.monotonicMs() < mineUntilMs;
  const nameOf = (sink: AuditSink) => sinkLabel(sink, deps.policy().audit.stream);
  const pumps = pumpsFor({ ...deps, nameOf }, isMine);
  const watch = lagWatch(deps);

  const round = async (): Promise<number> => {
    const { stream } = deps.policy().audit;
    if (stream.length === 0) deps.onLags?.([]);
    if (stream.length === 0 && pumps.areNone()) return LOOK_EVERY_MS;
    const askedMs = clock.monotonicMs();
    const sinks = stream.map(sinkIdentity);
    const look = await positions.look(worker, { leaseMs: LEASE_MS, sinks });
    const lags = stream.map((sink) => lagOf(sink, look));
    deps.onLags?.(lags);
    mineUntilMs = look.isMine ? askedMs + LEASE_USED_MS : Number.NEGATIVE_INFINITY;
    pumps.keepOnly(look.isMine ? stream : []);
    if (!look.isMine) return LOOK_EVERY_MS;
    for (const { sink, waiting } of lags) if (waiting > 0) pumps.of(sink).go();
    for (const lag of lags) await watch(lag, pumps.of(lag.sink));
    return LOOK_EVERY_MS;
  };
  const service = repeating(round, {
    clock,
    failed: (thrown) => {
      if (!isFault(thrown)) log.error({ err: thrown }, "the audit's copies couldn't be sent");
      return LOOK_EVERY_MS;
    },
  });
  const finish = async (limitMs: number) => {
    await service.stop(limitMs);
    await pumps.stop();
    await positions.giveUp(worker).catch(() => undefined);
  };
  return {
    ...service,
    stop: async (limitMs) => {
      await within(finish(limitMs), limitMs, clock);
    },
  };
}

function lagOf(sink: AuditSink, look: StreamLook): Lag {
  const { waiting = 0, waitingSinceMs = look.nowMs } = look.sinks.get(sinkIdentity(sink)) ?? {};
  return { sink, waiting, lagMs: waiting === 0 ? 0 : Math.max(0, look.nowMs - waitingSinceMs) };
}

/** One for each receiver, as the policy file writes it now. */
function pumpsFor(deps: PumpDeps, isMine: () => boolean) {
  const pumps = new Map<string, Pump>();
  const key = (sink: AuditSink) => JSON.stringify(sink);
  const drop = async (name: string, pump: Pump) => {
    pumps.delete(name);
    await pump.stop();
  };
  return {
    areNone: () => pumps.size === 0,
    of: (sink: AuditSink): Pump => {
      const pump = pumps.get(key(sink)) ?? sinkPump(deps, sink, isMine);
      pumps.set(key(sink), pump);
      return pump;
    },
    keepOnly: (sinks: readonly AuditSink[]): void => {
      const kept = new Set(sinks.map(key));
      for (const [name, pump] of pumps) if (!kept.has(name)) void drop(name, pump);
    },
    stop: async (): Promise<void> => {
      await Promise.all([...pumps].map(([name, pump]) => drop(name, pump)));
    },
  };
}

/** A receiver is behind when an entry has waited for longer than this, */
const BEHIND_MS = 30_000;
/** for so long at a stretch: one that gets years of entries for the first time isn't told of at once. */
const BEHIND_FOR_MS = 30_000;
/** It has caught up when nothing has waited for longer than this. */
const UP_TO_DATE_MS = 5_000;

/** Answers what to call with every look: it tells the admins once that a receiver is behind, and once that it isn't. */
function lagWatch({ clock, news }: AuditStreamerDeps) {
  const behindSinceMs = new Map<string, number>();
  /** What was told; what another replica has told before is asked for once. */
  const told = new Map<string, boolean>();
  return async (lag: Lag, pump: Pump): Promise<void> => {
    const identity = sinkIdentity(lag.sink);
    const nowMs = clock.monotonicMs();
    if (lag.lagMs <= BEHIND_MS) behindSinceMs.delete(identity);
    else if (!behindSinceMs.has(identity)) behindSinceMs.set(identity, nowMs);
    const forMs = nowMs - (behindSinceMs.get(identity) ?? nowMs);
    const wasTold = told.get(identity) ?? (await news.isBehind(lag.sink));
    told.set(identity, wasTold);
    if (!wasTold && forMs >= BEHIND_FOR_MS) {
      await news.behind(lag, pump.lastFault());
      told.set(identity, true);
    }
    if (wasTold && lag.lagMs <= UP_TO_DATE_MS) {
      await news.recovered(lag.sink);
      told.set(identity, false);
    }
  };
}
