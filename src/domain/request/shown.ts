// What screens show of a request. Whatever changes there raises the revision, so that no card stays wrong:
// everything that is known of a request is shown, but for what only paces the bot's own work.

import { isLooking } from "./acts/ending-acts.ts";
import type { AzureProgress, Grant } from "./grant.ts";
import type { AccessRequest, Common } from "./request.ts";

/** Whether every screen shows the same of both. A field that isn't named here counts as shown. */
export const isShownAlike = (one: AccessRequest, other: AccessRequest): boolean =>
  one === other ||
  (one.state !== "ended" && isSameButForPace(one, other)) ||
  JSON.stringify(shownOf(one)) === JSON.stringify(shownOf(other));

/** Mostly nothing else was touched. Only of what has ended does anything shown depend on the pace. */
function isSameButForPace(one: object, other: object): boolean {
  const before = new Map(Object.entries(one).filter(isShown));
  const after = Object.entries(other).filter(isShown);
  return after.length === before.size && after.every(([name, value]) => before.get(name) === value);
}

function shownOf(request: AccessRequest): object {
  const shown = withoutPace(request);
  switch (request.state) {
    case "ended":
      // That nothing is looked for any more depends on how often it was.
      return { ...shown, grant: shownGrant(request.grant), isLooking: isLooking(request) };
    case "ending": {
      const { closeSent: _sent, closesAtMs, ...rest } = { ...request, ...shown };
      // The earlier end is shown once there is an answer to it.
      const isAnswered = request.closeAnswer !== undefined || request.fault !== undefined;
      return { ...rest, ...(isAnswered && { closesAtMs }), grant: shownGrant(request.grant) };
    }
    case "opening": {
      const { grant, deadLetter } = request;
      // A dead letter says whether Azure was asked at all.
      const isSent = deadLetter !== undefined && grant.azure.sent > 0;
      return { ...shown, grant: shownGrant(grant), isSent };
    }
    case "open":
    case "failed":
      return { ...shown, grant: shownGrant(request.grant) };
    default:
      return shown;
  }
}

const PACE = [
  "revision",
  "cards",
  "steps",
  "toldUpTo",
  "attempts",
  "nonce",
  "tookOver",
  "live",
  "endMessages",
  // What it shows of its members raises the revision by itself.
  "batch",
] as const satisfies readonly (keyof Common)[];

const PACE_NAMES: ReadonlySet<string> = new Set(PACE);

const isShown = ([name]: [string, unknown]): boolean => !PACE_NAMES.has(name);

const withoutPace = (request: AccessRequest): object =>
  Object.fromEntries(Object.entries(request).filter(isShown));

function shownGrant({ azure, warnedAtMs: _, ...grant }: Grant): object {
  return { ...grant, azure: shownProgress(azure) };
}

/** Until there's an answer, people don't care how far the call has come. */
function shownProgress({ answer, sent, seenPorts, fault, watched }: AzureProgress): object {
  if (answer === "accepted") return { accepted: true, seenPorts };
  return { askedAgain: answer === "unknown" && sent > 1 ? sent : 0, fault, watched };
}
