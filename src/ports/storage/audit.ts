// The audit: read by people, sealed by one replica at a time, verified and erased from on the command line.

import type { Checkpoint, Era, Head } from "../../domain/audit/audit-chain.ts";
import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import type { People, Row } from "../../domain/audit/audit-row.ts";
import type { Chain } from "../../domain/audit/links.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import type { RequestId, UserId, VmKey } from "../../domain/text/ids.ts";

export type AuditQuery = {
  readonly fromMs: number;
  /** The first moment that doesn't belong to it any more. */
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
  /** Where the search stopped before the period's beginning: what is older wasn't looked at. */
  readonly stoppedAtMs: number | undefined;
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Audit = {
  search(query: AuditQuery): Promise<Searched>;
};

/** Of what changes no request: a request's own entries are written with it. */
export type AuditNotes = {
  /** Records refused clicks and such, numbered like everything in the audit. */
  record(
    id: RequestId | undefined,
    note: AuditNote,
    delivery?: string,
  ): Promise<"recorded" | "repeated">;
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
  /** The first entry that is still there, from a number on. */
  firstFrom(seq: number): Promise<Placed | undefined>;
  /** The lowest number whose entry can be of that time or later; the next one to be given where none is. */
  firstSince(atMs: number): Promise<number>;
};

export type Placed = { readonly seq: number; readonly atMs: number };

/** What a replica sees of the chain's end, whether it seals or another one does. */
export type ChainEnd = {
  readonly nowMs: number;
  /** Whether this worker is the one that seals. */
  readonly isMine: boolean;
  /** `text`: the entry; `before`: the seal before; both empty where they aren't there. */
  readonly head: Head & { readonly text: string; readonly before: string };
  /** The seal that the asked number has now. */
  readonly knownSeal: string | undefined;
  /** The first entry that isn't sealed. */
  readonly waiting: Placed | undefined;
  /** The last number that was given. */
  readonly lastSeq: number;
  readonly eras: readonly Era[];
  readonly checkpoint: Checkpoint | undefined;
};

export type SealBatch = {
  readonly after: Head;
  readonly seals: readonly Head[];
  /** What stands among them and isn't sealed. */
  readonly passed: readonly number[];
  /** Where a new key begins to seal: the keys, and the checkpoint as the new one vouches for it. */
  readonly eras?: readonly Era[] | undefined;
  readonly checkpoint?: Checkpoint | undefined;
};

export type AuditSealing = {
  /**
   * Takes or keeps the lease, unless another worker has it, and writes the sums of refusals whose minute is
   * over. `isForced`: the lease is taken from its holder; it spares work, and the chain doesn't rest on it.
   */
  chainEnd(
    worker: string,
    how: { leaseMs: number; isForced: boolean; knownSeq?: number | undefined },
  ): Promise<ChainEnd>;
  /** Adds seals after `after`; `lost` where somebody else sealed: nothing is written. */
  appendSeals(batch: SealBatch): Promise<"sealed" | "lost">;
  /** Deletes what is sealed up to the checkpoint; `lost` where its seal isn't that, or without the lease. */
  trim(worker: string, checkpoint: Checkpoint): Promise<"trimmed" | "lost">;
  /** Forgets people of whom no entry is left. Answers where to go on the next time. */
  forgetPeople(cursor: string): Promise<string>;
  giveUp(worker: string): Promise<void>;
  note(what: string, detail: Readonly<Record<string, string | number>>): Promise<void>;
};

type Erased = {
  /** Requests of the person that aren't over yet, and name them still. */
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

export type AuditRepository = AuditReader & AuditSealing & AuditErasing;
