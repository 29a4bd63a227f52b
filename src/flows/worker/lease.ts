// A lease as its holder knows it. Before every call to the outside the store, by whose clock leases run out, is
// asked whether it is still ours: a replica that was paused learns so that another one has gone on.

import type { Clock } from "../../ports/clock.ts";
import { Fault } from "../../ports/fault.ts";

/** Somebody else may have it by now: stop on this, and leave everything as it is. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

export type Moment = { readonly ownMs: number; readonly machineMs: number };

export type Lease = {
  readonly owner: string;
  isLost(): boolean;
  /** From now on it counts as lost. */
  giveUp(): void;
  /** An answer of the store to what was sent at that moment says for how long it holds; 0: it doesn't. */
  heard(sentAt: Moment, holdsMs: number): void;
  /**
   * Resolves where nobody else can have it now, and throws `LeaseLost` where somebody may; `isBeginning`: asks
   * the store in any case, which thereby knows that work on it begins.
   */
  prove(how?: { readonly isBeginning: boolean }): Promise<void>;
};

/** What the store said so lately is as good as asking it again: its answer takes as long. */
const FRESH_MS = 100;

/** An answer that came too late to be worth anything is asked for again, so often. */
const ASKED_MAX = 3;

export const momentOf = (clock: Clock): Moment => ({
  ownMs: clock.monotonicMs(),
  machineMs: clock.nowMs(),
});

/** The machine's clock goes on while a machine sleeps; the other one can't be set. Whatever says more counts. */
const sinceMs = (clock: Clock, { ownMs, machineMs }: Moment): number =>
  Math.max(clock.monotonicMs() - ownMs, clock.nowMs() - machineMs);

type LeaseOf = {
  readonly clock: Clock;
  readonly owner: string;
  /** For the log. */
  readonly what: string;
  /** Asks the store for how long it holds; 0: it doesn't. */
  readonly ask: () => Promise<number>;
};

/** It was taken by what was sent at `sentAt`, and holds for `holdsMs` from then on. */
export function leaseOf(
  { clock, owner, what, ask }: LeaseOf,
  { sentAt, holdsMs }: { readonly sentAt: Moment; readonly holdsMs: number },
): Lease {
  let proof = { sentAt, holdsMs };
  let isLost = false;
  let asking: Promise<void> | undefined;

  const isProven = (withinMs: number) =>
    sinceMs(clock, proof.sentAt) < Math.min(withinMs, proof.holdsMs);

  const heard = (at: Moment, ms: number) => {
    proof = { sentAt: at, holdsMs: ms };
    if (ms <= 0) isLost = true;
  };

  const askInTime = async (): Promise<void> => {
    for (let asked = 0; asked < ASKED_MAX; asked++) {
      const askedAt = momentOf(clock);
      heard(askedAt, await ask());
      if (isLost || isProven(Number.POSITIVE_INFINITY)) return;
    }
    throw new Fault({
      source: "redis",
      code: "Timeout",
      message: "Redis answers too late to tell whether a lease still holds.",
      retryable: true,
    });
  };

  return {
    owner,
    isLost: () => isLost,
    giveUp: () => {
      isLost = true;
    },
    heard,
    prove: async ({ isBeginning } = { isBeginning: false }) => {
      if (!isLost && (isBeginning || !isProven(FRESH_MS))) {
        asking ??= askInTime().finally(() => {
          asking = undefined;
        });
        await asking;
      }
      if (isLost) throw new LeaseLost(`The lease of ${what} is lost.`);
    },
  };
}
