// What news from the world does to a request: Azure's answers, what was read back, time passing.

import { type AtEnd, shownBy } from "./at-end.ts";
import { park, requeued } from "./dead-letter-acts.ts";
import { checked, ended, notClosed, over } from "./ending-acts.ts";
import { move, same } from "./moves.ts";
import { accepted, refused, seen, sending, unanswered } from "./opening-acts.ts";
import { quietly, waitAzure } from "./quiet-moves.ts";
import { type ClaimedOpening, recoveredGrant, showsLostDecision } from "./recovered.ts";
import type { AccessRequest, FaultNote, WayIn } from "./request.ts";
import { retryOverAtMs } from "./retry-act.ts";
import { bySurroundings, type SurroundingsAct } from "./surroundings-acts.ts";
import type { Moved } from "./transition.ts";

export type WorldAct =
  | SurroundingsAct
  /** Nobody decided in time. `unread`: what Azure has open could not be looked at. */
  | { readonly act: "lapse"; readonly unread?: true }
  /** Azure has it open, and by the record it never was: the decision was lost. */
  | { readonly act: "recovered"; readonly found: ClaimedOpening }
  /** Azure is about to be asked: stored before the call, so that a crash leaves "it may have been". */
  | { readonly act: "sending"; readonly to: "open" }
  | { readonly act: "sending"; readonly to: "close"; readonly closesAtMs: number }
  | { readonly act: "accepted" }
  /** No usable answer. `ambiguous`: Azure may have acted all the same. */
  | {
      readonly act: "unanswered";
      readonly fault: FaultNote;
      readonly ambiguous: boolean;
      readonly nextAtMs: number;
    }
  | { readonly act: "refused"; readonly fault: FaultNote }
  /** The policy was read while opening. */
  | {
      readonly act: "seen";
      readonly openPorts: readonly number[];
      readonly wayIn: WayIn;
      /** No sign of our opening at all: after an unknown answer it may be asked again. */
      readonly absent: boolean;
      readonly nextAtMs: number;
    }
  /** Read while ending: the door is shut, or only others hold it. */
  | ({ readonly act: "closed" } & AtEnd)
  /** Read while ending: not shut yet. */
  | { readonly act: "closing"; readonly nextAtMs: number }
  | { readonly act: "not-closed"; readonly fault: FaultNote }
  /** Somebody else shut the door before its time. */
  | { readonly act: "gone" }
  /** The grant's time is over; the policy was read if it could be. */
  | ({ readonly act: "over" } & AtEnd)
  | ({ readonly act: "checked"; readonly nextAtMs: number } & AtEnd)
  /** Work on it failed too often in a row. */
  | { readonly act: "park"; readonly why: string }
  /** It was brought back from a terminal. */
  | { readonly act: "requeued"; readonly operator: string }
  /** Of what failed, too little time is left for a retry. */
  | { readonly act: "retry-over" }
  | { readonly act: "warned" };

/** The acts of one name. */
export type News<Name extends WorldAct["act"]> = Extract<WorldAct, { act: Name }>;

export function byWorld(request: AccessRequest, act: WorldAct, nowMs: number): Moved {
  switch (act.act) {
    case "lapse":
      return request.state === "pending" && nowMs >= request.lapsesAtMs
        ? move(
            request,
            { state: "lapsed", lapsedAtMs: nowMs, ...(act.unread && { unread: true }) },
            { steps: [{ what: "lapsed", atMs: nowMs }], audit: { what: "lapsed" } },
          )
        : same(request);
    case "recovered":
      return recovered(request, act, nowMs);
    case "remind":
    case "escalate":
    case "left":
    case "extended":
    case "succeeded":
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
      return request.state === "ending" ? waitAzure(request, act.nextAtMs) : same(request);
    case "not-closed":
      return notClosed(request, act, nowMs);
    case "gone":
      return request.state === "open"
        ? ended(request, { how: "elsewhere", closing: "closed" }, nowMs)
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

function recovered(request: AccessRequest, { found }: News<"recovered">, nowMs: number): Moved {
  if (!showsLostDecision(request, found)) return same(request);
  const { policyHash } = request.promised;
  return move(
    request,
    { state: "open", grant: recoveredGrant(found, { policyHash, nowMs }) },
    {
      steps: [{ what: "recovered", atMs: nowMs }],
      audit: { what: "recovered", detail: recoveredDetail(request.state, found) },
    },
  );
}

/** `was`: what the record said, where there was one. */
export const recoveredDetail = (was: AccessRequest["state"] | "lost", found: ClaimedOpening) => ({
  was,
  ports: found.ports.join(","),
  source: found.source,
  endsAtMs: found.endsAtMs,
  requestor: found.requestor,
  justification: found.justification,
});
