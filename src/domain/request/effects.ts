// What becomes of messages: cards posted and edited, steps told, faults of Slack. None of it changes a state.

import { type ChannelId, isUserId, type UserId } from "../text/ids.ts";
import { isLooking } from "./acts/ending-acts.ts";
import { batchShown } from "./batch/pace.ts";
import { CALLS_APPROVERS } from "./batch/waiting.ts";
import type { EffectName } from "./document/attempts.ts";
import type { Audience, Card, EndMessage } from "./document/sent-messages.ts";
import type { Step, StepKind } from "./document/step.ts";
import { isStillSo, tellsOfWhatPasses } from "./messages/passing-news.ts";
import type { AccessRequest } from "./request.ts";

/** A card is about to be posted: stored first, so that a crash leaves "it may be there". */
export function cardPosting(request: AccessRequest, to: Card["to"], nowMs: number): AccessRequest {
  return withCard(request, { to }, (card) => ({ ...card, postingSinceMs: nowMs }));
}

/** How many copies of a card are kept up to date; more would take more than one crash or lost answer each. */
const COPIES_MAX = 5;

/**
 * A card is in the channel and shows `revision`. Where another message is known already, this one is a
 * second copy: it is kept up to date, too, and its buttons lead to the same request.
 */
export function cardShown(
  request: AccessRequest,
  to: Card["to"],
  shown: { readonly channel: ChannelId; readonly ts: string; readonly revision: number },
): AccessRequest {
  const { channel, ts, revision } = shown;
  const own = request.cards.filter((card) => card.to === to);
  const known =
    own.find((card) => card.ts === ts) ?? own.find(({ ts: stored }) => stored === undefined);
  if (known === undefined) {
    if (own.length === 0 || own.length > COPIES_MAX) return request;
    return { ...request, cards: [...request.cards, { to, channel, ts, shown: revision }] };
  }
  const now = withCard(request, known, ({ postingSinceMs: _, ...card }) => ({
    ...card,
    channel,
    ts,
    shown: Math.max(card.shown, revision),
  }));
  return batchShown(now, revision);
}

/** An edit of a card got no answer: Slack may still carry it out, over a newer one. */
export function cardDoubted(
  request: AccessRequest,
  card: Pick<Card, "to" | "ts">,
  againAtMs: number,
): AccessRequest {
  return withCard(request, card, (now) => ({ ...now, againAtMs }));
}

/** The card was edited once more, after whatever came late. */
export function cardSettled(request: AccessRequest, card: Pick<Card, "to" | "ts">): AccessRequest {
  return withCard(request, card, ({ againAtMs: _, ...now }) => now);
}

/** A card was surely not posted: there is nothing to look for in the channel. */
export function cardNotPosted(request: AccessRequest, to: Card["to"]): AccessRequest {
  return withCard(request, { to }, ({ postingSinceMs: _, ...card }) => card);
}

/** A card can't be posted or edited there, ever: who else gets one, and why. */
export function cardDead(
  request: AccessRequest,
  card: Pick<Card, "to" | "ts">,
  why: {
    readonly dead: string;
    readonly instead: readonly UserId[];
    /** How many more could decide and aren't asked. */
    readonly left?: number;
    readonly nowMs: number;
    /** The requester need not hear of it: the card had been there, or was a private one. */
    readonly isQuiet: boolean;
  },
): AccessRequest {
  const marked = withCard(request, card, (known) => ({ ...known, dead: why.dead }));
  // Recorded already, or posted meanwhile after all.
  if (marked === request) return marked;
  if (why.isQuiet) return unasked(marked, why);
  const fault = { code: why.dead, message: "The card couldn't be posted." };
  const n = marked.toldUpTo.last + 1;
  const left = why.left !== undefined && why.left > 0 && { left: why.left };
  const step: Step = { n, what: "card-unposted", atMs: why.nowMs, fault, ...left };
  const noted = {
    ...askedPrivately(marked, why.instead),
    steps: [...marked.steps, step],
    toldUpTo: { ...marked.toldUpTo, last: n },
  };
  return unasked(noted, why);
}

/** A card of their own for each of them who has none. */
export function askedPrivately(request: AccessRequest, users: readonly UserId[]): AccessRequest {
  const known = new Set<string>(request.cards.map((card) => card.to));
  const further = users.filter((user) => !known.has(user)).map((to): Card => ({ to, shown: 0 }));
  return further.length === 0 ? request : { ...request, cards: [...request.cards, ...further] };
}

/** Says so where nobody was reached: the request waits for people who know nothing of it. */
function unasked(
  request: AccessRequest,
  { dead, nowMs }: { readonly dead: string; readonly nowMs: number },
): AccessRequest {
  const isReached = request.cards.some(({ ts, dead }) => ts !== undefined || dead === undefined);
  const isSaid = request.steps.some((step) => step.what === "unasked");
  if (isReached || isSaid || request.state !== "pending") return request;
  const n = request.toldUpTo.last + 1;
  const message =
    "No approver could be reached. Invite the bot to the rule's channel, and name approvers it can message directly; then request it again.";
  return {
    ...request,
    steps: [...request.steps, { n, what: "unasked", atMs: nowMs, fault: { code: dead, message } }],
    toldUpTo: { ...request.toldUpTo, last: n },
  };
}

