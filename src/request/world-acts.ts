// What news from the world does to a request: Azure's answers, what was read back, time passing.

import { common, move, same, withAzure, withSteps } from "./moves.ts";
import type { AccessRequest, Closing, FaultNote, Grant, In, WayIn } from "./request.ts";
import { bySurroundings, type SurroundingsAct } from "./surroundings-acts.ts";
import type { AuditNote, Moved } from "./transition.ts";

export type WorldAct =
  | SurroundingsAct
  /** Nobody decided in time. */
  | { readonly act: "lapse" }
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
  | { readonly act: "closed" }
  /** Read while ending: not shut yet. */
  | { readonly act: "closing"; readonly nextAtMs: number }
  | { readonly act: "not-closed"; readonly fault: FaultNote }
  /** Somebody else shut the door before its time. */
  | { readonly act: "gone" }
  /** The grant's time is over; the policy was read if it could be. */
  | { readonly act: "over"; readonly closing: Closing }
  | { readonly act: "checked"; readonly closing: Closing; readonly nextAtMs: number }
  | { readonly act: "warned" };

type News<Name extends WorldAct["act"]> = Extract<WorldAct, { act: Name }>;

export function byWorld(request: AccessRequest, act: WorldAct, nowMs: number): Moved {
  switch (act.act) {
    case "lapse":
      return request.state === "pending" && nowMs >= request.lapsesAtMs
        ? move(
            request,
            { state: "lapsed", lapsedAtMs: nowMs },
            { steps: [{ what: "lapsed", atMs: nowMs }], audit: { what: "lapsed" } },
          )
        : same(request);
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
      return refused(request, act, nowMs);
    case "seen":
      return seen(request, act, nowMs);
    case "closed":
      return request.state === "ending"
        ? ended(request, { how: "early", closing: "closed" }, nowMs)
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
    case "warned":
      return request.state === "open"
        ? quietly(
            { ...request, grant: { ...request.grant, warnedAtMs: nowMs } },
            { what: "warned" },
          )
        : same(request);
  }
}

/** A change that nobody sees on the card and nobody is told of. */
const quietly = (request: AccessRequest, ...audit: readonly AuditNote[]): Moved => ({
  request,
  audit,
});

function waitAzure(request: AccessRequest, nextAtMs: number): Moved {
  const count = request.tries.azure?.count ?? 0;
  return quietly({
    ...request,
    tries: { ...request.tries, azure: { count, nextAtMs, fault: "" } },
  });
}

function sending(request: AccessRequest, act: News<"sending">): Moved {
  if (request.state === "opening" && act.to === "open") {
    const sent = request.grant.azure.sent + 1;
    const grant = withAzure(request.grant, { sent, answer: "unknown", reads: 0 });
    return quietly({ ...request, grant });
  }
  if (request.state === "ending" && act.to === "close") {
    const { closesAtMs } = act;
    return quietly({ ...request, closeSent: request.closeSent + 1, closesAtMs });
  }
  return same(request);
}

function accepted(request: AccessRequest): Moved {
  if (request.state !== "opening" && request.state !== "ending") return same(request);
  if (request.grant.azure.answer === "accepted") return same(request);
  const grant = withAzure(request.grant, { answer: "accepted", reads: 0, fault: undefined });
  const { azure: _, ...tries } = request.tries;
  return quietly(
    { ...request, grant, tries },
    { what: "azure-accepted", detail: { sent: grant.azure.sent, endsAtMs: grant.endsAtMs } },
  );
}

/** After so many faults in a row people are told that it takes longer. */
const TELL_DELAY_AFTER = 3;

/** With less of the time left than this, opening is given up: what would be left is not worth it. */
const GIVE_UP_LEFT_SHARE = 1 / 4;

function unanswered(request: AccessRequest, act: News<"unanswered">, nowMs: number): Moved {
  if (request.state !== "opening" && request.state !== "ending") return same(request);
  const count = (request.tries.azure?.count ?? 0) + 1;
  const fault = act.fault;
  const tries = {
    ...request.tries,
    azure: { count, nextAtMs: act.nextAtMs, fault: `${fault.code}: ${fault.message}` },
  };
  if (request.state === "ending") return quietly({ ...request, fault, tries });
  const before = request.grant.azure.answer;
  const answer = before === "accepted" ? before : act.ambiguous ? "unknown" : "unsent";
  const grant = withAzure(request.grant, { answer, fault });
  const left = (grant.endsAtMs - nowMs) / (grant.endsAtMs - grant.startsAtMs);
  // What Azure may have opened is not called failed before its end.
  const leftAtLeast = {
    unsent: GIVE_UP_LEFT_SHARE,
    unknown: 0,
    accepted: Number.NEGATIVE_INFINITY,
  };
  if (left < leftAtLeast[answer]) {
    return fail({ ...request, grant, tries }, fault, nowMs);
  }
  const next = { ...request, grant, tries };
  if (count !== TELL_DELAY_AFTER) return quietly(next);
  const told = withSteps(common(next), [{ what: "delayed", fault, atMs: nowMs }]);
  return {
    request: { ...told, state: "opening", grant },
    audit: [{ what: "azure-delayed", detail: { code: fault.code, message: fault.message } }],
  };
}

function refused(request: AccessRequest, act: News<"refused">, nowMs: number): Moved {
  if (request.state === "ending") return notClosed(request, act, nowMs);
  // After a 202 a request never fails before its end: it might open late.
  if (request.state !== "opening" || request.grant.azure.answer === "accepted") {
    return same(request);
  }
  const grant = withAzure(request.grant, { answer: "unsent", fault: act.fault });
  return fail({ ...request, grant }, act.fault, nowMs);
}

