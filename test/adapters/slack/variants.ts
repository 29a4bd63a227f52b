// Requests whose life takes a turn: cut down, escalated, break-glass and its review, extensions, leaving.

import type {
  AccessRequest,
  Common,
  In,
  Narrowed,
  Promised,
} from "../../../src/domain/request/request.ts";
import type { Ask } from "../../../src/domain/rules/ask.ts";
import { groupId, requestIdFrom, userId } from "../../../src/domain/text/ids.ts";
import {
  ASKED_AT_MS,
  cancelled,
  common,
  DECIDED_AT_MS,
  denied,
  ERIN,
  ended,
  ending,
  failed,
  grant,
  LEAD,
  OMAR,
  open,
  opening,
  PLAIN,
  pending,
  type Typed,
} from "./requests.ts";

const SAM = userId("U0SAM");
export const ADMIN = userId("U0ADMIN");
const FURTHER = groupId("S0FURTHER");

export const asking = <R extends Common>(request: R, ask: Partial<Ask>): R => ({
  ...request,
  ask: { ...request.ask, ...ask },
});

export const promising = <R extends Common>(request: R, promised: Partial<Promised>): R => ({
  ...request,
  promised: { ...request.promised, ...promised },
});

/** Approved for one hour of two, from one address of the network. */
export const cutDown = <R extends Common>(request: R, change: Partial<Narrowed> = {}): R => ({
  ...request,
  narrowed: { by: LEAD, durationMs: 3_600_000, source: "203.0.113.7", ...change },
});

/** Nobody approved it; its review is open. */
export const broken = <R extends AccessRequest>(request: R): R => ({
  ...asking(request, { breakGlass: true }),
  approvals: [],
  ...("grant" in request && { grant: { ...request.grant, approvedBy: [] } }),
  review: { askedAtMs: ASKED_AT_MS },
});

export const reviewed = <R extends Common>(
  request: R,
  verdict: "ok" | "concern",
  text: string,
): R => ({
  ...request,
  review: {
    askedAtMs: ASKED_AT_MS,
    closed: { by: LEAD, atMs: DECIDED_AT_MS, verdict, text },
  },
});

export const ESCALATION = {
  afterMs: 1_800_000,
  to: { users: [LEAD, SAM, ERIN], groups: [FURTHER] },
};

/** Asked of Lea, Omar and the group on call; then of Sam and another group, too. */
export const escalated = (typed: Typed = PLAIN): In<"pending"> => ({
  ...promising(pending(typed), { escalate: ESCALATION }),
  escalatedAtMs: DECIDED_AT_MS,
});

/** Asked by the only approver. */
export const lonely = (typed: Typed = PLAIN): In<"pending"> =>
  promising(pending(typed), { approvers: { users: [ERIN], groups: [] }, nobody: true });

export const FIRST = requestIdFrom(Uint8Array.of(1, 2, 3, 4, 5, 6));

export const extension = <R extends Common>(request: R): R => asking(request, { extends: FIRST });

/** The bot took it away, because the requester is no longer allowed access. */
export const takenAway = (typed: Typed = PLAIN): readonly AccessRequest[] => [
  { ...cancelled(typed), cancelledBy: undefined },
  { ...ending(typed), endedBy: undefined },
  ended(typed, { how: "early" }),
];

/** A dead letter: work on it failed again and again. */
const parked = <R extends Common>(request: R, why: string): R => ({
  ...request,
  deadLetter: { atMs: DECIDED_AT_MS, why },
});

export function everyVariant(typed: Typed): readonly AccessRequest[] {
  const approvals = [{ by: OMAR, atMs: DECIDED_AT_MS }];
  const half = pending(typed, { approvals, promised: { ...common(typed).promised, approvals: 2 } });
  const granted = [opening(typed), open(typed), failed(typed), ended(typed)];
  const unanswered = { sent: 1, answer: "unknown", reads: 0, seenPorts: [] } as const;
  const unclear = { ...failed(typed), grant: grant(typed, { azure: unanswered }) };
  const narrow = { source: typed.source, sourceName: typed.sourceName };
  return [
    escalated(typed),
    lonely(typed),
    promising(lonely(typed), { escalate: ESCALATION }),
    ...[half, ...granted].flatMap((one) => [
      cutDown(one),
      cutDown(one, { durationMs: 7_200_000 }),
      cutDown(asking(one, { source: "*", sourceName: undefined }), narrow),
    ]),
    ...[...granted, unclear, ending(typed)].flatMap((one) => [
      broken(one),
      reviewed(broken(one), "ok", ""),
      reviewed(broken(one), "concern", typed.review),
    ]),
    ...[half, ...granted, denied(typed)].map(extension),
    ...takenAway(typed),
    ...[half, pending(typed), ...granted, unclear, ending(typed), denied(typed)].map((one) =>
      parked(one, typed.message),
    ),
    ...[broken(open(typed)), ended(typed, { closing: "still-open", alarmed: true })].map((one) =>
      parked(one, typed.message),
    ),
  ];
}