/** Whether it is still being tried to ask somebody privately. */
export const asksPrivately = ({ cards }: AccessRequest): boolean =>
  cards.some(({ to, ts, dead }) => isUserId(to) && ts === undefined && dead === undefined);

/** Changes the one card that was sent `to` there and stands at `ts`, unless it is dead. */
function withCard(
  request: AccessRequest,
  { to, ts }: Pick<Card, "to" | "ts">,
  change: (card: Card) => Card,
): AccessRequest {
  const found = request.cards.find(
    (card) => card.to === to && card.ts === ts && card.dead === undefined,
  );
  if (found === undefined) return request;
  return { ...request, cards: request.cards.map((card) => (card === found ? change(card) : card)) };
}

/**
 * What the thread below the card is for: calling people, whom an edited card doesn't call, and what a card doesn't
 * keep. Everything else stands on the card, and a line that repeats it would only notify everybody who follows it.
 */
const IN_THREAD: ReadonlySet<StepKind> = new Set([
  "reminded",
  "escalated",
  "waits-again",
  "answered",
  "review-reminded",
  "approval-void",
  "taken-back",
  "held-up",
  "not-opened",
  "recovered",
  "adopted",
  "watched",
  "failed",
  "not-ended",
  "still-open",
  "closed-late",
  "parked",
  "requeued",
]);
/** The requester knows what they answered. */
const NOT_TO_REQUESTER: ReadonlySet<StepKind> = new Set(["answered"]);

const hears = (audience: Audience, { what, of }: Step): boolean =>
  audience === "requester"
    ? !NOT_TO_REQUESTER.has(what) && !(of !== undefined && CALLS_APPROVERS.has(what))
    : IN_THREAD.has(what);

/** The steps that an audience hasn't been told yet, oldest first. */
export function untoldSteps(request: AccessRequest, audience: Audience): readonly Step[] {
  return request.steps.filter(
    (step) => step.n > request.toldUpTo[audience] && hears(audience, step),
  );
}

/**
 * `audience` has been told everything up to step `n`, by `message` if it was one. Steps are dropped when everybody
 * whom they interest has been told.
 */
export function markTold(
  request: AccessRequest,
  audience: Audience,
  n: number,
  message?: Omit<EndMessage, "audience">,
): AccessRequest {
  const marks = { ...request.toldUpTo, [audience]: Math.max(request.toldUpTo[audience], n) };
  const { [audience]: _, ...attempts } = request.attempts;
  const now = {
    ...request,
    toldUpTo: marks,
    steps: request.steps.filter((step) =>
      AUDIENCES.some((one) => step.n > marks[one] && hears(one, step)),
    ),
    attempts,
  };
  if (message === undefined || !mayHaveToChange(audience, message)) return now;
  return withEndMessages(now, [...(now.endMessages ?? []), { ...message, audience }]);
}

const AUDIENCES: readonly Audience[] = ["thread", "requester"];

/** The thread's lines are of their time; the requester would act on theirs. */
const mayHaveToChange = (audience: Audience, { steps }: Pick<EndMessage, "steps">): boolean =>
  steps.some(tellsOfTheEnd) || (audience === "requester" && tellsOfWhatPasses(steps));

const tellsOfTheEnd = ({ what }: Step): boolean => what === "ended" || what === "still-open";

/** A message that told of the end shows `revision` now, or can never be edited: then it is given up. */
export function putRight(
  request: AccessRequest,
  { channel, ts }: Pick<EndMessage, "channel" | "ts">,
  revision: number,
): AccessRequest {
  const changed = request.endMessages?.map((one) =>
    one.channel === channel && one.ts === ts ? { ...one, shown: revision } : one,
  );
  return withEndMessages(request, changed ?? []);
}

/** Those that say how it is, and will, are put right already. */
function withEndMessages(request: AccessRequest, all: readonly EndMessage[]): AccessRequest {
  const { endMessages: _, ...rest } = request;
  const mayChange =
    request.state === "ended" && (isLooking(request) || request.deadLetter !== undefined);
  const kept = all.filter(
    (one) => mayChange || one.shown < request.revision || isStillSo(request, one.steps),
  );
  return kept.length === 0 ? rest : { ...rest, endMessages: kept };
}

/** An effect failed: it is tried again at `nextAtMs`, at its own pace. */
export function tried(
  request: AccessRequest,
  effect: EffectName,
  { nextAtMs, fault }: { readonly nextAtMs: number; readonly fault: string },
): AccessRequest {
  const count = (request.attempts[effect]?.count ?? 0) + 1;
  return { ...request, attempts: { ...request.attempts, [effect]: { count, nextAtMs, fault } } };
}

/** An effect has to wait for something that is no fault: its turn in a channel, another replica. */
export function waiting(
  request: AccessRequest,
  effect: EffectName,
  nextAtMs: number,
): AccessRequest {
  const count = request.attempts[effect]?.count ?? 0;
  return {
    ...request,
    attempts: { ...request.attempts, [effect]: { count, nextAtMs, fault: "" } },
  };
}

/** An effect succeeded: its next failure starts counting again. */
export function cleared(request: AccessRequest, effect: EffectName): AccessRequest {
  if (request.attempts[effect] === undefined) return request;
  const { [effect]: _, ...attempts } = request.attempts;
  return { ...request, attempts };
}