function fail(request: In<"opening">, fault: FaultNote, nowMs: number): Moved {
  return move(
    request,
    { state: "failed", grant: request.grant, fault },
    {
      steps: [{ what: "failed", fault, atMs: nowMs }],
      audit: { what: "failed", detail: { code: fault.code, message: fault.message } },
    },
  );
}

/** After so many readings people are told "accepted, not yet seen open". */
const TELL_ACCEPTED_AFTER = 3;

function seen(request: AccessRequest, act: News<"seen">, nowMs: number): Moved {
  if (request.state !== "opening") return same(request);
  if (request.ask.ports.every((port) => act.openPorts.includes(port))) {
    const grant: Grant = {
      ...withAzure(request.grant, { answer: "accepted", seenPorts: act.openPorts }),
      openedAtMs: nowMs,
      wayIn: act.wayIn,
    };
    return move(
      request,
      { state: "open", grant },
      {
        steps: [{ what: "open", atMs: nowMs }],
        audit: { what: "opened", detail: { endsAtMs: grant.endsAtMs } },
      },
    );
  }
  const { answer, reads } = request.grant.azure;
  // An entry of ours proves that Azure accepted, whatever became of its answer.
  const known = answer === "unknown" && !act.absent ? "accepted" : answer;
  const grant = withAzure(request.grant, {
    answer: known,
    reads: reads + 1,
    seenPorts: act.openPorts,
  });
  const waited = waitAzure({ ...request, grant }, act.nextAtMs).request;
  const moreOpen = act.openPorts.length > request.grant.azure.seenPorts.length;
  const tell = known === "accepted" && (reads + 1 === TELL_ACCEPTED_AFTER || moreOpen);
  if (!tell) return quietly(waited);
  const told = withSteps(common(waited), [{ what: "accepted", atMs: nowMs }]);
  return { request: { ...told, state: "opening", grant }, audit: [] };
}

function notClosed(
  request: AccessRequest,
  act: { readonly fault: FaultNote },
  nowMs: number,
): Moved {
  if (request.state !== "ending") return same(request);
  const { grant } = request;
  return move(
    request,
    grant.openedAtMs === undefined ? { state: "opening", grant } : { state: "open", grant },
    {
      steps: [{ what: "not-ended", fault: act.fault, atMs: nowMs }],
      audit: { what: "not-ended", detail: { code: act.fault.code, message: act.fault.message } },
    },
  );
}

function ended(
  request: In<"open" | "ending">,
  outcome: { readonly how: In<"ended">["how"]; readonly closing: Closing },
  nowMs: number,
): Moved {
  const { grant } = request;
  const endedBy = request.state === "ending" ? request.endedBy : undefined;
  const missed =
    outcome.how === "expired" && grant.openedAtMs !== undefined && grant.warnedAtMs === undefined;
  return move(
    request,
    {
      state: "ended",
      grant,
      endedAtMs: nowMs,
      ...outcome,
      ...(endedBy !== undefined && { endedBy }),
    },
    {
      steps: [
        ...(missed ? [{ what: "warning-missed" as const, atMs: nowMs }] : []),
        { what: "ended", atMs: nowMs, ...(endedBy !== undefined && { by: endedBy }) },
      ],
      audit: { what: "ended", by: endedBy, detail: { how: outcome.how, closing: outcome.closing } },
    },
  );
}

const NEVER_SEEN: FaultNote = {
  code: "NeverSeenOpen",
  message: "Azure accepted the request, but the port was never seen open before its end.",
};
const NEVER_ANSWERED: FaultNote = {
  code: "NoAnswer",
  message: "Azure did not answer before the end.",
};

function over(request: AccessRequest, act: News<"over">, nowMs: number): Moved {
  if (!("grant" in request) || nowMs < request.grant.endsAtMs) return same(request);
  if (request.state === "opening") {
    const { answer, fault } = request.grant.azure;
    return fail(request, answer === "accepted" ? NEVER_SEEN : (fault ?? NEVER_ANSWERED), nowMs);
  }
  if (request.state !== "open" && request.state !== "ending") return same(request);
  return ended(request, { how: "expired", closing: act.closing }, nowMs);
}

/** Azure may take a moment to shut a port; after this long it is an alarm. */
const ALARM_AFTER_MS = 2 * 60_000;

function checked(request: AccessRequest, act: News<"checked">, nowMs: number): Moved {
  if (request.state !== "ended" || request.closing === "closed") return same(request);
  const count = (request.tries.check?.count ?? 0) + 1;
  const tries = { ...request.tries, check: { count, nextAtMs: act.nextAtMs, fault: "" } };
  // What was seen open is open until it is seen shut: not to find it is no news.
  const unseen = act.closing === "unknown" && request.closing === "still-open";
  const next: In<"ended"> = { ...request, tries, closing: unseen ? "still-open" : act.closing };
  const open = next.closing === "still-open";
  const alarm = open && request.alarmed !== true && nowMs - request.endedAtMs >= ALARM_AFTER_MS;
  const relief = act.closing === "closed" && request.alarmed === true;
  if (!alarm && !relief) return quietly(next);
  const what = alarm ? "still-open" : "closed-late";
  const told = withSteps(common(next), [{ what, atMs: nowMs }]);
  const { grant, how, endedAtMs, endedBy, closing } = next;
  return {
    request: {
      ...told,
      ...{ state: "ended", grant, how, endedAtMs, closing, alarmed: alarm || relief },
      ...(endedBy !== undefined && { endedBy }),
    },
    audit: [{ what }],
  };
}
