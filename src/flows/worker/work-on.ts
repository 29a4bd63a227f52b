// One thing that a worker has claimed: worked on, and given back.

import { dueAtMs } from "../../domain/request/outstanding.ts";
import { type Backoff, backoffMs } from "../../ports/backoff.ts";
import { isFault } from "../../ports/fault.ts";
import type { Claim } from "../../ports/storage/work-queue.ts";
import { factsOf } from "../answering/log-facts.ts";
import type { Deps } from "../deps.ts";
import type { Worker } from "./azure/azure-calls.ts";
import { carryOn } from "./carry-on.ts";
import { fenced } from "./fenced.ts";
import { type Lease, LeaseLost, type Moment } from "./lease.ts";
import { type LeasedRequest, leasedRequest } from "./leased-request.ts";
import { postNotices } from "./messages/post-notices.ts";
import { parkClaim } from "./park.ts";
import { runEffect } from "./run-effect.ts";

export type Taken = {
  readonly claim: Claim;
  readonly lease: Lease;
  readonly claimedAt: Moment;
  /** The replica is to stop. */
  readonly signal: AbortSignal;
};

/** What failed so often in a row, whether the workers met a bug or died of it, is parked. */
const FAILURES_MAX = 7;
/**
 * Once less where it can't even be read: then a version that can has one try left. Those before count together with
 * it, and park at six whatever they claim.
 */
const UNREADABLE_MAX = 6;

/** What failed is tried again later and later: a newer replica may get on with it. */
const AFTER_FAILURE: Backoff = { firstMs: 2_000, mostMs: 60_000 };

/** Redis was away: nothing is wrong with what was being worked on. */
const AFTER_OUTAGE_MS = 500;
const HEARD_WITHIN_EACH_MS = 1_000;

/** What it is called among the things that are due. */
export const dueNameOf = (claim: Claim): string =>
  claim.kind === "notices" ? `n:${claim.channel}` : claim.id;

/**
 * Works on one claimed thing; never rejects. Answers in how many milliseconds it is due again, where that is
 * known.
 */
export async function workOn(
  deps: Deps,
  worker: Worker,
  taken: Taken,
): Promise<number | undefined> {
  const { claim, lease } = taken;
  try {
    if (claim.failures >= (claim.kind === "unreadable" ? UNREADABLE_MAX : FAILURES_MAX)) {
      await parkClaim(deps, taken);
      return undefined;
    }
    // Its last holder may have died of it: this one stores that it begins before it does.
    if (claim.isSuspect) await lease.prove({ isBeginning: true });
    return await begun(deps, worker, taken);
  } catch (thrown) {
    if (thrown instanceof LeaseLost) return undefined;
    const isFailure = !isOutage(thrown);
    const about = claim.kind === "notices" ? {} : { request: claim.id };
    const facts = { ...factsOf(thrown), due: dueNameOf(claim), ...about };
    if (isFailure) deps.log.error(facts, "work failed; it is taken up again");
    else deps.log.warn(facts, "work stopped, for Redis was away; it is taken up again");
    return givenUp(deps, worker, { taken, isFailure, isSuspect: true });
  }
}

async function begun(deps: Deps, worker: Worker, taken: Taken): Promise<number | undefined> {
  const { claim, lease } = taken;
  switch (claim.kind) {
    case "unreadable":
      // A newer replica may be able to read it: only after several looks is it parked.
      deps.log.error({ request: claim.id, why: claim.why }, "a stored request can't be read");
      return givenUp(deps, worker, { taken, isFailure: true });
    case "notices":
      await postNotices(fenced(deps, lease), lease, claim);
      return undefined;
    case "request": {
      const { request, version } = claim;
      return deps.tracing.claim({ request: request.id, version }, () =>
        requestWork(deps, worker, { ...taken, claim }),
      );
    }
  }
}

const isOutage = (thrown: unknown): boolean =>
  isFault(thrown) && thrown.source === "redis" && thrown.retryable;

async function requestWork(
  deps: Deps,
  worker: Worker,
  taken: Taken & { readonly claim: Extract<Claim, { kind: "request" }> },
): Promise<number | undefined> {
  const { claim, lease, claimedAt, signal } = taken;
  const leased = leasedRequest(deps, claim, { lease, leaseMs: worker.leaseMs, claimedAt });
  const outside = fenced(deps, lease);
  await carryOn(deps, leased, {
    run: (effect) => deps.tracing.effect(effect, () => runEffect(outside, worker, leased, effect)),
    signal,
  });
  if (leased.isGivenBack()) return dueIn(leased);
  // What wasn't begun, because the replica stops, is nobody's failure.
  if (signal.aborted) return givenUp(deps, worker, { taken, isFailure: false, againInMs: 0 });
  const known = {
    version: leased.version(),
    dueAtMs: dueAtMs(leased.current()),
    stuckForMs: pauseAfter(claim, true),
  };
  const isDueNow = await deps.workQueue.release(lease.owner, claim.id, known);
  return isDueNow ? 0 : dueIn(leased);
}

function dueIn(leased: LeasedRequest): number | undefined {
  const atMs = dueAtMs(leased.current());
  return atMs === undefined ? undefined : atMs - leased.nowMs();
}

type GivenUp = {
  readonly taken: Taken;
  readonly isFailure: boolean;
  /** What was sent outside may not have been written down. */
  readonly isSuspect?: boolean;
  readonly againInMs?: number;
};

/** Gives it back without a result. Redis may be away: it is told so until it hears it, or the lease is over. */
async function givenUp(
  deps: Deps,
  worker: Worker,
  { taken, isFailure, isSuspect = false, againInMs = pauseAfter(taken.claim, isFailure) }: GivenUp,
): Promise<number | undefined> {
  const { claim, lease, claimedAt, signal } = taken;
  const untilMs = claimedAt.ownMs + worker.leaseMs;
  for (;;) {
    try {
      const how = { isFailure, isSuspect, againInMs };
      await deps.workQueue.yield(lease.owner, dueNameOf(claim), how);
      return againInMs;
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      const isOver = deps.clock.monotonicMs() > untilMs || lease.isLost();
      if (!thrown.retryable || signal.aborted || isOver) return undefined;
    }
    await deps.clock.sleep(HEARD_WITHIN_EACH_MS, signal);
  }
}

const pauseAfter = ({ failures }: Claim, isFailure: boolean): number =>
  isFailure ? backoffMs(failures + 1, AFTER_FAILURE) : AFTER_OUTAGE_MS;
