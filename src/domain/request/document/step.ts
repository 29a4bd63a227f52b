// What happened to a request and is told to people.

import type { UserId } from "../../text/ids.ts";
import type { FaultNote, WaitsAgain } from "../grant.ts";

/** Something that happened and that people are told. Numbered from 1 within the request. */
export type Step = {
  readonly n: number;
  readonly atMs: number;
  readonly what: StepKind;
  readonly by?: UserId | undefined;
  readonly fault?: FaultNote | undefined;
  /** How many more could have been asked, and weren't. */
  readonly left?: number | undefined;
  /** Of a batch: the VM of the other request that it happened to. */
  readonly of?: string | undefined;
  /** Of what waits for approvals again: why. Left out by earlier versions. */
  readonly again?: WaitsAgain | undefined;
};

export type StepKind =
  | "asked"
  | "broke-glass"
  | "opened-by-rule"
  | "reminded"
  | "escalated"
  | "narrowed"
  | "left"
  | "reviewed"
  | "review-reminded"
  | "no-approvers"
  | "recovered"
  | "adopted"
  | "card-unposted"
  | "unasked"
  | "approved"
  | "approval-void"
  | "questioned"
  | "answered"
  | "taken-back"
  | "denied"
  | "cancelled"
  | "lapsed"
  | "ready"
  | "ready-reminded"
  | "started"
  | "frozen"
  | "thawed"
  | "held-up"
  | "not-opened"
  | "opening"
  | "delayed"
  | "watched"
  | "accepted"
  | "open"
  | "retried"
  | "waits-again"
  | "failed"
  | "ending"
  | "not-ended"
  | "warning-missed"
  | "ended"
  | "still-open"
  | "closed-late"
  | "parked"
  | "requeued";
