// The copy of the audit that leaves as it is written: who takes it, and how far each of them has got.

import type { Head } from "../domain/audit/audit-chain.ts";
import type { StreamEntry } from "../domain/audit/stream/stream-line.ts";
import type { AuditSink } from "../domain/rules/policy.ts";

/** One who gets the copy. */
export type Receiver = {
  /**
   * Resolves when the receiver has them all, as far as its protocol can tell; throws a `Fault` from `receiver`
   * where that isn't sure: then all of them are sent again. Without entries, it only tries to reach the receiver.
   */
  send(entries: readonly StreamEntry[]): Promise<void>;
  /** What it took may still be lost for so long, should it be gone then; left out: it isn't. */
  readonly unsureForMs?: number;
};

export type OpenReceiver = (sink: AuditSink) => Receiver;

/** How far a receiver has got. */
export type SinkState = {
  /** Entries that it hasn't got, sealed or not. */
  readonly waiting: number;
  /** When the first of these was written; `undefined`: there is none, or it doesn't say. */
  readonly waitingSinceMs: number | undefined;
};

export type StreamLook = {
  /** Redis's clock. */
  readonly nowMs: number;
  /** Whether this worker is the one that sends. */
  readonly isMine: boolean;
  /** By identity. */
  readonly sinks: ReadonlyMap<string, SinkState>;
};

/** What comes next after a position. */
export type Next = {
  /** Whether the position is an entry as it is sealed; if not, Redis has lost entries, or got others. */
  readonly isKnown: boolean;
  /** Sealed ones, in order; without a text where somebody deleted the entry. */
  readonly entries: readonly (Head & { readonly text: string | undefined })[];
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type StreamPositions = {
  /** Takes or keeps the lease, unless another worker has it. `sinks`: their identities. */
  look(
    worker: string,
    how: { readonly leaseMs: number; readonly sinks: readonly string[] },
  ): Promise<StreamLook>;
  /** The last entry that a receiver has got; `undefined`: it has got nothing yet. */
  of(sink: string): Promise<Head | undefined>;
  next(after: Head, most: number): Promise<Next>;
  /** The last sealed entry up to a number; or else the checkpoint; or else the beginning: number 0. */
  headAt(seq: number): Promise<Head>;
  /** `lost`: another worker has taken the lease, and nothing is written. */
  keep(worker: string, sink: string, position: Head): Promise<"kept" | "lost">;
  /** The last number that all of these have got; 0 where one has got nothing. */
  sentUntil(sinks: readonly string[]): Promise<number>;
  giveUp(worker: string): Promise<void>;
};
