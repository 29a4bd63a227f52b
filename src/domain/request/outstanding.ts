// What should be true and isn't yet, and when to look again. Driven by the state that is stored, not by
// the event that caused it: any replica that looks at a request can carry on.

import type { OnDuty } from "../on-call/rota.ts";
import { HOUR_MS } from "../text/duration.ts";
import { isLooking, SETTLES_WITHIN_MS } from "./acts/ending-acts.ts";
import { remindsAtMs, waitsForRequester } from "./acts/ready.ts";
import { mayRetry, retryOverAtMs } from "./acts/retry-act.ts";
import { CLAIM_MS } from "./acts/talk-acts.ts";
import { editDueAtMs, newsDueAtMs } from "./batch/pace.ts";
import { isFollower, isLead } from "./batch/roles.ts";
import type { EffectName } from "./document/attempts.ts";
import type { Member } from "./document/batch.ts";
import { type Card, mayBePosted } from "./document/sent-messages.ts";
import type { Step, StepKind } from "./document/step.ts";
import { asksPrivately, untoldSteps } from "./effects.ts";
import type { Grant } from "./grant.ts";
import { liveDueAtMs } from "./messages/live-message.ts";
import { isOutOfDate } from "./messages/passing-news.ts";
import { type AccessRequest, type In, isWaiting } from "./request.ts";

export type Due = { readonly effect: EffectName; readonly atMs: number };

/** A warning comes at the latest when a third of the grant is left, so that short grants have one, too. */
const WARN_LEAST_SHARE = 1 / 3;

export function warnsAtMs(grant: Grant, warnBeforeMs: number): number {
  const third = (grant.endsAtMs - grant.startsAtMs) * WARN_LEAST_SHARE;
  return Math.round(grant.endsAtMs - Math.min(warnBeforeMs, third));
}

/** Everything that this request needs done now or later. Empty: it may rest. */
export function agenda(request: AccessRequest): readonly Due[] {
  const dues = duesOf(request).map(({ effect, atMs }) => ({
    effect,
    atMs: Math.max(atMs, request.attempts[effect]?.nextAtMs ?? 0),
  }));
  return isExpiring(request) ? dues.filter(({ effect }) => !IN_TIME.has(effect)) : dues;
}

/** Its time is over, and Azure couldn't be read yet to say so. */
const isExpiring = (request: AccessRequest): boolean =>
  isWaiting(request) && (request.attempts.lapse?.nextAtMs ?? 0) >= request.expiresAtMs;

/** A write to a dead letter makes nothing due by accident: it has no work. */
function duesOf(request: AccessRequest): readonly Due[] {
  if (request.deadLetter?.isMute === true) return [];
  if (request.deadLetter !== undefined) return messageDues(request);
  return [...stateDues(request), ...reviewDues(request), ...messageDues(request)];
}

