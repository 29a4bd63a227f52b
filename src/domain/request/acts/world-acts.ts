// What news from the world does to a request: Azure's answers, what was read back, time passing.

import { shownBy } from "../at-end.ts";
import type { Grant } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { move, quietly, same } from "../moves.ts";
import { recoveredDetail, recoveredGrant, showsLostDecision } from "../recovered.ts";
import { type AccessRequest, isWaiting } from "../request.ts";
import { park, requeued } from "./dead-letter-acts.ts";
import { checked, closing, ended, notClosed, over } from "./ending-acts.ts";
import { byFreeze, isFreezeAct } from "./freeze-acts.ts";
import { accepted, refused, seen, sending, unanswered } from "./opening-acts.ts";
import { waitsForRequester } from "./ready.ts";
import { retryOverAtMs } from "./retry-act.ts";
import { bySurroundings } from "./surroundings-acts.ts";
import type { News, WorldAct } from "./world-act.ts";

export function byWorld(request: AccessRequest, act: WorldAct, nowMs: number): Moved {
  if (isFreezeAct(act)) return byFreeze(request, act, nowMs);
  switch (act.act) {
    case "expire":
      return expired(request, act, nowMs);
    case "recovered":
      return recovered(request, act, nowMs);
    case "remind":
    case "escalate":
    case "remind-ready":
    case "unclaim":
    case "absences":
    case "on-call":
    case "rule-now":
    case "left":
    case "member":
    case "unmade":
    case "extended":
    case "took-over":
    case "review-reminded":
      return bySurroundings(request, act, nowMs);
    case "sending":
      return sending(request, act);
    case "accepted":
      return accepted(request);
    case "unanswered":
      return unanswered(request, act, nowMs);
    case "refused":
      return request.state === "ending"
        ? notClosed(request, act, nowMs)
        : refused(request, act, nowMs);
    case "seen":
      return seen(request, act, nowMs);
    case "closed":
      return request.state === "ending"
        ? ended(request, { ...shownBy(act), how: "early" }, nowMs)
        : same(request);
    case "closing":
      return closing(request, act, nowMs);
    case "not-closed":
      return notClosed(request, act, nowMs);
    case "gone":
      return request.state === "open"
        ? ended(request, { how: "elsewhere", closing: "closed", newer: act.newer }, nowMs)
        : same(request);
    case "over":
      return over(request, act, nowMs);
    case "checked":
      return checked(request, act, nowMs);
    case "park":
      return park(request, act, nowMs);
    case "requeued":
      return requeued(request, act.operator, nowMs);
    case "retry-over":
      return request.state === "failed" && nowMs >= retryOverAtMs(request.grant)
        ? quietly({ ...request, retryOver: true })
        : same(request);
    case "warned":
      return request.state === "open"
        ? quietly(
            { ...request, grant: { ...request.grant, warnedAtMs: nowMs } },
            { what: "warned" },
          )
        : same(request);
  }
}

function expired(request: AccessRequest, { unread }: News<"expire">, nowMs: number): Moved {
  if (!isWaiting(request) || nowMs < request.expiresAtMs) return same(request);
  return move(
    request,
    {
      state: "lapsed",
      expiredAtMs: request.expiresAtMs,
      ...(unread && { unread: true }),
      ...(request.state === "ready" &&
        (waitsForRequester(request)
          ? { unused: true }
          : request.heldUp !== undefined
            ? { heldUp: request.heldUp }
            : request.frozen === undefined || request.unchecked
              ? { unchecked: true }
              : { frozen: true })),
    },
    { steps: [{ what: "lapsed", atMs: nowMs }], audit: { what: "lapsed" } },
  );
}

/** What a retry that was lost opened: who approved is on record, and no retry moves the end. */
const retriedGrant = (on: Grant, found: Grant): Grant => ({
  ...found,
  startsAtMs: on.startsAtMs,
  endsAtMs: Math.min(on.endsAtMs, found.endsAtMs),
  approvedBy: on.approvedBy,
});

function recovered(request: AccessRequest, { found }: News<"recovered">, nowMs: number): Moved {
  if (!showsLostDecision(request, found, nowMs)) return same(request);
  const { policyHash } = request.promised;
  // Who had approved is still on record, and only what came of it was lost. Fewer than it takes approved nothing.
  const isApproved = request.approvals.length >= request.promised.approvals;
  const approvedBy = isApproved ? request.approvals.map(({ by }) => by) : [];
  const grant = { ...recoveredGrant(found, { policyHash, nowMs }), approvedBy };
  return move(
    request,
    {
      state: "open",
      grant: request.state === "failed" ? retriedGrant(request.grant, grant) : grant,
    },
    {
      steps: [{ what: "recovered", atMs: nowMs }],
      audit: { what: "recovered", detail: recoveredDetail(request.state, found) },
    },
  );
}
