// What the watch of the Activity Log remembers, for all replicas together: whose turn it is, how far it
// read, and what it has told.

import type { About } from "../../domain/audit/audit-entry.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import type { Write } from "./requests.ts";

/** How far a subscription's log was read. */
export type ReadUntil = { readonly sinceMs: number; readonly untilMs: number };

export type WatchTurn = {
  readonly nowMs: number;
  /** By subscription in lower case. */
  readonly read: Readonly<Record<string, ReadUntil>>;
  /** Where the look through open access continues. */
  readonly skip: number;
};

/** Something that the log tells, with everything that it makes the bot write. */
export type Seen = {
  /** Not empty. */
  readonly marks: readonly string[];
  readonly atMs: number;
  readonly notes: readonly { readonly note: AuditNote; readonly about: About }[];
  readonly notices: NonNullable<Write["notices"]>;
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type WatchRepository = {
  /** Takes the next turn, for `leaseMs`; or answers how long to wait for it. The first is `everyMs` from now. */
  takeTurn(
    worker: string,
    pace: { everyMs: number; leaseMs: number },
  ): Promise<WatchTurn | { readonly waitMs: number }>;
  /** Keeps how far it got; the next turn is `everyMs` after the beginning of this one. */
  endTurn(worker: string, turn: WatchTurn, everyMs: number): Promise<void>;
  /** Which of the marks weren't told yet. */
  unseen(marks: readonly string[]): Promise<readonly string[]>;
  /** Writes the entries and tells the notices, once over all replicas and for good: not where a mark is known. */
  tell(seen: Seen): Promise<"told" | "repeated">;
  /** From now on these count as told. */
  remember(marks: readonly { readonly mark: string; readonly atMs: number }[]): Promise<void>;
};