/** When to look at the request again; `undefined`: never, nothing is outstanding. */
export function dueAtMs(request: AccessRequest): number | undefined {
  const times = agenda(request).map((due) => due.atMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** What is due by `nowMs`. Nobody is called about a request whose time is over, and it isn't opened. */
export function outstanding(request: AccessRequest, nowMs: number): readonly EffectName[] {
  const due = agenda(request)
    .filter(({ atMs }) => atMs <= nowMs)
    .map(({ effect }) => effect);
  if (!isWaiting(request) || nowMs < request.expiresAtMs) return due;
  return due.filter((effect) => !IN_TIME.has(effect));
}

/** What is only done before a request expires. */
const IN_TIME: ReadonlySet<EffectName> = new Set(["remind", "escalate", "thaw", "remind-ready"]);

/** Azure takes a moment to shut a port: the first look at the end isn't the last. */
const FIRST_CHECK_MS = 3_000;

function stateDues(request: AccessRequest): readonly Due[] {
  switch (request.state) {
    case "pending":
      return [{ effect: "lapse", atMs: request.expiresAtMs }, ...waitingDues(request)];
    case "ready":
      return [{ effect: "lapse", atMs: request.expiresAtMs }, ...readyDues(request)];
    case "opening":
    case "ending":
      return [
        { effect: "azure", atMs: 0 },
        { effect: "expire", atMs: request.grant.endsAtMs },
      ];
    case "open": {
      const { grant, promised, ask } = request;
      const dues: Due[] = [{ effect: "expire", atMs: grant.endsAtMs }];
      // Of a batch, the lead warns for all.
      if (grant.warnedAtMs === undefined && request.batch === undefined) {
        dues.push({ effect: "warn", atMs: warnsAtMs(grant, promised.warnBeforeMs) });
      }
      if (ask.extends !== undefined && request.tookOver !== true) {
        dues.push({ effect: "succeed", atMs: 0 });
      }
      return dues;
    }
    case "ended":
      return isLooking(request)
        ? [{ effect: "check", atMs: request.endedAtMs + FIRST_CHECK_MS }]
        : [];
    case "failed":
      return request.retryOver === true || !mayRetry(request, request.grant.startsAtMs)
        ? []
        : [{ effect: "retry-over", atMs: retryOverAtMs(request.grant) }];
    case "denied":
    case "cancelled":
    case "lapsed":
      return [];
  }
}

function readyDues(request: In<"ready">): readonly Due[] {
  const { fromMs } = request;
  if (!waitsForRequester(request)) return [{ effect: "thaw", atMs: fromMs ?? 0 }];
  if (fromMs !== undefined) return [{ effect: "remind-ready", atMs: fromMs }];
  return request.remindedAtMs === undefined
    ? [{ effect: "remind-ready", atMs: remindsAtMs(request) }]
    : [];
}

/**
 * Calling the approvers again, and calling further ones; each once, and only before it expires. A reminder waits
 * while somebody looks, though no longer than one person may: further people are called all the same, for who
 * looks may have fallen asleep over it.
 */
function waitingDues(request: In<"pending">): readonly Due[] {
  const { claim, absent = [], onDuty } = request;
  const { remindAfterMs, escalate } = request.promised;
  const sinceMs = request.sinceMs ?? request.ask.askedAtMs;
  const dues: Due[] = [];
  if (remindAfterMs !== undefined && request.remindedAtMs === undefined) {
    const atMs = sinceMs + remindAfterMs;
    const freeAtMs = Math.min(claim?.untilMs ?? 0, atMs + CLAIM_MS);
    dues.push({ effect: "remind", atMs: Math.max(atMs, freeAtMs) });
  }
  if (escalate !== undefined && request.escalatedAtMs === undefined) {
    dues.push({ effect: "escalate", atMs: sinceMs + escalate.afterMs });
  }
  if (absent.length > 0) {
    dues.push({ effect: "absences", atMs: Math.min(...absent.map(({ untilMs }) => untilMs)) });
  }
  const shiftEndsAtMs = changesAtMs(onDuty ?? []);
  if (Number.isFinite(shiftEndsAtMs)) dues.push({ effect: "on-call", atMs: shiftEndsAtMs });
  if (claim !== undefined) dues.push({ effect: "unclaim", atMs: claim.untilMs });
  return dues;
}

/** A shift that ends takes somebody off the cards; the next person is found by looking. */
const changesAtMs = (onDuty: readonly OnDuty[]): number =>
  Math.min(...onDuty.flatMap(({ people }) => people.flatMap(({ untilMs }) => untilMs ?? [])));

/** An open review is called to mind this often, until somebody closes it. */
const REVIEW_REMINDER_MS = 24 * HOUR_MS;

function reviewDues({ review }: AccessRequest): readonly Due[] {
  if (review === undefined || review.closed !== undefined) return [];
  const sinceMs = review.remindedAtMs ?? review.askedAtMs;
  return [{ effect: "review", atMs: sinceMs + REVIEW_REMINDER_MS }];
}

/** Whether a card doesn't show the present revision yet, and still can. */
export const isStale = (card: Card, revision: number): boolean =>
  card.dead === undefined && card.shown < revision;

/**
 * Whether there is nothing left to say with a first card: it was over before one was posted, and nothing was
 * ever opened. One that may have been posted has to be found, and put right.
 */
export const isMoot = (card: Card, { state, batch }: AccessRequest): boolean =>
  !mayBePosted(card) &&
  card.dead === undefined &&
  NEVER_OPENED.has(state) &&
  (batch?.role !== "lead" || batch.members.every((member) => NEVER_OPENED.has(member.state)));

const NEVER_OPENED: ReadonlySet<Member["state"]> = new Set([
  "cancelled",
  "denied",
  "lapsed",
  "unmade",
]);

/** The card in the rule's channel, in whose thread the history stands. */
export const mainCard = (request: AccessRequest): Card | undefined => request.cards[0];

/** So long after the lead was made, every other request of the batch has been, or never is. */
const MADE_WITHIN_MS = 20_000;

/** What the lead of a batch does for all. */
function leadDues(request: AccessRequest): readonly Due[] {
  if (!isLead(request)) return [];
  const { members } = request.batch;
  const own =
    request.state === "open" && request.grant.warnedAtMs === undefined
      ? [warnsAtMs(request.grant, request.promised.warnBeforeMs)]
      : [];
  const warns = [...own, ...members.flatMap(({ warnsAtMs: atMs }) => atMs ?? [])];
  const isUnheard = members.some(({ heard, state }) => heard === 0 && state !== "unmade");
  return [
    ...(warns.length > 0 ? [{ effect: "warn" as const, atMs: Math.min(...warns) }] : []),
    ...(isUnheard
      ? [{ effect: "look-after" as const, atMs: request.ask.askedAtMs + MADE_WITHIN_MS }]
      : []),
  ];
}

function messageDues(request: AccessRequest): readonly Due[] {
  if (isFollower(request)) {
    const isHeard = request.batch.heard >= request.revision && request.steps.length === 0;
    return isHeard ? [] : [{ effect: "tell-lead", atMs: 0 }];
  }
  const dues: Due[] = [...leadDues(request)];
  const editAtMs = isLead(request) ? editDueAtMs(request) : 0;
  for (const card of request.cards) {
    if (isMoot(card, request)) continue;
    if (isStale(card, request.revision)) {
      dues.push({ effect: "card", atMs: card.ts === undefined ? 0 : editAtMs });
    } else if (card.againAtMs !== undefined) dues.push({ effect: "card", atMs: card.againAtMs });
  }
  // The thread waits until there is a card to hang on to.
  const main = mainCard(request);
  const hasThread =
    main === undefined || main.ts !== undefined || main.dead !== undefined || isMoot(main, request);
  const history = untoldSteps(request, "thread");
  if (hasThread && history.length > 0) {
    dues.push({ effect: "thread", atMs: toldTogetherAtMs(request, history) });
  }
  const news = untoldSteps(request, "requester");
  if (news.length > 0) dues.push({ effect: "requester", atMs: tellsAtMs(request, news) });
  const rightAtMs = putRightAtMs(request, news.length > 0);
  if (rightAtMs !== undefined) dues.push({ effect: "put-right", atMs: rightAtMs });
  return dues;
}

/** What people were told and isn't so any more is edited. Where the requester is told of something, that edits theirs. */
function putRightAtMs(request: AccessRequest, hasNews: boolean): number | undefined {
  const { endMessages = [] } = request;
  const editAtMs = isLead(request) ? editDueAtMs(request) : 0;
  if (endMessages.some((one) => isOutOfDate(request, one))) return editAtMs;
  const liveAtMs = hasNews ? undefined : liveDueAtMs(request);
  return liveAtMs === undefined ? undefined : Math.max(liveAtMs, editAtMs);
}

/** News of some of a batch waits for the others; everything else is told as it happens. */
function toldTogetherAtMs(request: AccessRequest, news: readonly Step[]): number {
  return isLead(request) ? newsDueAtMs(request, news[0]?.atMs ?? 0) : endToldAtMs(request, news);
}

/** Azure mostly opens within seconds: "granted" then goes into the same message as "open". */
const MERGED_WITHIN_MS = 5_000;
const SOON_OVERTAKEN: ReadonlySet<StepKind> = new Set([
  "asked",
  "approved",
  "narrowed",
  "opened-by-rule",
]);

/** What becomes of the ports at the end is mostly seen within seconds: it is told once, as it is. */
function endToldAtMs(request: AccessRequest, news: readonly Step[]): number {
  if (request.state !== "ended" || !isLooking(request)) return 0;
  const endStep = news.find((step) => step.what === "ended");
  return endStep === undefined ? 0 : endStep.atMs + SETTLES_WITHIN_MS;
}

/** Who could be asked privately is said once it is known, and not much later than it was needed. */
const ASKED_WITHIN_MS = 10_000;

function tellsAtMs(request: AccessRequest, news: readonly Step[]): number {
  const { state } = request;
  const unposted = news.find((step) => step.what === "card-unposted");
  if (unposted !== undefined && asksPrivately(request)) return unposted.atMs + ASKED_WITHIN_MS;
  if (isLead(request)) return newsDueAtMs(request, news[0]?.atMs ?? 0);
  if (state === "ended") return endToldAtMs(request, news);
  const waits = state === "opening" && news.every((step) => SOON_OVERTAKEN.has(step.what));
  return waits ? (news.at(-1)?.atMs ?? 0) + MERGED_WITHIN_MS : 0;
}
