// Announcements: what all replicas know, and one of them says.

import type { AuditNote } from "../../domain/request/moved.ts";
import type { Write } from "./requests.ts";

/** What there is to say of the policy file, the audit, who gets it, and direct messages: one thing at a time about each. */
export type Topic =
  | "loaded"
  | "trouble"
  | "difference"
  | "audit"
  | "keep-for"
  | "channels"
  | "direct-messages"
  | `stream:${string}`;

export type News = {
  /** Says it all; a repetition isn't announced. Empty: there's nothing left to say about it. */
  readonly value: string;
  /** Left out: it is remembered, and the audit need not hear of it. */
  readonly note?: AuditNote | undefined;
  readonly notices: NonNullable<Write["notices"]>;
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Announcements = {
  /** Records and tells something, once over all replicas until it changes. */
  announce(topic: Topic, news: News): Promise<"announced" | "repeated">;
  /** The value that was last announced of it; empty: none was. */
  last(topic: Topic): Promise<string>;
};
