// What people may do to a request: approve, deny, take back, cancel, end, retry.

import { formatDuration } from "./duration.ts";
import type { UserId } from "./ids.ts";
import { move, tell, UNSENT } from "./moves.ts";
import { type Refusal, refuse } from "./refusal.ts";
import {
  type AccessRequest,
  type Approval,
  type Ask,
  type AzureProgress,
  type Grant,
  type In,
  inForce,
  type Narrowed,
  type Phase,
} from "./request.ts";
import { contains } from "./source.ts";
import { stateWord } from "./state-words.ts";
import type { Moved } from "./transition.ts";

/** What a person is to a request, worked out by the caller from the rules in force, now. */
export type Standing = { readonly isApprover: boolean; readonly isAdmin: boolean };

export type PersonAct = { readonly by: UserId; readonly standing: Standing } & (
  | {
      readonly act: "approve";
      /** The larger of what was promised and what is in force. */
      readonly needed: number;
      /** Of those who approved before, the ones who are still approvers. */
      readonly stillApprovers: readonly UserId[];
      /** The most that the VM's policy allows on these ports, with some seconds to spare. */
      readonly longestMs: number;
      readonly policyHash: string;
      /** Only a shorter time or a narrower source; the caller has checked it against rule and policy. */
      readonly narrow?: Pick<Narrowed, "durationMs" | "source" | "sourceName"> | undefined;
      /** Where an extension's time begins: the end of what it extends. */
      readonly fromMs?: number | undefined;
    }
  | { readonly act: "deny"; readonly reason: string }
  | { readonly act: "take-back" }
  | { readonly act: "cancel" }
  | { readonly act: "end" }
  | { readonly act: "retry" }
  | { readonly act: "review"; readonly verdict: "ok" | "concern"; readonly text: string }
);

type ActBy<Name extends PersonAct["act"]> = Extract<PersonAct, { act: Name }>;

export function byPerson(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  switch (act.act) {
    case "approve":
      return approve(request, act, nowMs);
    case "deny":
      return deny(request, act, nowMs);
    case "take-back":
      return takeBack(request, act, nowMs);
    case "cancel":
      return cancel(request, act, nowMs);
    case "end":
      return end(request, act, nowMs);
    case "retry":
      return retry(request, act, nowMs);
    case "review":
      return review(request, act, nowMs);
  }
}

const wrongState = (request: AccessRequest, wanted: string): Refusal =>
  refuse(
    "wrong-state",
  )`${request.id} is ${{ strong: stateWord(request) }}: there is nothing to ${wanted}.`;

