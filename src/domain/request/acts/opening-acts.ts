// What Azure's answers and the readings do to a request that is being opened.

import type { FaultNote, Grant } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { common, move, quietly, same, waitAzure, withAzure, withSteps } from "../moves.ts";
import type { AccessRequest, In } from "../request.ts";
import type { News } from "./world-act.ts";

export function sending(request: AccessRequest, act: News<"sending">): Moved {
  if (request.state === "opening" && act.to === "open") {
    const { sent, answer } = request.grant.azure;
    const grant = withAzure(request.grant, {
      sent: sent + 1,
      answer: "unknown",
      reads: 0,
      // A replica may have died with the answer to the sending before this one.
      ...(answer === "unknown" && { doubted: true as const }),
    });
    return quietly({ ...request, grant });
  }
  if (request.state === "ending" && act.to === "close") {
    const { closeAnswer: _, ...before } = request;
    const { closesAtMs } = act;
    return quietly({ ...before, closeSent: request.closeSent + 1, closesAtMs });
  }
  return same(request);
}

export function accepted(request: AccessRequest): Moved {
  if (request.state !== "opening" && request.state !== "ending") return same(request);
  if (request.grant.azure.answer === "accepted") return same(request);
  const grant = withAzure(request.grant, { answer: "accepted", reads: 0, fault: undefined });
  const { azure: _, ...attempts } = request.attempts;
  return quietly(
    { ...request, grant, attempts },
    { what: "azure-accepted", detail: { sent: grant.azure.sent, endsAtMs: grant.endsAtMs } },
  );
}

/** After this many faults in a row people are told that it takes longer. */
const TELL_DELAY_AFTER = 3;

/** With less of the time left than this, opening is given up: what would be left isn't worth it. */
const GIVE_UP_LEFT_SHARE = 1 / 4;

export function unanswered(request: AccessRequest, act: News<"unanswered">, nowMs: number): Moved {
  if (request.state !== "opening" && request.state !== "ending") return same(request);
  const count = (request.attempts.azure?.count ?? 0) + 1;
  const fault = act.fault;
  const attempts = {
    ...request.attempts,
    azure: { count, nextAtMs: act.nextAtMs, fault: `${fault.code}: ${fault.message}` },
  };
  if (request.state === "ending") return quietly({ ...request, fault, attempts });
  const before = request.grant.azure.answer;
  const answer = before === "accepted" ? before : act.ambiguous ? "unknown" : "unsent";
  const grant = withAzure(request.grant, {
    answer,
    fault,
    ...(answer === "unknown" && { doubted: true as const }),
  });
  const left = (grant.endsAtMs - nowMs) / (grant.endsAtMs - grant.startsAtMs);
  // What Azure may have opened isn't called failed before its end.
  const leftAtLeast = {
    unsent: GIVE_UP_LEFT_SHARE,
    unknown: 0,
    accepted: Number.NEGATIVE_INFINITY,
  };
  const mayHaveOpened = answer === "unsent" && grant.azure.doubted === true;
  if (left < leftAtLeast[mayHaveOpened ? "unknown" : answer]) {
    return fail({ ...request, grant, attempts }, fault, nowMs);
  }
  const next = { ...request, grant, attempts };
  if (count !== TELL_DELAY_AFTER) return quietly(next);
  const noted = withSteps(common(next), [{ what: "delayed", fault, atMs: nowMs }]);
  return {
    request: { ...noted, state: "opening", grant },
    audit: [{ what: "azure-delayed", detail: { code: fault.code, message: fault.message } }],
  };
}

export function refused(request: AccessRequest, act: News<"refused">, nowMs: number): Moved {
  // After a 202 a request never fails before its end: it might open late.
  if (request.state !== "opening" || request.grant.azure.answer === "accepted") {
    return same(request);
  }
  if (request.grant.azure.doubted === true) return watch(request, act.fault, nowMs);
  const grant = withAzure(request.grant, { answer: "unsent", fault: act.fault });
  return fail({ ...request, grant }, act.fault, nowMs);
}

/** What was sent before, and got no answer, may still open: that is looked for until the end. */
function watch(request: In<"opening">, fault: FaultNote, nowMs: number): Moved {
  const grant = withAzure(request.grant, { answer: "unknown", fault, watched: true, reads: 0 });
  const { azure: _, ...attempts } = request.attempts;
  const noted = withSteps(common({ ...request, attempts }), [
    { what: "watched", fault, atMs: nowMs },
  ]);
  return {
    request: { ...noted, state: "opening", grant },
    audit: [{ what: "azure-refused", detail: { code: fault.code, message: fault.message } }],
  };
}

export function fail(request: In<"opening">, fault: FaultNote, nowMs: number): Moved {
  return move(
    request,
    { state: "failed", grant: request.grant, fault },
    {
      steps: [{ what: "failed", fault, atMs: nowMs }],
      audit: { what: "failed", detail: { code: fault.code, message: fault.message } },
    },
  );
}

/** After this many readings people are told that the bot waits for the port to open. */
const TELL_ACCEPTED_AFTER = 3;

export function seen(request: AccessRequest, act: News<"seen">, nowMs: number): Moved {
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
  const noted = withSteps(common(waited), [{ what: "accepted", atMs: nowMs }]);
  return { request: { ...noted, state: "opening", grant }, audit: [] };
}
