// The audit: read by people, sealed by one replica at a time, verified and erased from on the command line.

import type { Checkpoint, Era, Head } from "../request/audit/chain.ts";
import type { AuditEntry } from "../request/audit/entry.ts";
import type { Chain, People, Row } from "../request/audit/verify.ts";
import type { RequestId, UserId, VmKey } from "../request/ids.ts";

export type AuditQuery = {
  readonly fromMs: number;
  /** The first moment that does not belong to it any more. */
  readonly untilMs: number;
  /** Of whom: what they did, and what happened to their requests. */
  readonly user?: UserId | undefined;
  readonly vm?: VmKey | undefined;
  readonly request?: RequestId | undefined;
  /** What else must be so. */
  readonly wanted?: ((entry: AuditEntry) => boolean) | undefined;
  readonly most: number;
};

export type Searched = {
  /** The newest that match, newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where the search stopped before the period's beginning: what is older was not looked at. */
  readonly stoppedAtMs: number | undefined;
};

/** Every method throws a retryable `Fault` of world `redis` where Redis cannot be reached in time. */
export type Audit = {
  search(query: AuditQuery): Promise<Searched>;
};

/** Some consecutive numbers of the audit, as they are found. */
export type Page = {
  readonly rows: readonly Row[];
  readonly people: People;
};

export type Span = {
  readonly fromSeq: number;
  /** The last one, included; at most `PAGE_MAX` after the first. */
  readonly untilSeq: number;
};

export const PAGE_MAX = 500;

export type AuditReader = Audit & {
  chain(): Promise<Chain>;
  page(span: Span): Promise<Page>;
  /** The first entry that is still there. */
  oldest(): Promise<{ readonly seq: number; readonly atMs: number } | undefined>;
  /** The lowest number whose entry can be of that time or later; the next one to be given where none is. */
  firstSince(atMs: number): Promise<number>;
};

/** What was not sealed yet, and the lease to seal it. */
export type Unsealed = {
  readonly head: Head;
  readonly nowMs: number;
  readonly eras: readonly Era[];
  readonly checkpoint: Checkpoint | undefined;
  readonly entries: readonly { readonly seq: number; readonly text: string }[];
};

export type AuditSealing = {
  /**
   * Takes or keeps the lease, writes the sums of refusals whose minute is over, and answers what follows the
   * last seal, in order; `undefined`: another worker has the lease.
   */
  takeUnsealed(
    worker: string,
    limits: { leaseMs: number; most: number },
  ): Promise<Unsealed | undefined>;
  /** Adds seals after `after`; `lost` where somebody else sealed or has the lease: nothing is written. */
  appendSeals(
    worker: string,
    batch: { after: Head; seals: readonly Head[]; eras: readonly Era[] },
  ): Promise<"sealed" | "lost">;
  /** Deletes what is sealed up to the checkpoint; `lost` where its seal is not that, or without the lease. */
  trim(worker: string, checkpoint: Checkpoint): Promise<"trimmed" | "lost">;
  /** Forgets people of whom no entry is left. Answers where to go on the next time. */
  forgetPeople(cursor: string): Promise<string>;
  giveUp(worker: string): Promise<void>;
  note(what: string, detail: Readonly<Record<string, string | number>>): Promise<void>;
};

export type Erased = {
  /** Requests of the person that are not over yet, and name them still. */
  readonly live: number;
};

export type AuditErasing = {
  /** The reference that stands for the person; `undefined`: they are in no entry. */
  referenceOf(user: string): Promise<string | undefined>;
  /** Puts a tombstone in the place of texts. */
  eraseTexts(tombstones: ReadonlyMap<number, string>): Promise<void>;
  /**
   * Puts a tombstone in the place of the person; nothing is done and `more` is answered where entries
   * were written after `scannedSeq`. What is kept of their requests that are over goes, too.
   */
  erasePerson(
    user: string,
    end: { scannedSeq: number; label: string; tombstone: string | undefined },
  ): Promise<Erased | "more">;
};

export type AuditBook = AuditReader & AuditSealing & AuditErasing;
