// Dead letters, as the store lists them: what no worker takes up until somebody brings it back.

import type { Write } from "./requests.ts";

/** What is parked, and why. */
export type ParkedWork = {
  /** A request's id; or `n:<channel> <when>`: notices, which go on by themselves with the next ones. */
  readonly member: string;
  readonly atMs: number;
  readonly why: string;
  readonly noticeCount: number;
};

export type ParkedList = { readonly count: number; readonly some: readonly ParkedWork[] };

/** `gone`: there was nothing left of it to work on. */
export type Requeued = "requeued" | "gone" | "not-parked" | "repeated";

export type ParkingWrite = {
  readonly why: string;
  /** Only where this owner still holds it; left out: any owner. */
  readonly owner?: string;
} & Partial<Pick<Write, "audit" | "notices">>;

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type DeadLetters = {
  /**
   * Parks what has no document that could be read: a dead letter, due no more until it is requeued. A
   * request that can be read becomes one by its document. False: somebody else holds it by now.
   */
  park(member: string, write: ParkingWrite): Promise<boolean>;
  /** How many dead letters there are, and at most `most` of them, the oldest first. */
  list(most?: number): Promise<ParkedList>;
  /** Brings back what `park` put there, named as it is listed: it is due at once. Notices go out with `requeued` alone. */
  requeue(member: string, write: Pick<Write, "audit" | "notices" | "delivery">): Promise<Requeued>;
};
