// News that isn't about the door: time without a decision, people leaving, extensions, open reviews.

import { memberHeard, memberUnmade } from "../batch/heard.ts";
import { absences, standInsAsked } from "../deciders/absence-acts.ts";
import { onCallChanged } from "../deciders/on-call-acts.ts";
import { ruleChanged } from "../deciders/rule-acts.ts";
import type { Moved } from "../moved.ts";
import { move, same, tell } from "../moves.ts";
import { type AccessRequest, type In, isWaiting } from "../request.ts";
import { waitsForRequester } from "./ready.ts";
import { unclaim } from "./talk-acts.ts";
import type { SurroundingsAct } from "./world-act.ts";

export function bySurroundings(request: AccessRequest, act: SurroundingsAct, nowMs: number): Moved {
  switch (act.act) {
    case "remind":
      return request.state === "pending" && request.remindedAtMs === undefined
        ? tell({ ...request, remindedAtMs: nowMs }, [{ what: "reminded", atMs: nowMs }], {
            what: "reminded",
          })
        : same(request);
    case "escalate":
      return request.state === "pending" && request.escalatedAtMs === undefined
        ? tell(
            { ...request, escalatedAtMs: nowMs, wasEscalated: true },
            [{ what: "escalated", atMs: nowMs }],
            {
              what: "escalated",
            },
          )
        : same(request);
    case "remind-ready":
      if (request.state === "ready" && request.fromMs !== undefined) return now(request, nowMs);
      return request.state === "ready" &&
        waitsForRequester(request) &&
        request.remindedAtMs === undefined
        ? tell({ ...request, remindedAtMs: nowMs }, [{ what: "ready-reminded", atMs: nowMs }], {
            what: "ready-reminded",
          })
        : same(request);
    case "absences":
      return absences(request, act.absent, nowMs);
    case "on-call":
      return onCallChanged(request, act.onDuty);
    case "rule-now":
      return ruleChanged(request, act.inForce);
    case "unclaim":
      return unclaim(request, nowMs);
    case "left":
      return left(request, nowMs);
    case "member":
      return standInsAsked(memberHeard(request, act, nowMs), act.member.waits?.absent);
    case "unmade":
      return memberUnmade(request, act, nowMs);
    case "extended":
      return extended(request, act, nowMs);
    case "took-over":
      return request.tookOver === true
        ? same(request)
        : { request: { ...request, tookOver: true }, audit: [] };
    case "review-reminded":
      return reviewReminded(request, nowMs);
  }
}

/** Its time has come, and its requester may open it. */
function now({ fromMs = 0, ...request }: In<"ready">, nowMs: number): Moved {
  return waitsForRequester(request) && nowMs >= fromMs
    ? tell(request, [{ what: "ready", atMs: nowMs }])
    : same({ ...request, fromMs });
}

function left(request: AccessRequest, nowMs: number): Moved {
  const gone = { what: "left" as const, atMs: nowMs };
  if (isWaiting(request)) {
    return move(
      request,
      { state: "cancelled", cancelledBy: undefined, cancelledAtMs: nowMs },
      { steps: [gone, { what: "cancelled", atMs: nowMs }], audit: { what: "left" } },
    );
  }
  if (request.state !== "opening" && request.state !== "open") return same(request);
  return move(
    request,
    { state: "ending", grant: request.grant, endedBy: undefined, closeSent: 0 },
    { steps: [gone, { what: "ending", atMs: nowMs }], audit: { what: "left" } },
  );
}

function extended(
  request: AccessRequest,
  { into, untilMs }: Extract<SurroundingsAct, { act: "extended" }>,
  nowMs: number,
): Moved {
  if (request.state !== "open") return same(request);
  return move(
    request,
    {
      state: "ended",
      grant: request.grant,
      how: "extended",
      extension: { id: into, endsAtMs: untilMs },
      endedAtMs: nowMs,
      closing: "unknown",
    },
    {
      steps: [{ what: "ended", atMs: nowMs }],
      audit: { what: "extended", detail: { into } },
    },
  );
}

function reviewReminded(request: AccessRequest, nowMs: number): Moved {
  if (request.review === undefined || request.review.closed !== undefined) return same(request);
  const review = { ...request.review, remindedAtMs: nowMs };
  return tell({ ...request, review }, [{ what: "review-reminded", atMs: nowMs }]);
}
