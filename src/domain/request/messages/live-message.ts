// The requester's live direct message: what becomes of it, and what is worth a notification beside it.

import type { ChannelId, UserId } from "../../text/ids.ts";
import { batchShown } from "../batch/pace.ts";
import type { LiveMessage } from "../document/sent-messages.ts";
import type { Step, StepKind } from "../document/step.ts";
import type { AccessRequest, In } from "../request.ts";

type Place = { readonly channel: ChannelId; readonly ts: string };

/** Where it stands; `undefined`: it isn't known to be anywhere. */
export const livePlace = ({ live }: AccessRequest): Place | undefined =>
  live?.channel === undefined || live.ts === undefined
    ? undefined
    : { channel: live.channel, ts: live.ts };

/** It is about to be posted: stored first, so that a crash leaves "it may be there". */
export const livePosting = (request: AccessRequest, nowMs: number): AccessRequest => ({
  ...request,
  live: { shown: 0, postingSinceMs: nowMs },
});

/** It stands there and shows `revision`. */
export const liveShown = (
  request: AccessRequest,
  { channel, ts }: Place,
  revision: number,
): AccessRequest => {
  const { postingSinceMs: _, ...live }: LiveMessage = request.live ?? { shown: 0 };
  const now = { ...request, live: { ...live, channel, ts, shown: Math.max(live.shown, revision) } };
  // Where there is no card, it alone shows how the batch stands.
  return request.cards.length === 0 ? batchShown(now, revision) : now;
};

/** It surely isn't there, or can't be edited any more: the next news posts another. */
export function liveGone(request: AccessRequest): AccessRequest {
  const { live: _, ...rest } = request;
  return rest;
}

/** An edit got no answer: Slack may still carry it out, over a newer one. */
export const liveDoubted = (request: AccessRequest, againAtMs: number): AccessRequest =>
  request.live === undefined ? request : { ...request, live: { ...request.live, againAtMs } };

/** It was edited once more, after whatever came late. */
export function liveSettled(request: AccessRequest): AccessRequest {
  if (request.live === undefined) return request;
  const { againAtMs: _, ...live } = request.live;
  return { ...request, live };
}

/** The warning stands beside it; so may those of other VMs of its batch. */
export function warningPosted(request: AccessRequest, { channel, ts }: Place): AccessRequest {
  if (request.live === undefined || request.live.channel !== channel) return request;
  return withWarnings(request, [...warningsOf(request).filter((one) => one !== ts), ts]);
}

/** The warning offers nothing any more. */
export const warningFolded = (request: AccessRequest, ts: string): AccessRequest =>
  withWarnings(
    request,
    warningsOf(request).filter((one) => one !== ts),
  );

/** The warnings that stand beside it, oldest first. */
export function warningsOf({ live }: AccessRequest): readonly string[] {
  const { warningTs, earlierWarnings = [] } = live ?? {};
  return warningTs === undefined ? earlierWarnings : [...earlierWarnings, warningTs];
}

function withWarnings(request: AccessRequest, all: readonly string[]): AccessRequest {
  if (request.live === undefined) return request;
  const { warningTs: _, earlierWarnings: _earlier, ...live } = request.live;
  const newest = all.at(-1);
  const earlier = all.slice(0, -1);
  return {
    ...request,
    live: {
      ...live,
      ...(newest !== undefined && { warningTs: newest }),
      ...(earlier.length > 0 && { earlierWarnings: earlier }),
    },
  };
}

/** When the live message, or the warning beside it, has to be edited; `undefined`: they are right. */
export function liveDueAtMs(request: AccessRequest): number | undefined {
  const { live, revision } = request;
  if (live?.ts === undefined) return undefined;
  if (live.shown < revision) return 0;
  if (warningsOf(request).length > 0 && !isAnyOpen(request)) return 0;
  return live.againAtMs;
}

/** The request itself, or one that it leads: what the warning was about may still be open. */
export const isAnyOpen = ({ state, batch }: AccessRequest): boolean =>
  state === "open" ||
  (batch?.role === "lead" && batch.members.some((member) => member.state === "open"));

/**
 * Whether a step is worth a notification to the requester: the live message shows everything, and Slack tells nobody
 * of an edit. What they did themselves, and what they wait for anyway, is not; and nothing that isn't so any more.
 */
export const callsRequester = (request: AccessRequest, step: Step): boolean =>
  // What happened to another of its batch was worth one when it happened.
  step.of !== undefined || CALLS[step.what](request, step);

type Calls = (request: AccessRequest, step: Step) => boolean;

const always: Calls = () => true;
const never: Calls = () => false;
const byOthers: Calls = ({ ask }, { by }) => by !== ask.requester;

const CALLS: Readonly<Record<StepKind, Calls>> = {
  asked: never,
  "broke-glass": always,
  "opened-by-rule": never,
  reminded: never,
  escalated: never,
  narrowed: never,
  left: always,
  reviewed: ({ review }) => review?.closed?.verdict === "concern",
  "review-reminded": never,
  "no-approvers": ({ state }) => state === "pending",
  recovered: always,
  adopted: always,
  "card-unposted": ({ state }) => state === "pending",
  unasked: ({ state }) => state === "pending",
  // Somebody says something to them.
  approved: ({ approvals }, { by, atMs }) =>
    approvals.some((one) => one.by === by && one.atMs === atMs && one.note !== undefined),
  "approval-void": never,
  questioned: ({ state, questions = [] }, { by, atMs }) =>
    state === "pending" &&
    questions.some((one) => one.by === by && one.atMs === atMs && one.answer === undefined),
  answered: never,
  "taken-back": never,
  denied: always,
  // What the bot cancels, it has said why before.
  cancelled: (request, step) => step.by !== undefined && byOthers(request, step),
  lapsed: always,
  opening: never,
  delayed: ({ state }) => state === "opening",
  watched: ({ state }) => state === "opening",
  accepted: never,
  ready: ({ state }) => state === "ready",
  "ready-reminded": ({ state }) => state === "ready",
  started: never,
  frozen: ({ state }) => state === "ready",
  thawed: never,
  "held-up": ({ state }) => state === "ready",
  "not-opened": always,
  open: ({ state }) => state === "open",
  retried: never,
  "waits-again": never,
  failed: ({ state }) => state === "failed",
  ending: never,
  "not-ended": always,
  // Why they are called about the end.
  "warning-missed": ({ state }) => state === "ended",
  ended: (request) => request.state === "ended" && isSurprising(request),
  "still-open": ({ state, ...rest }) =>
    state === "ended" && "closing" in rest && rest.closing === "still-open",
  "closed-late": always,
  parked: always,
  requeued: never,
};

/** On time after a warning is no surprise, nor is what one did oneself; of a leaver's access the step before tells. */
function isSurprising({ how, endedBy, grant, ask }: In<"ended">): boolean {
  switch (how) {
    case "expired":
      return grant.warnedAtMs === undefined;
    case "early":
      return isSomebodyElse(endedBy, ask.requester);
    case "elsewhere":
      return true;
    case "extended":
      return false;
  }
}

const isSomebodyElse = (user: UserId | undefined, you: UserId): boolean =>
  user !== undefined && user !== you;
