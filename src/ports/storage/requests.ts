// Where requests are kept. One atomic step writes a change with everything that belongs to it.

import type { Door, Holder } from "../../domain/request/doors/doors.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { ChannelId, RequestId, UserId } from "../../domain/text/ids.ts";
import type { Notice } from "./notices.ts";

/** A request as it was read, at a time of the store's one clock. */
export type StoredRequest = {
  readonly request: AccessRequest;
  readonly version: number;
  readonly nowMs: number;
};

export type Write = {
  readonly next: AccessRequest;
  readonly audit: readonly AuditNote[];
  readonly notices?: readonly { readonly channel: ChannelId; readonly notice: Notice }[];
  /** The delivery that caused this; the same one again answers `repeated`. */
  readonly delivery?: string | undefined;
  /** Azure is about to be asked to open it: refused where access is frozen. */
  readonly opens?: Opens;
  /** It becomes live, and takes a place of its requester's: refused where as many are open already. */
  readonly openMax?: number;
  /** Nothing is outstanding now: the worker gives the request back with this very step. */
  readonly givesBack?: boolean;
};

/** An opening, as the brake sees it. */
export type Opens = {
  /** Access in an emergency: counted, and never refused. */
  readonly anyway: boolean;
  /** The most that may be opened within a minute; more freezes access in the same step. */
  readonly perMinute?:
    | {
        readonly most: number;
        readonly reason: string;
        readonly audit: readonly AuditNote[];
        /** They get their time, and who and what was to be opened last. */
        readonly notices: NonNullable<Write["notices"]>;
      }
    | undefined;
};

export type Created =
  | { readonly outcome: "created"; readonly nowMs: number }
  /** This delivery was handled before. */
  | { readonly outcome: "repeated" }
  /** The person has as many as the limit allows. */
  | { readonly outcome: "too-many-pending" | "too-many-open"; readonly count: number }
  /** The id is taken: draw another. */
  | { readonly outcome: "id-taken" };

export type Committed =
  | {
      readonly outcome: "written";
      readonly version: number;
      readonly nowMs: number;
      /** For how long the worker that named itself is sure to hold it from now on; 0: it doesn't. */
      readonly holdsMs?: number;
    }
  /** Somebody else wrote in between: read again. */
  | { readonly outcome: "conflict" }
  /** It would open, and access is frozen: nothing was written. */
  | { readonly outcome: "frozen" }
  /** It would open, and its requester has as many as the limit allows: nothing was written. */
  | { readonly outcome: "too-many-open"; readonly count: number }
  | { readonly outcome: "repeated" };

export type Limits = {
  readonly openPerPerson: number;
  readonly pendingPerPerson: number;
  /** Those that are made right after it, in this order, or none of them: there is to be room for all. */
  readonly along?: readonly ("pending" | "open")[] | undefined;
};

/** `to-review`: those whose review nobody has closed yet, whatever their state. */
export type Lists = "pending" | "open" | "to-review" | { readonly of: UserId };

export type Page = {
  readonly requests: readonly AccessRequest[];
  /** The ids of those that can't be read. */
  readonly unreadable: readonly string[];
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Requests = {
  create(write: Write, limits: Limits): Promise<Created>;
  read(id: RequestId): Promise<StoredRequest | undefined>;
  /** Writes `next` if the stored version is still `version`; a worker names itself to renew its lease. */
  commit(version: number, write: Write, worker?: string): Promise<Committed>;
  /** The newest first, without the first `skip` and without those that can't be read. */
  list(which: Lists, most: number, skip?: number): Promise<readonly AccessRequest[]>;
  /** The same, with those that can't be read beside it. Nothing in either: it is past the last. */
  page(which: Lists, most: number, skip?: number): Promise<Page>;
  /** The live grants on each door, this request's own included. */
  holders(doors: readonly Door[]): Promise<readonly (readonly Holder[])[]>;
};
