// Opening what is ready: by its requester, or by itself. Its end is fixed now.

import { type Refusal, refuse } from "../../text/refusal.ts";
import type { Step } from "../document/step.ts";
import type { Moved } from "../moved.ts";
import { move, throughPolicy } from "../moves.ts";
import { type AccessRequest, type In, inForce } from "../request.ts";
import { newGrant, tooLate } from "./deciding-acts.ts";
import { type ActBy, isBy, type Ready, wrongState } from "./person-act.ts";
import { opensByHand } from "./ready.ts";
import { waitsAgain } from "./retry-act.ts";

export function open(request: AccessRequest, act: ActBy<"open">, nowMs: number): Moved | Refusal {
  if (!isBy(act, request.ask.requester)) {
    return refuse("not-yours")`Only the requester can open ${request.id}.`;
  }
  if (request.state !== "ready") return wrongState(request, "open", act);
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  if (!opensByHand(request)) {
    return refuse("wrong-state")`${request.id} opens by itself: there's nothing to press.`;
  }
  if (request.heldUp === undefined && request.fromMs !== undefined && nowMs < request.fromMs) {
    return refuse(
      "wrong-state",
    )`${request.id} was requested for ${{ atMs: request.fromMs }}: you can open it from then on.`;
  }
  const counted = request.approvals.filter((one) => act.stillApprovers.includes(one.by));
  if (counted.length >= act.needed) {
    return opened(request, act, { nowMs, step: { what: "started", by: act.by } });
  }
  const { waits, ...lacking } = act;
  return waits === undefined
    ? refuse("cannot-check")`${request.id} is missing an approval: request it again.`
    : waitsAgain(request, { ...lacking, waits }, { tried: "open", counted, nowMs });
}

/** Everything still holds, and enough of those who approved still may. */
export function opened(
  request: In<"ready">,
  ready: Ready,
  { nowMs, step }: { readonly nowMs: number; readonly step: Pick<Step, "what" | "by"> },
): Moved {
  const counted = request.approvals.filter((one) => ready.stillApprovers.includes(one.by));
  const approvedBy = counted.map((one) => one.by);
  const grant = newGrant(inForce(request), ready, { nowMs, approvedBy });
  return move(
    request,
    {
      state: "opening",
      grant,
      ...(request.promised.keepForMs !== undefined && { readyUntilMs: request.expiresAtMs }),
    },
    {
      steps: [{ ...step, atMs: nowMs }],
      audit: {
        what: "granted",
        by: approvedBy.at(-1),
        detail: {
          policy: ready.policyHash,
          have: counted.length,
          endsAtMs: grant.endsAtMs,
          waitedMs: nowMs - request.readyAtMs,
          ...(step.by !== undefined && { openedBy: step.by }),
        },
      },
      change: { approvals: counted, ask: throughPolicy(request.ask, ready.jitPolicyId) },
    },
  );
}
