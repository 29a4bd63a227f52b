// What people may do to a request: decide and retry (beside this file), cancel, end, review.

import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import type { Moved } from "../moved.ts";
import { move, tell } from "../moves.ts";
import { type AccessRequest, isWaiting } from "../request.ts";
import { refuseParked, requeue } from "./dead-letter-acts.ts";
import { approve, deny, takeBack } from "./deciding-acts.ts";
import { open } from "./open-act.ts";
import { type ActBy, isBy, type PersonAct, wrongState } from "./person-act.ts";
import { retry } from "./retry-act.ts";
import { answer, ask, claim } from "./talk-acts.ts";

export function byPerson(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  const moved = acted(request, act, nowMs);
  return isRefusal(moved) ? moved : (refuseParked(request, act) ?? signed(moved, act));
}

/** For the audit: who is away, where somebody acts who isn't named by the rule. */
function signed({ request, audit }: Moved, { roles }: PersonAct): Moved {
  const [first] = roles.standsInFor ?? [];
  if (first === undefined) return { request, audit };
  return {
    request,
    audit: audit.map((note) => ({ ...note, detail: { for: first, ...note.detail } })),
  };
}

function acted(request: AccessRequest, act: PersonAct, nowMs: number): Moved | Refusal {
  switch (act.act) {
    case "approve":
      return approve(request, act, nowMs);
    case "deny":
      return deny(request, act, nowMs);
    case "take-back":
      return takeBack(request, act, nowMs);
    case "ask":
      return ask(request, act, nowMs);
    case "answer":
      return answer(request, act, nowMs);
    case "claim":
      return claim(request, act, nowMs);
    case "cancel":
      return cancel(request, act, nowMs);
    case "end":
      return end(request, act, nowMs);
    case "requeue":
      return requeue(request, act, nowMs);
    case "open":
      return open(request, act, nowMs);
    case "retry":
      return retry(request, act, nowMs);
    case "review":
      return review(request, act, nowMs);
  }
}

function cancel(request: AccessRequest, act: ActBy<"cancel">, nowMs: number): Moved | Refusal {
  const isEnding = act.isEndingAll === true && act.roles.isAdmin && request.state === "ready";
  if (!isEnding && !isBy(act, request.ask.requester)) {
    return refuse("not-yours")`Only the requester can cancel ${request.id}.`;
  }
  if (!isWaiting(request)) return wrongState(request, "cancel");
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
  const { isApprover, isAdmin } = act.roles;
  if (!isBy(act, request.ask.requester) && !isApprover && !isAdmin) {
    return refuse("not-yours")`Only the requester, an approver or an admin can end ${request.id}.`;
  }
  if (request.state !== "opening" && request.state !== "open")
    return wrongState(request, "end", act);
  return move(
    request,
    { state: "ending", grant: request.grant, endedBy: act.by, closeSent: 0 },
    {
      steps: [{ what: "ending", by: act.by, atMs: nowMs }],
      audit: { what: "ending", by: act.by },
    },
  );
}

/** Somebody else than the requester looks at an access that nobody approved beforehand. */
function review(request: AccessRequest, act: ActBy<"review">, nowMs: number): Moved | Refusal {
  if (isBy(act, request.ask.requester)) {
    return refuse(
      "own-request",
    )`You opened ${request.id} yourself, so somebody else has to review it.`;
  }
  if (!act.roles.isApprover && !act.roles.isAdmin) {
    return refuse("not-an-approver")`Only an approver or an admin can review ${request.id}.`;
  }
  if (request.review === undefined) {
    return refuse("wrong-state")`${request.id} was approved beforehand, so it needs no review.`;
  }
  const { closed } = request.review;
  if (closed !== undefined) {
    return refuse(
      "wrong-state",
    )`${request.id} was already reviewed by ${{ user: closed.by }} ${{ atMs: closed.atMs }}.`;
  }
  if (act.verdict === "concern" && act.text.trim() === "") {
    return refuse(
      "reason-required",
    )`Describe the concern, for example ${{ code: `/jit review ${request.id} concern nobody knew of the outage` }}.`;
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