/** Refuses everybody who may not decide. The requester comes first: no list may let one wave oneself through. */
function mayDecide(request: AccessRequest, act: PersonAct, wanted: string): Refusal | undefined {
  if (act.by === request.ask.requester) {
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

/** Undecided requests whose time is over are refused here; the worker lapses them. */
function tooLate(request: In<"pending">, nowMs: number): Refusal | undefined {
  return nowMs >= request.lapsesAtMs
    ? refuse(
        "too-late",
      )`${request.id} lapsed at ${{ atMs: request.lapsesAtMs }}: it has to be asked for again.`
    : undefined;
}

function approve(request: AccessRequest, act: ActBy<"approve">, nowMs: number): Moved | Refusal {
  const mayNot = mayDecide(request, act, "approve");
  if (mayNot !== undefined) return mayNot;
  if (request.state !== "pending") return wrongState(request, "approve");
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  const counted = request.approvals.filter((one) => act.stillApprovers.includes(one.by));
  if (counted.some((one) => one.by === act.by)) {
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
  const change = { approvals, ...(narrowed && { narrowed }) };
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
  const { lapsesAtMs, remindedAtMs, escalatedAtMs } = request;
  return {
    state: "pending",
    lapsesAtMs,
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

function deny(request: AccessRequest, act: ActBy<"deny">, nowMs: number): Moved | Refusal {
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

function takeBack(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  if (request.state !== "pending") return wrongState(request, "take back");
  const approvals = request.approvals.filter((one) => one.by !== act.by);
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

function cancel(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  if (act.by !== request.ask.requester) {
    return refuse("not-yours")`Only the person who asked for ${request.id} can cancel it.`;
  }
  if (request.state !== "pending") return wrongState(request, "cancel");
  return move(
    request,
    { state: "cancelled", cancelledBy: act.by, cancelledAtMs: nowMs },
    {
      steps: [{ what: "cancelled", by: act.by, atMs: nowMs }],
      audit: { what: "cancelled", by: act.by },
    },
  );
}

function end(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  const { isApprover, isAdmin } = act.standing;
  if (act.by !== request.ask.requester && !isApprover && !isAdmin) {
    return refuse("not-yours")`Only the requester, an approver or an admin can end ${request.id}.`;
  }
  if (request.state !== "opening" && request.state !== "open") return wrongState(request, "end");
  return move(
    request,
    { state: "ending", grant: request.grant, endedBy: act.by, closeSent: 0 },
    {
      steps: [{ what: "ending", by: act.by, atMs: nowMs }],
      audit: { what: "ending", by: act.by },
    },
  );
}

/** The part of a grant's time that must be left for Retry to be worth it. */
const RETRY_LEAST_SHARE = 1 / 4;

/** Whether Retry is offered: at least a quarter of the granted time is left. */
export function mayRetry(grant: Grant, nowMs: number): boolean {
  return grant.endsAtMs - nowMs >= (grant.endsAtMs - grant.startsAtMs) * RETRY_LEAST_SHARE;
}

function retry(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  if (act.by !== request.ask.requester && !act.standing.isApprover) {
    return refuse("not-yours")`Only the requester or an approver can retry ${request.id}.`;
  }
  if (request.state !== "failed") return wrongState(request, "retry");
  if (!mayRetry(request.grant, nowMs)) {
    return refuse(
      "too-late",
    )`Too little of the time of ${request.id} is left, and its end at ${{ atMs: request.grant.endsAtMs }} does not move: ask for it again.`;
  }
  return move(
    request,
    { state: "opening", grant: { ...request.grant, azure: afresh(request.grant.azure) } },
    {
      steps: [{ what: "retried", by: act.by, atMs: nowMs }],
      audit: { what: "retried", by: act.by },
    },
  );
}

/** Somebody else than the requester looks at an access that nobody approved beforehand. */
function review(request: AccessRequest, act: ActBy<"review">, nowMs: number): Moved | Refusal {
  if (act.by === request.ask.requester) {
    return refuse(
      "own-request",
    )`You opened ${request.id} yourself, so somebody else has to review it.`;
  }
  if (!act.standing.isApprover && !act.standing.isAdmin) {
    return refuse("not-an-approver")`Only an approver or an admin can review ${request.id}.`;
  }
  if (request.review === undefined) {
    return refuse(
      "wrong-state",
    )`${request.id} was approved beforehand: there is nothing to review.`;
  }
  const { closed } = request.review;
  if (closed !== undefined) {
    return refuse(
      "wrong-state",
    )`${request.id} was reviewed by ${{ user: closed.by }} at ${{ atMs: closed.atMs }} already.`;
  }
  if (act.verdict === "concern" && act.text.trim() === "") {
    return refuse(
      "reason-required",
    )`Say what the concern is, for example ${{ code: `/jit review ${request.id} concern nobody knew of the outage` }}.`;
  }
  const { verdict, text, by } = act;
  const changed = {
    ...request,
    review: { ...request.review, closed: { by, atMs: nowMs, verdict, text } },
  };
  return tell(changed, [{ what: "reviewed", by, atMs: nowMs }], {
    what: "reviewed",
    by,
    detail: { verdict, text },
  });
}

/** An answer that never came is still read back before Azure is asked again. */
const afresh = (azure: AzureProgress): AzureProgress =>
  azure.answer === "unknown" ? { ...UNSENT, sent: azure.sent, answer: "unknown" } : UNSENT;
