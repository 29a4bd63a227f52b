// Deciding: approve, deny, take back. Nobody decides about their own request.

import { contains } from "../../network/source.ts";
import type { Ask } from "../../rules/ask.ts";
import { formatDuration } from "../../text/duration.ts";
import type { UserId } from "../../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import type { Phase } from "../document/phase.ts";
import type { Grant } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { move, throughPolicy, UNSENT } from "../moves.ts";
import {
  type AccessRequest,
  type Approval,
  type In,
  inForce,
  isWaiting,
  type Narrowed,
} from "../request.ts";
import { type ActBy, isBy, type PersonAct, type Who, wrongState } from "./person-act.ts";
import { waitingFor, waitingHeldUp } from "./ready.ts";

/** Refuses everybody who may not decide. The requester comes first: no list may let one wave oneself through. */
export function mayDecide(
  request: AccessRequest,
  act: PersonAct,
  wanted: string,
): Refusal | undefined {
  if (isBy(act, request.ask.requester)) {
    return refuse(
      "own-request",
    )`You requested ${request.id} yourself, so somebody else has to ${wanted} it.`;
  }
  if (!act.roles.isApprover) {
    return refuse(
      "not-an-approver",
    )`You're not an approver under rule ${{ code: request.promised.rule }}, so you can't ${wanted} ${request.id}.`;
  }
  return undefined;
}

/** A click that was slow on its way doesn't bring back what its own author has withdrawn since. */
function overtaken(
  { id, withdrawn = [] }: In<"pending">,
  act: ActBy<"approve">,
): Refusal | undefined {
  const { doneAtMs } = act;
  if (doneAtMs === undefined) return undefined;
  return withdrawn.some((one) => isBy(act, one.by) && doneAtMs <= one.atMs)
    ? refuse(
        "wrong-state",
      )`You withdrew your approval of ${id} after that click, so it doesn't count. To approve it after all, press ${{ strong: "Approve" }} again.`
    : undefined;
}

/** Undecided requests whose time is over are refused here; the worker expires them. */
export function tooLate(request: In<"pending" | "ready">, nowMs: number): Refusal | undefined {
  return nowMs >= request.expiresAtMs
    ? refuse(
        "too-late",
      )`${request.id} expired ${{ atMs: request.expiresAtMs }}: request access again.`
    : undefined;
}

