// What a worker takes from the store: what is due, held for it alone.

import type { ChannelId, RequestId } from "../../domain/text/ids.ts";
import type { Kept, Notice } from "./kept.ts";

type Claimed = {
  /** How often it failed in a row: the worker met a bug, or died of it. */
  readonly failures: number;
  /** Nobody knows how the last one fared who held it: that it is begun is to be proved first. */
  readonly isSuspect: boolean;
};

/** A request (or a channel's notices) that this worker holds until the lease runs out or is released. */
export type Claim = Claimed &
  (
    | ({ readonly kind: "request"; readonly id: RequestId } & Kept)
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
  /** The worker's replica lives; not heard of for so long it is taken for gone, and its leases are free. */
  readonly lifeMs?: number;
  /** Earlier owners whose claims brought no answer: what they hold is free. */
  readonly lost?: readonly string[];
  /** Deletes some documents that nobody needs any more. */
  readonly isSweep?: boolean;
};

export type Work = {
  readonly claims: readonly Claim[];
  readonly nowMs: number;
  /** When there is something to look for again; `undefined`: nothing is known. */
  readonly nextInMs: number | undefined;
  /** Replicas that were found gone: what they held is free. */
  readonly goneCount: number;
};
