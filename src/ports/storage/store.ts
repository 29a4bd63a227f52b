// Where requests are kept. One atomic step writes a change with everything that belongs to it.

import type { Door, Holder } from "../../domain/request/doors.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { ChannelId, RequestId, UserId } from "../../domain/text/ids.ts";
import type { AsideList, Requeued } from "./dead-letters.ts";
import type { Kept, Notice } from "./kept.ts";
import type { Leases } from "./leases.ts";
import type { ClaimHow, Work } from "./work.ts";

export type Write = {
  readonly next: AccessRequest;
  readonly audit: readonly AuditNote[];
  readonly notices?: readonly { readonly channel: ChannelId; readonly notice: Notice }[];
  /** The delivery that caused this; the same one again answers `repeated`. */
  readonly delivery?: string | undefined;
  /** Nothing is outstanding now: the worker gives the request back with this very step. */
  readonly givesBack?: boolean;
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
      /** For how long the worker that named itself is sure to hold it from now on; 0: it does not. */
      readonly holdsMs?: number;
    }
  /** Somebody else wrote in between: read again. */
  | { readonly outcome: "conflict" }
  | { readonly outcome: "repeated" };

/** A message that waits for its turn in a channel. */
export type Place = {
  /** The same whenever it asks again. */
  readonly what: string;
  readonly of: UserId;
  readonly rank: "break-glass" | "card" | "thread";
};

export type Limits = { readonly openPerPerson: number; readonly pendingPerPerson: number };

/** `to-review`: those whose review nobody has closed yet, whatever their state. */
export type Lists = "pending" | "open" | "to-review" | { readonly of: UserId };

/** What there is to say of the policy file, the audit and direct messages: one thing at a time about each. */
export type PolicyTopic =
  | "loaded"
  | "trouble"
  | "difference"
  | "audit"
  | "keep-for"
  | "channels"
  | "direct-messages";

export type News = {
  /** Says it all; the same again is not announced. Empty: there is nothing to say of it any more. */
  readonly value: string;
  /** Left out: it is remembered, and the audit need not hear of it. */
  readonly note?: AuditNote | undefined;
  readonly notices: NonNullable<Write["notices"]>;
};

/** The policy files of all replicas that were heard of lately. */
export type PolicyReport = {
  readonly nowMs: number;
  readonly replicas: readonly { readonly replica: string; readonly hash: string }[];
  /** `undefined`: they all hold the same. */
  readonly differSinceMs: number | undefined;
  /** What was last announced of their difference; empty: nothing is. */
  readonly announced: string;
};

export type AsideWrite = {
  readonly why: string;
  /** Only where this owner holds it still; left out: whoever does. */
  readonly owner?: string;
} & Partial<Pick<Write, "audit" | "notices">>;

/** Every method throws a retryable `Fault` of world `redis` where Redis cannot be reached in time. */
export type Store = Leases & {
  /** Redis's clock, milliseconds since the epoch. */
  nowMs(): Promise<number>;
  create(write: Write, limits: Limits): Promise<Created>;
  read(id: RequestId): Promise<Kept | undefined>;
  /** Writes `next` if the stored version is still `version`; a worker names itself to renew its lease. */
  commit(version: number, write: Write, worker?: string): Promise<Committed>;
  /** The newest first, without the first `skip`. */
  list(which: Lists, most: number, skip?: number): Promise<readonly AccessRequest[]>;

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
  /** Gives it back without a result; due again in `againInMs`. */
  yield(
    worker: string,
    member: string,
    how: { readonly isFailure: boolean; readonly againInMs: number },
  ): Promise<void>;
  /** Says that a replica is gone from now on: all that it holds is free. */
  leave(replica: string): Promise<void>;
  /**
   * Gives a request back, due again as its stored document says; due now if it was written meanwhile.
   * Answers whether it is due now.
   */
  release(
    worker: string,
    id: RequestId,
    known: { version: number; dueAtMs: number | undefined },
  ): Promise<boolean>;
  /** The first `count` notices of a channel were posted; 0 with `retryAtMs` where they could not be. */
  releaseNotices(
    worker: string,
    channel: ChannelId,
    done: { count: number; retryAtMs?: number | undefined },
  ): Promise<void>;
  /**
   * Sets aside what has no document that could be read: a dead letter, due no more until it is requeued. A
   * request that can be read becomes one by its document. False: somebody else holds it by now.
   */
  setAside(member: string, write: AsideWrite): Promise<boolean>;
  /** How many dead letters there are, and at most `most` of them, the oldest first. */
  listAside(most?: number): Promise<AsideList>;
  /** Brings back what `setAside` set aside, named as it is listed: it is due at once. */
  requeue(member: string, write: Pick<Write, "audit" | "delivery">): Promise<Requeued>;
  /** Announces something to a channel that belongs to no request. */
  notify(channel: ChannelId, notice: Notice): Promise<void>;

  /** The live grants on each door, this request's own included. */
  holders(doors: readonly Door[]): Promise<readonly (readonly Holder[])[]>;
  /** Remembers for an hour that somebody looked at the home tab. */
  lookedAtHome(user: UserId): Promise<void>;
  /** Who looked at the home tab within the last hour, the latest first; at most some thousand. */
  homeReaders(): Promise<readonly UserId[]>;

  /** Tells all replicas that people and groups of these ids have changed. */
  peopleChanged(ids: readonly string[]): Promise<void>;
  /** Who has changed since then, by the store's clock; for some minutes. */
  peopleChangedSince(
    sinceMs: number,
  ): Promise<{ readonly nowMs: number; readonly ids: readonly string[] }>;

  /**
   * Counts somebody's ask, at most `most` in any minute, those that break the glass apart; answers how long
   * to wait, 0: go ahead.
   */
  takeAsk(user: UserId, most: number, kind: "usual" | "break-glass"): Promise<number>;
  /** Records a delivery that wrote nothing; false: it was handled before. */
  firstDelivery(delivery: string): Promise<boolean>;
  /** Records refused clicks and the like, numbered like everything in the audit. */
  record(
    id: RequestId | undefined,
    note: AuditNote,
    delivery?: string,
  ): Promise<"recorded" | "repeated">;
  /** Records and tells something about the policy file, once over all replicas until it changes. */
  announce(matter: PolicyTopic, news: News): Promise<"announced" | "repeated">;
  /** The value that was last announced of it; empty: none was. */
  announced(matter: PolicyTopic): Promise<string>;
  /** Says which policy file a replica holds; one that has not said so for 30 s is no longer counted. */
  reportPolicy(replica: string, hash: string): Promise<PolicyReport>;
  /** The secret that the bot's own calls to Azure are known by, the same for all replicas for good. */
  callKey(): Promise<string>;
  /**
   * Takes a place in a channel's rate (one message a second, if nothing else is said, and three at once);
   * answers how long to wait, 0: go ahead.
   */
  takeTurn(channel: string, everyMs?: number): Promise<number>;
  /**
   * Resolves where what was written last stands where it will be looked for; rejects with a retryable fault
   * where another server has taken over meanwhile. Asked before Azure is.
   */
  confirmPrimary(): Promise<void>;
  /**
   * The same for a message of a request, in a fair queue: new cards before threads, and of each rank
   * everybody's first before anybody's second. Whoever is told to wait keeps their place until then.
   */
  takePlace(channel: string, place: Place): Promise<number>;
  /** Rejects where Redis does not answer, or takes no writes, now. */
  ping(): Promise<void>;
  close(): Promise<void>;
};
