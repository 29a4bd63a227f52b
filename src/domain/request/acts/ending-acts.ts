// What becomes of a request at its end, on time or early, and afterwards.

import { type AtEnd, isSettled, seenSince, shownBy } from "../at-end.ts";
import type { FaultNote } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { move, quietly, same, tell, waitAzure, withAzure } from "../moves.ts";
import type { AccessRequest, In } from "../request.ts";
import { fail } from "./opening-acts.ts";
import type { News } from "./world-act.ts";

/** Azure was asked or read without a fault: what went wrong before is over. */
export function closing(request: AccessRequest, act: News<"closing">, nowMs: number): Moved {
  if (request.state !== "ending") return same(request);
  const { fault: _, ...before } = request;
  const isOverdue =
    request.closeAnswer === "accepted" && nowMs >= (request.closesAtMs ?? 0) + SETTLES_WITHIN_MS;
  const closeAnswer = act.isAccepted ? "accepted" : isOverdue ? "overdue" : request.closeAnswer;
  return waitAzure({ ...before, ...(closeAnswer && { closeAnswer }) }, act.nextAtMs);
}

export function notClosed(
  request: AccessRequest,
  act: { readonly fault: FaultNote },
  nowMs: number,
): Moved {
  if (request.state !== "ending") return same(request);
  const grant = withAzure(request.grant, { fault: act.fault });
  return move(
    request,
    grant.openedAtMs === undefined ? { state: "opening", grant } : { state: "open", grant },
    {
      steps: [{ what: "not-ended", fault: act.fault, atMs: nowMs }],
      audit: { what: "not-ended", detail: { code: act.fault.code, message: act.fault.message } },
    },
  );
}

export function ended(
  request: In<"open" | "ending">,
  outcome: AtEnd & Pick<In<"ended">, "how" | "newer">,
  nowMs: number,
): Moved {
  const { grant } = request;
  const { newer, ...shown } = outcome;
  const endedBy = request.state === "ending" ? request.endedBy : undefined;
  // However late the bot looks at it: on time is at its end.
  const endedAtMs = outcome.how === "expired" ? grant.endsAtMs : nowMs;
  const isLate = nowMs - endedAtMs >= NOTICED_LATE_MS;
  const missed =
    outcome.how === "expired" && grant.openedAtMs !== undefined && grant.warnedAtMs === undefined;
  return move(
    request,
    {
      state: "ended",
      grant,
      endedAtMs,
      ...(isLate && { noticedAtMs: nowMs }),
      ...shown,
      ...(newer !== undefined && { newer }),
      ...(endedBy !== undefined && { endedBy }),
    },
    {
      steps: [
        ...(missed ? [{ what: "warning-missed" as const, atMs: nowMs }] : []),
        { what: "ended", atMs: nowMs, ...(endedBy !== undefined && { by: endedBy }) },
      ],
      audit: {
        what: "ended",
        by: endedBy,
        detail: {
          how: outcome.how,
          closing: outcome.closing,
          endedAtMs,
          ...(newer !== undefined && { newer }),
        },
      },
    },
  );
}

/** From here on the end and when it was noticed are told apart: the bot was away. */
const NOTICED_LATE_MS = 60_000;

const NEVER_SEEN: FaultNote = {
  code: "NeverSeenOpen",
  message: "Azure accepted the request, but the port was never seen open before its end.",
};
const NEVER_ANSWERED: FaultNote = {
  code: "NoAnswer",
  message: "Azure didn't answer before the end.",
};

export function over(request: AccessRequest, act: News<"over">, nowMs: number): Moved {
  if (!("grant" in request) || nowMs < request.grant.endsAtMs) return same(request);
  if (request.state === "opening") {
    const { answer, fault } = request.grant.azure;
    return fail(request, answer === "accepted" ? NEVER_SEEN : (fault ?? NEVER_ANSWERED), nowMs);
  }
  if (request.state !== "open" && request.state !== "ending") return same(request);
  return ended(request, { ...shownBy(act), how: "expired" }, nowMs);
}

/** Azure may take a moment to shut a port; after this long it is an alarm. */
const ALARM_AFTER_MS = 2 * 60_000;

export function checked(request: AccessRequest, act: News<"checked">, nowMs: number): Moved {
  if (request.state !== "ended" || isSettled(request.closing)) return same(request);
  const count = (request.attempts.check?.count ?? 0) + 1;
  const attempts = { ...request.attempts, check: { count, nextAtMs: act.nextAtMs, fault: "" } };
  const { ports: _, ...before } = request;
  const next: In<"ended"> = { ...before, attempts, ...seenSince(request, act) };
  const open = next.closing === "still-open";
  const alarm = open && request.alarmed !== true && nowMs - request.endedAtMs >= ALARM_AFTER_MS;
  // Everybody who was told that it was still open is told that it isn't.
  const relief = isSettled(next.closing) && request.closing === "still-open" && wasEndTold(request);
  if (!alarm && !relief) return quietly(next);
  const what = alarm ? "still-open" : "closed-late";
  return tell({ ...next, alarmed: true }, [{ what, atMs: nowMs }], { what });
}

/** How long after the end to wait for what Azure shows, to say it with the end. */
export const SETTLES_WITHIN_MS = 10_000;

/** Whether people have read of the end, with whatever Azure showed by then. */
const wasEndTold = ({ toldUpTo, steps, alarmed }: In<"ended">): boolean => {
  const end = steps.find(({ what, of }) => what === "ended" && of === undefined);
  return (
    alarmed === true || end === undefined || toldUpTo.requester >= end.n || toldUpTo.thread >= end.n
  );
};

/** How often the end of a grant is looked for where Azure shows nothing of it: absence proves nothing. */
const CHECKS_MAX = 5;

/** Whether it is still being looked for whether Azure has closed the ports. */
export function isLooking({ closing, how, attempts, deadLetter }: In<"ended">): boolean {
  if (isSettled(closing) || how === "extended" || deadLetter !== undefined) return false;
  return closing === "still-open" || (attempts.check?.count ?? 0) < CHECKS_MAX;
}
