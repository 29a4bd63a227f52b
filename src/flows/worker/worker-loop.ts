// The worker of a replica: takes what is due, does whatever is outstanding, gives it back. Any replica can
// carry on where another one stopped, because everything is read off the stored document.

import type { Repeating } from "../../ports/service.ts";
import type { Work } from "../../ports/storage/work-queue.ts";
import { within } from "../../ports/within.ts";
import { factsOf } from "../answering/log-facts.ts";
import type { Deps } from "../deps.ts";
import type { Worker } from "./azure/azure-calls.ts";
import { type Lease, leaseOf, momentOf } from "./lease.ts";
import { dueNameOf, type Taken, workOn } from "./work-on.ts";

/**
 * Stopped, it takes nothing new; `stop` resolves when what is in hand is done. What isn't done within a moment
 * is handed over: nothing more is begun on it here, and what has begun is waited for until `limitMs` are over.
 */
export type WorkerLoop = Repeating & {
  /** Somebody made something due, by the store's clock. */
  heard(news: DueNews): void;
};

export type DueNews = { readonly nowMs: number; readonly dueAtMs: number };

/**
 * Nobody sleeps longer than this: so others know that the replica lives, and what they didn't make heard is
 * found in time. The store makes heard what comes due before.
 */
const LOOKS_WITHIN_MS = 1_500;
/** Where the store didn't answer, others are to learn the sooner that the replica lives. */
const LOOKS_AGAIN_MS = 250;
const CLEANS_EVERY_MS = 60_000;
const IN_HAND_MAX = 64;
/** Claims whose answers were lost in a row; what earlier ones took comes due again when its lease runs out. */
const LOST_MAX = 200;
/** How long work in hand has at the end before another replica continues it. */
const HANDED_OVER_AFTER_MS = 700;
/** Without a reason of its own an abort makes an error with a stack, for nobody. */
const WOKEN = "woken";

/** Another replica is gone, and the leases that it held are free. */
export type OnGone = (leases: number) => void;

export function workerLoop(deps: Deps, worker: Worker, onGone: OnGone): WorkerLoop {
  const { clock, workQueue } = deps;
  const inHand = new Map<Promise<void>, Lease>();
  const stopping = new AbortController();
  const sleeper = plannedSleeper(deps, stopping.signal);
  const claimDue = claimer(deps, worker);

  const take = ({ claim, lease, claimedAt }: Omit<Taken, "signal">): void => {
    const taken = { claim, lease, claimedAt, signal: stopping.signal };
    const task = workOn(deps, worker, taken).then((dueInMs) => {
      const wasFull = inHand.size >= IN_HAND_MAX;
      inHand.delete(task);
      if (wasFull) sleeper.plan(0);
      else if (dueInMs !== undefined) sleeper.plan(dueInMs);
    });
    inHand.set(task, lease);
  };

  const look = async (): Promise<Work> => {
    const { work, taken } = await claimDue(Math.max(0, IN_HAND_MAX - inHand.size));
    taken.forEach(take);
    if (work.goneCount > 0) {
      deps.log.warn({ count: work.goneCount }, "a replica is gone: this one goes on with its work");
      onGone(work.takenOver);
    }
    return work;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      sleeper.begin(LOOKS_WITHIN_MS);
      try {
        const { nowMs, nextInMs } = await look();
        const isFull = inHand.size >= IN_HAND_MAX;
        sleeper.looked(nowMs, isFull ? undefined : nextInMs);
      } catch (thrown) {
        deps.log.warn(factsOf(thrown), "the queue couldn't be asked for work");
        sleeper.plan(LOOKS_AGAIN_MS);
      }
      await sleeper.sleep();
    }
  };
  let running: Promise<void> | undefined;

  return {
    start: () => {
      running ??= loop();
    },
    wake: () => sleeper.plan(0),
    heard: sleeper.heard,
    stop: async (limitMs) => {
      stopping.abort(WOKEN);
      const atMs = clock.monotonicMs() + limitMs;
      // What was claimed in the last moment is in hand only when the loop has ended.
      const done = Promise.resolve(running).then(() => Promise.allSettled(inHand.keys()));
      await within(done, Math.min(limitMs, HANDED_OVER_AFTER_MS), clock);
      for (const lease of inHand.values()) lease.giveUp();
      // Where that isn't heard, it is noticed when its life runs out.
      await workQueue.leave(worker.name).catch(() => undefined);
      await within(done, Math.max(0, atMs - clock.monotonicMs()), clock);
    },
  };
}

/** Claims what is due, with a lease for each; now and then it has the queue cleaned as well. */
function claimer({ clock, workQueue }: Pick<Deps, "clock" | "workQueue">, worker: Worker) {
  const { leaseMs, lifeMs } = worker;
  let looks = 0;
  let lost: string[] = [];
  let cleanedAtMs = clock.monotonicMs();

  return async (most: number) => {
    looks += 1;
    const owner = `${worker.name}@${looks}`;
    const sentAt = momentOf(clock);
    const isCleaning = sentAt.ownMs - cleanedAtMs >= CLEANS_EVERY_MS;
    const told = lost;
    const work = await workQueue
      .claim(owner, {
        leaseMs,
        lifeMs,
        most,
        lost: told,
        ...(isCleaning && { removesGarbage: true }),
      })
      .catch((thrown: unknown) => {
        lost = [...lost, owner].slice(-LOST_MAX);
        throw thrown;
      });
    lost = lost.slice(told.length);
    if (isCleaning) cleanedAtMs = sentAt.ownMs;
    const taken = work.claims.map((claim) => {
      const what = dueNameOf(claim);
      const ask = () => workQueue.prove(owner, what);
      const holdsMs = Math.min(leaseMs, lifeMs);
      const lease = leaseOf({ clock, owner, what, ask }, { sentAt, holdsMs });
      return { claim, lease, claimedAt: sentAt };
    });
    return { work, taken };
  };
}

/** Sleeps until the earliest time that anybody planned. */
function plannedSleeper({ clock }: Deps, signal: AbortSignal) {
  let plannedAtMs = 0;
  let woken = new AbortController();
  signal.addEventListener("abort", () => woken.abort(WOKEN), { once: true });
  let lookedAtStoreMs = Number.NEGATIVE_INFINITY;
  let isLooking = false;
  const heardMeanwhile: DueNews[] = [];

  const plan = (inMs: number): void => {
    const atMs = clock.monotonicMs() + Math.max(0, inMs);
    if (atMs >= plannedAtMs) return;
    plannedAtMs = atMs;
    woken.abort(WOKEN);
  };
  const heard = (news: DueNews): void => {
    if (isLooking) heardMeanwhile.push(news);
    // What the last look has seen is in hand.
    else if (news.dueAtMs >= lookedAtStoreMs) plan(news.dueAtMs - news.nowMs);
  };

  return {
    plan,
    heard,
    begin: (withinMs: number) => {
      isLooking = true;
      plannedAtMs = clock.monotonicMs() + withinMs;
    },
    looked: (storeMs: number, nextInMs: number | undefined) => {
      lookedAtStoreMs = storeMs;
      if (nextInMs !== undefined) plan(nextInMs);
    },
    sleep: async (): Promise<void> => {
      isLooking = false;
      for (const news of heardMeanwhile.splice(0)) heard(news);
      for (;;) {
        const leftMs = plannedAtMs - clock.monotonicMs();
        if (leftMs <= 0 || signal.aborted) return;
        if (woken.signal.aborted) woken = new AbortController();
        await clock.sleep(leftMs, woken.signal);
      }
    },
  };
}