export function approve(
  request: AccessRequest,
  act: ActBy<"approve">,
  nowMs: number,
): Moved | Refusal {
  const mayNot = mayDecide(request, act, "approve");
  if (mayNot !== undefined) return mayNot;
  if (request.state !== "pending") return wrongState(request, "approve");
  const late = tooLate(request, nowMs) ?? overtaken(request, act);
  if (late !== undefined) return late;
  const counted = request.approvals.filter((one) => act.stillApprovers.includes(one.by));
  if (counted.some((one) => isBy(act, one.by))) {
    return refuse(
      "already-approved",
    )`You've already approved ${request.id}; it needs ${act.needed - counted.length} more.`;
  }
  const seat = seatOf(request, counted, act);
  if (isRefusal(seat)) return seat;
  const wider = act.narrow === undefined ? undefined : widens(request, act.narrow);
  if (wider !== undefined) return wider;
  const narrowed = act.narrow === undefined ? undefined : { ...act.narrow, by: act.by };
  const terms = narrowed ?? request.narrowed;
  const { note } = act;
  const approval = { by: act.by, atMs: nowMs, seat, note, narrowed: terms };
  const approvals: readonly Approval[] = [...counted, approvalOf(approval)];
  const voided = request.approvals.filter((one) => !counted.includes(one));
  const steps = [
    ...voided.map((one) => ({ what: "approval-void" as const, by: one.by, atMs: nowMs })),
    ...(narrowed ? [{ what: "narrowed" as const, by: act.by, atMs: nowMs }] : []),
    { what: "approved" as const, by: act.by, atMs: nowMs },
  ];
  const ask = throughPolicy(request.ask, act.jitPolicyId);
  const change = { approvals, ask, ...(narrowed && { narrowed }) };
  const detail = {
    rule: request.promised.rule,
    policy: act.policyHash,
    have: approvals.length,
    ...(narrowed && { durationMs: narrowed.durationMs, source: narrowed.source }),
    ...(note !== undefined && { note }),
    ...(seat !== undefined && { for: seat }),
  };
  if (approvals.length < act.needed) {
    return move(request, stillPending(request, act), {
      steps,
      audit: { what: "approved", by: act.by, detail: { ...detail, need: act.needed } },
      change: { ...change, promised: { ...request.promised, approvals: act.needed } },
    });
  }
  const waits =
    waitingFor(request, act.frozen, nowMs) ?? (act.heldUp && waitingHeldUp(act.heldUp, nowMs));
  if (waits !== undefined) {
    return move(request, waits.phase, {
      steps: [...steps, { what: waits.step, fault: waits.fault, atMs: nowMs }],
      audit: { what: "approved", by: act.by, detail: { ...detail, ...waits.detail } },
      change,
    });
  }
  const approvedBy = approvals.map((one) => one.by);
  const grant = newGrant(narrowed ?? inForce(request), act, { nowMs, approvedBy });
  return move(
    request,
    { state: "opening", grant },
    {
      steps,
      audit: { what: "granted", by: act.by, detail: { ...detail, endsAtMs: grant.endsAtMs } },
      change,
    },
  );
}

function approvalOf({
  seat,
  note,
  narrowed,
  ...given
}: Pick<Approval, "by" | "atMs" | "note" | "narrowed"> & {
  readonly seat: UserId | undefined;
}): Approval {
  return {
    ...given,
    ...(seat !== undefined && { for: seat }),
    ...(note !== undefined && { note }),
    ...(narrowed && { narrowed }),
  };
}

/**
 * For whom somebody approves who isn't named by the rule: one of those who are away. An approver and the
 * person who stands in for them are one of the approvals that are needed, not two.
 */
function seatOf(
  { id }: AccessRequest,
  counted: readonly Approval[],
  act: ActBy<"approve">,
): UserId | undefined | Refusal {
  const own = counted.find((one) => one.for !== undefined && isBy(act, one.for));
  if (own !== undefined) {
    return refuse("already-approved")`${{ user: own.by }} has already approved ${id} for you.`;
  }
  const { standsInFor } = act.roles;
  if (standsInFor === undefined) return undefined;
  const isFree = (user: UserId) => !counted.some((one) => one.by === user || one.for === user);
  const seat = standsInFor.find(isFree);
  if (seat !== undefined) return seat;
  const [taken] = standsInFor;
  return taken === undefined
    ? refuse("not-an-approver")`Nobody who's away has named you to decide on ${id}.`
    : refuse("already-approved")`${id} has already been approved by or for ${{ user: taken }}.`;
}

/** An approver may cut down what was asked, never widen it. */
function widens(
  request: AccessRequest,
  narrow: Pick<Narrowed, "durationMs" | "source">,
): Refusal | undefined {
  const asked = inForce(request);
  if (narrow.durationMs > asked.durationMs) {
    return refuse(
      "too-long",
    )`${request.id} is for ${formatDuration(asked.durationMs)}: approve that or less.`;
  }
  return contains(asked.source, narrow.source)
    ? undefined
    : refuse(
        "source-not-allowed",
      )`${request.id} is from ${{ code: asked.source }}: approve that or part of it.`;
}

