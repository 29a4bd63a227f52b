// The work queue: what is due, leased to one worker at a time.

import type { ChannelId, RequestId } from "../../domain/text/ids.ts";
import type { Notice } from "./notices.ts";
import type { StoredRequest } from "./requests.ts";

type Claimed = {
  /** How often it failed in a row: the worker met a bug, or died of it. */
  readonly failures: number;
  /** Nobody knows how its last holder fared: first prove that it is begun. */
  readonly isSuspect: boolean;
};

/** A request (or a channel's notices) that this worker holds until the lease runs out or is released. */
export type Claim = Claimed &
  (
    | ({ readonly kind: "request"; readonly id: RequestId } & StoredRequest)
    | { readonly kind: "unreadable"; readonly id: string; readonly why: string }
    | {
        readonly kind: "notices";
        readonly channel: ChannelId;
        readonly nowMs: number;
        readonly notices: readonly Notice[];
      }
  );

export type ClaimHow = {
  readonly leaseMs: number;
  readonly most: number;
  /** The worker's replica lives; when not heard of for this long, it is presumed gone and its leases are free. */
  readonly lifeMs?: number;
  /** Earlier owners whose claims brought no answer: what they hold is free. */
  readonly lost?: readonly string[];
  /** Deletes some documents that nobody needs any more. */
  readonly removesGarbage?: boolean;
};

export type Work = {
  readonly claims: readonly Claim[];
  readonly nowMs: number;
  /** When there is something to look for again; `undefined`: nothing is known. */
  readonly nextInMs: number | undefined;
  /** Replicas that were found gone: what they held is free. */
  readonly goneCount: number;
  /** Leases that they held. */
  readonly takenOver: number;
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type WorkQueue = {
  /**
   * Takes what is due, at most `most`, each held for `leaseMs`. A worker is named `<replica>@<claim>`, and by
   * another name in every claim: what it holds is free when its replica is gone, and no two of its own tasks
   * take one lease for theirs. A worker without a replica holds it until the lease ends.
   */
  claim(worker: string, how: ClaimHow): Promise<Work>;
  /**
   * For how long nobody else is going to take what the worker holds (a request's id, or `n:<channel>`), as far
   * as is known now; 0: it holds it no longer. From the first time on it counts as begun.
   */
  prove(worker: string, member: string): Promise<number>;
  /** Gives it back without a result; due again in `againInMs`. `isSuspect`: nobody knows what became of its calls. */
  yield(
    worker: string,
    member: string,
    how: {
      readonly isFailure: boolean;
      readonly isSuspect?: boolean;
      readonly againInMs: number;
    },
  ): Promise<void>;
  /** Says that a replica is gone from now on: all that it holds is free. */
  leave(replica: string): Promise<void>;
  /**
   * Gives a request back, due again as its stored document says; due now if it was written meanwhile. What is due all
   * the time and isn't brought on counts as failing, and rests for `stuckForMs`. Answers whether it is due now.
   */
  release(
    worker: string,
    id: RequestId,
    known: {
      readonly version: number;
      readonly dueAtMs: number | undefined;
      readonly stuckForMs?: number;
    },
  ): Promise<boolean>;
};
