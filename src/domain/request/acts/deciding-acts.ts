// Deciding: approve, deny, take back. Nobody decides about their own request.

import { contains } from "../../network/source.ts";
import type { Ask } from "../../rules/ask.ts";
import { formatDuration } from "../../text/duration.ts";
import type { UserId } from "../../text/ids.ts";
import { type Refusal, refuse } from "../../text/refusal.ts";
import type { Moved } from "../moved.ts";
import { move, UNSENT } from "../moves.ts";
import {
  type AccessRequest,
  type Approval,
  type Grant,
  type In,
  inForce,
  type Narrowed,
  type Phase,
  throughPolicy,
} from "../request.ts";
import { type ActBy, isBy, type PersonAct, wrongState } from "./person-act.ts";

/** Refuses everybody who may not decide. The requester comes first: no list may let one wave oneself through. */
function mayDecide(request: AccessRequest, act: PersonAct, wanted: string): Refusal | undefined {
  if (isBy(act, request.ask.requester)) {
    return refuse(
      "own-request",
    )`You asked for ${request.id} yourself, so somebody else has to ${wanted} it.`;
  }
  if (!act.standing.isApprover) {
    return refuse(
      "not-an-approver",
    )`You are not an approver of the rule ${{ code: request.promised.rule }}, so you cannot ${wanted} ${request.id}.`;
  }
  return undefined;
}

/** Undecided requests whose time is over are refused here; the worker expires them. */
function tooLate(request: In<"pending">, nowMs: number): Refusal | undefined {
  return nowMs >= request.expiresAtMs
    ? refuse(
        "too-late",
      )`${request.id} expired at ${{ atMs: request.expiresAtMs }}: request access again.`
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
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  const counted = request.approvals.filter((one) => act.stillApprovers.includes(one.by));
  if (counted.some((one) => isBy(act, one.by))) {
    return refuse(
      "already-approved",
    )`You have approved ${request.id} already; it needs ${act.needed - counted.length} more.`;
  }
  const wider = act.narrow === undefined ? undefined : widens(request, act.narrow);
  if (wider !== undefined) return wider;
  const narrowed = act.narrow === undefined ? undefined : { ...act.narrow, by: act.by };
  const terms = narrowed ?? request.narrowed;
  const approval: Approval = { by: act.by, atMs: nowMs, ...(terms && { narrowed: terms }) };
  const approvals: readonly Approval[] = [...counted, approval];
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
  };
  if (approvals.length < act.needed) {
    return move(request, stillPending(request), {
      steps,
      audit: { what: "approved", by: act.by, detail: { ...detail, need: act.needed } },
      change: { ...change, promised: { ...request.promised, approvals: act.needed } },
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

/** An approver may cut down what was asked, never widen it. */
function widens(
  request: AccessRequest,
  narrow: Pick<Narrowed, "durationMs" | "source">,
): Refusal | undefined {
  const asked = inForce(request);
  if (narrow.durationMs > asked.durationMs) {
    return refuse(
      "too-long",
    )`${request.id} was asked for ${formatDuration(asked.durationMs)}: it can be approved for that or less.`;
  }
  return contains(asked.source, narrow.source)
    ? undefined
    : refuse(
        "source-not-allowed",
      )`${request.id} was asked from ${{ code: asked.source }}: it can be approved for that or a part of it.`;
}

function stillPending(request: In<"pending">): Extract<Phase, { state: "pending" }> {
  const { expiresAtMs, sinceMs, remindedAtMs, escalatedAtMs } = request;
  return {
    state: "pending",
    expiresAtMs,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(remindedAtMs !== undefined && { remindedAtMs }),
    ...(escalatedAtMs !== undefined && { escalatedAtMs }),
  };
}

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

export function takeBack(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  if (request.state !== "pending") return wrongState(request, "take back");
  const approvals = request.approvals.filter((one) => !isBy(act, one.by));
  if (approvals.length === request.approvals.length) {
    return refuse(
      "not-approved-by-you",
    )`You have not approved ${request.id}: there is nothing to take back.`;
  }
  // What was cut down stays so for those who approved it so. Each approved no more than the one before.
  return move(request, stillPending(request), {
    steps: [{ what: "taken-back", by: act.by, atMs: nowMs }],
    audit: { what: "taken-back", by: act.by },
    change: { approvals, narrowed: approvals.at(-1)?.narrowed },
  });
}
