// Where every act leads from every state, written down as the tests' own.

import type { WorldAct } from "../../../src/domain/request/acts/world-act.ts";
import type { State } from "../../../src/domain/request/document/phase.ts";

/** What a person's act leads to; what is not here is refused, with the code after "no:". */
export const PEOPLE_TABLE: Readonly<Record<string, Partial<Record<State, State>>>> = {
  "approve by approver": { pending: "opening" },
  "deny by approver": { pending: "denied" },
  "ask by approver": { pending: "pending" },
  "claim by approver": { pending: "pending" },
  "take-back by approver": { ready: "pending" },
  "cancel by requester": { pending: "cancelled", ready: "cancelled" },
  "cancel by requester+approver": { pending: "cancelled", ready: "cancelled" },
  "end by requester": { opening: "ending", open: "ending" },
  "end by requester+approver": { opening: "ending", open: "ending" },
  "end by approver": { opening: "ending", open: "ending" },
  "end by admin": { opening: "ending", open: "ending" },
  "retry by requester": { failed: "opening" },
  "retry by requester+approver": { failed: "opening" },
  "retry by approver": { failed: "opening" },
  "retry lacking by requester": { failed: "pending" },
  "retry lacking by requester+approver": { failed: "pending" },
  "retry lacking by approver": { failed: "pending" },
};

/** Where news moves a request, at a time when its end (and the time to decide) are past. Left out: it stays. */
export const WORLD_TABLE_LATE: Readonly<
  Partial<Record<WorldAct["act"], Partial<Record<State, State>>>>
> = {
  expire: { pending: "lapsed", ready: "lapsed" },
  frozen: { opening: "ready" },
  thawed: { ready: "opening" },
  "thawed-short": { ready: "pending" },
  "not-opened": { ready: "cancelled" },
  recovered: {
    pending: "open",
    ready: "open",
    lapsed: "open",
    cancelled: "open",
    denied: "open",
  },
  left: { pending: "cancelled", ready: "cancelled", opening: "ending", open: "ending" },
  extended: { open: "ended" },
  unanswered: { opening: "failed" },
  refused: { opening: "failed", ending: "open" },
  seen: { opening: "open" },
  closed: { ending: "ended" },
  "not-closed": { ending: "open" },
  gone: { open: "ended" },
  over: { opening: "failed", open: "ended", ending: "ended" },
};