function stillPending(request: In<"pending">, by?: Who): Extract<Phase, { state: "pending" }> {
  const { expiresAtMs, sinceMs, remindedAtMs, escalatedAtMs } = request;
  const { claim, withdrawn, absent, onDuty, ruleNow } = request;
  // Who has decided looks at it no longer.
  const isDone = claim !== undefined && by !== undefined && isBy(by, claim.by);
  return {
    state: "pending",
    expiresAtMs,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(remindedAtMs !== undefined && { remindedAtMs }),
    ...(escalatedAtMs !== undefined && { escalatedAtMs }),
    ...(claim !== undefined && !isDone && { claim }),
    ...(withdrawn !== undefined && { withdrawn }),
    ...(absent !== undefined && { absent }),
    ...(onDuty !== undefined && { onDuty }),
    ...(ruleNow !== undefined && { ruleNow }),
  };
}

/** What was decided already waits for its approvals again, as long as one that is asked for now. */
function undecided(
  request: In<"pending" | "ready">,
  expireAfterMs: number | undefined,
  nowMs: number,
): Extract<Phase, { state: "pending" }> {
  if (request.state === "pending") return stillPending(request);
  const expiresAtMs =
    expireAfterMs === undefined
      ? request.expiresAtMs
      : undecidedUntilMs(request.ask, expireAfterMs, nowMs);
  return { state: "pending", expiresAtMs, sinceMs: nowMs };
}

/** Planned work waits for its decision until its time, at least. */
export const undecidedUntilMs = (
  { opensAtMs = 0 }: Pick<Ask, "opensAtMs">,
  expireAfterMs: number,
  nowMs: number,
): number => Math.max(nowMs + expireAfterMs, opensAtMs);

/** Fixes the end of an access, once: every later sending and every Retry uses it as it stands. */
export function newGrant(
  asked: Pick<Ask, "durationMs">,
  {
    longestMs,
    policyHash,
    fromMs,
  }: { longestMs: number; policyHash: string; fromMs?: number | undefined },
  { nowMs, approvedBy }: { nowMs: number; approvedBy: readonly UserId[] },
): Grant {
  const endsAtMs = Math.min((fromMs ?? nowMs) + asked.durationMs, nowMs + longestMs);
  return { startsAtMs: nowMs, endsAtMs, approvedBy, policyHash, azure: UNSENT };
}

export function deny(request: AccessRequest, act: ActBy<"deny">, nowMs: number): Moved | Refusal {
  const mayNot = mayDecide(request, act, "deny");
  if (mayNot !== undefined) return mayNot;
  if (request.state !== "pending") return wrongState(request, "deny");
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  return move(
    request,
    { state: "denied", deniedBy: act.by, denial: act.reason, deniedAtMs: nowMs },
    {
      steps: [{ what: "denied", by: act.by, atMs: nowMs }],
      audit: { what: "denied", by: act.by, detail: { reason: act.reason } },
    },
  );
}

export function takeBack(
  request: AccessRequest,
  act: ActBy<"take-back">,
  nowMs: number,
): Moved | Refusal {
  if (!isWaiting(request)) return wrongState(request, "withdraw an approval of");
  const isOwn = (one: Approval) =>
    isBy(act, one.by) || (one.for !== undefined && isBy(act, one.for));
  const approvals = request.approvals.filter((one) => !isOwn(one));
  if (approvals.length === request.approvals.length) {
    return refuse(
      "not-approved-by-you",
    )`You haven't approved ${request.id}, so there's no approval to withdraw.`;
  }
  const before = (request.state === "pending" && request.withdrawn) || [];
  const withdrawn = [
    ...before.filter(({ by }) => by !== act.by),
    { by: act.by, atMs: act.doneAtMs ?? nowMs },
  ];
  // What was cut down stays so for those who approved it so. Each approved no more than the one before.
  const waits = { ...undecided(request, act.expireAfterMs, nowMs), withdrawn };
  return move(request, waits, {
    steps: [{ what: "taken-back", by: act.by, atMs: nowMs }],
    audit: { what: "taken-back", by: act.by },
    change: { approvals, narrowed: approvals.at(-1)?.narrowed },
  });
}
