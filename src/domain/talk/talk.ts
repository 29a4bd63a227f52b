// What people say about a request: a review afterwards, a question, that somebody looks at it.

import type { UserId } from "../text/ids.ts";

/** An access that nobody approved beforehand is looked at afterwards, by somebody else. */
export type Review = {
  readonly askedAtMs: number;
  readonly remindedAtMs?: number | undefined;
  readonly closed?:
    | {
        readonly by: UserId;
        readonly atMs: number;
        readonly verdict: "ok" | "concern";
        readonly text: string;
      }
    | undefined;
};

/** Something that an approver asked the requester while the request waited. */
export type Question = {
  /** Counts from 1 within the request. */
  readonly n: number;
  readonly by: UserId;
  readonly atMs: number;
  readonly text: string;
  readonly answer?: { readonly atMs: number; readonly text: string } | undefined;
};

/** An approver looks at the request. Everybody else can still decide. */
export type Claim = { readonly by: UserId; readonly untilMs: number };
