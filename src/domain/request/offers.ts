// What can be done about a request now, by one person or by anybody: asked of the very code that decides. Anyone who
// shows a button, opens a form for it or looks further before it is pressed asks here.

import type { Policy } from "../rules/policy.ts";
import { type UserId, userId } from "../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { words } from "../text/words.ts";
import type { ActBy, PersonAct, Roles, Who } from "./acts/person-act.ts";
import { mayRetry } from "./acts/retry-act.ts";
import { openQuestion } from "./acts/talk-acts.ts";
import type { Lead } from "./batch/roles.ts";
import type { Member } from "./document/batch.ts";
import { hasApprovals } from "./members.ts";
import { wasRecovered } from "./recovered.ts";
import { type AccessRequest, type In, isOver } from "./request.ts";
import { stateWord } from "./state-words.ts";
import { transition } from "./transition.ts";

/** In the order in which they are shown. `decide`: on the card, where all that is asked for stands. */
export const OFFERS = [
  "decide",
  "answer",
  "open",
  "extend",
  "end",
  "retry",
  "review-ok",
  "review-concern",
  "cancel",
  "requeue",
] as const;
export type Offer = (typeof OFFERS)[number];

/** The same for a card, which everybody sees alike; an approval can always be one for less than was asked. */
const CARD_OFFERS = [
  "requeue",
  "approve",
  "deny",
  "ask",
  "claim",
  "change",
  "take-back",
  "open",
  "cancel",
  "end",
  "retry",
  "review-ok",
  "review-concern",
] as const;
type CardOffer = (typeof CARD_OFFERS)[number];

export type OfferedTo = { readonly user: UserId; readonly roles: Roles };

type Now = { readonly policy: Pick<Policy, "endEarly" | "rules">; readonly nowMs: number };

/**
 * Why an act would be refused as the request stands; `undefined`: it would be taken. What is refused without a
 * look at Azure, or at the rules in force, costs nothing and tells nothing.
 */
export function refusalOf(
  request: AccessRequest,
  act: PersonAct,
  nowMs: number,
): Refusal | undefined {
  const moved = transition(request, act, nowMs);
  return isRefusal(moved) ? moved : undefined;
}

type Actor = Who & { readonly roles: Roles };

/** An approval that suffices for nothing: if it's refused, the person can't approve in any case. */
export const bareApproval = (who: Actor, policyHash: string): ActBy<"approve"> => ({
  ...who,
  act: "approve",
  needed: Number.POSITIVE_INFINITY,
  stillApprovers: [],
  longestMs: 0,
  policyHash,
});

/** A retry that lacks nothing: if it's refused, the person can't retry in any case. */
export const bareRetry = (who: Actor, policyHash: string): ActBy<"retry"> => ({
  ...who,
  act: "retry",
  needed: 0,
  stillApprovers: [],
  policyHash,
});

/** An opening that lacks nothing: if it's refused, the person can't open it in any case. */
export const bareOpen = (who: Actor, policyHash: string): ActBy<"open"> => ({
  ...who,
  act: "open",
  needed: 0,
  stillApprovers: [],
  longestMs: 0,
  policyHash,
});

/** Everything is checked again when it is pressed. */
export function offersTo(
  request: AccessRequest,
  { user, roles }: OfferedTo,
  { policy, nowMs }: Now,
): readonly Offer[] {
  const who = { by: user, roles };
  const may = (act: PersonAct): boolean => refusalOf(request, act, nowMs) === undefined;
  const is: Readonly<Record<Offer, boolean>> = {
    decide: may({ ...who, act: "deny", reason: "" }),
    answer: may({ ...who, act: "answer", question: openQuestion(request)?.n ?? 0, text: "…" }),
    extend: isExtendable(request, user, { policy, nowMs }),
    end: policy.endEarly !== "off" && may({ ...who, act: "end" }),
    open: may(bareOpen(who, "")),
    retry: may(bareRetry(who, "")),
    "review-ok": may({ ...who, act: "review", verdict: "ok", text: "" }),
    "review-concern": may({ ...who, act: "review", verdict: "concern", text: "…" }),
    cancel: may({ ...who, act: "cancel" }),
    requeue: may({ ...who, act: "requeue" }),
  };
  return OFFERS.filter((offer) => is[offer]);
}

/** Somebody who may decide and run everything, and has asked for nothing. */
const SOMEBODY: Actor = { by: userId(""), roles: { isApprover: true, isAdmin: true } };

/** What at least somebody could do now; who presses is looked at then. */
export function offersToAnybody(
  request: AccessRequest,
  { endsEarly, nowMs }: { readonly endsEarly: boolean; readonly nowMs: number },
): readonly CardOffer[] {
  const { roles } = SOMEBODY;
  const may = (act: PersonAct): boolean => refusalOf(request, act, nowMs) === undefined;
  const approves = may(bareApproval(SOMEBODY, ""));
  const is: Readonly<Record<CardOffer, boolean>> = {
    requeue: may({ ...SOMEBODY, act: "requeue" }),
    approve: approves,
    deny: may({ ...SOMEBODY, act: "deny", reason: "" }),
    ask: may({ ...SOMEBODY, act: "ask", text: "…" }),
    claim: may({ ...SOMEBODY, act: "claim" }),
    change: approves,
    "take-back": request.approvals.some(({ by }) => may({ by, roles, act: "take-back" })),
    cancel: may({ by: request.ask.requester, roles, act: "cancel" }),
    end: endsEarly && may({ ...SOMEBODY, act: "end" }),
    open: may(bareOpen({ by: request.ask.requester, roles }, "")),
    retry: may(bareRetry(SOMEBODY, "")),
    "review-ok": may({ ...SOMEBODY, act: "review", verdict: "ok", text: "" }),
    "review-concern": may({ ...SOMEBODY, act: "review", verdict: "concern", text: "…" }),
  };
  return CARD_OFFERS.filter((offer) => is[offer]);
}

/** The same for the card of a batch: what at least one of its requests could have done to it. */
export function offersOfBatch(
  lead: Lead,
  now: { readonly endsEarly: boolean; readonly nowMs: number },
): readonly CardOffer[] {
  const own = new Set(offersToAnybody(lead, now));
  const { members } = lead.batch;
  const some = (is: (member: Member) => boolean): boolean => members.some(is);
  const isPending = some(({ state }) => state === "pending");
  const isReviewed = !some(({ toReview }) => toReview === true);
  const also: Readonly<Record<CardOffer, boolean>> = {
    requeue: some(({ isParked }) => isParked === true),
    approve: isPending,
    deny: isPending,
    // They are asked and answered once, on the lead.
    ask: false,
    claim: false,
    change: isPending,
    "take-back": some(hasApprovals),
    open: some(({ canOpen }) => canOpen === true),
    cancel: some(({ state }) => state === "pending" || state === "ready"),
    end: now.endsEarly && some(({ state }) => state === "opening" || state === "open"),
    retry: some(({ canRetry }) => canRetry === true),
    "review-ok": !isReviewed,
    "review-concern": !isReviewed,
  };
  return CARD_OFFERS.filter((offer) => own.has(offer) || also[offer]);
}

/** Whether its requester may ask for more time for what of it is open, as far as can be seen from here. */
export function isBatchExtendable(lead: Lead, policy: Pick<Policy, "rules">): boolean {
  const isOpen = lead.state === "open" || lead.batch.members.some(({ state }) => state === "open");
  const { ask, promised } = lead;
  const most = policy.rules.find((rule) => rule.name === promised.rule)?.extend?.max ?? 0;
  return isOpen && most > (ask.extends === undefined ? 0 : 1);
}

/** Whether it still goes on: not over, and of the failed only what can be retried. */
export function goesOn(request: AccessRequest, nowMs: number): boolean {
  return request.state === "failed" ? mayRetry(request, nowMs) : !isOver(request);
}

/** The access if this person can extend it now, as far as it tells by itself. */
export function extendableBy(
  request: AccessRequest,
  user: UserId,
  nowMs: number,
): In<"open"> | Refusal {
  const { id } = request;
  if (request.ask.requester !== user) {
    return refuse("not-yours")`Only the requester can extend ${id}.`;
  }
  if (request.state !== "open" || nowMs >= request.grant.endsAtMs) {
    return refuse(
      "wrong-state",
    )`${id} is ${{ strong: stateWord(request) }}: only open access can be extended.`;
  }
  if (wasRecovered(request)) {
    const why =
      request.grant.approvedBy.length === 0
        ? words`No approval of ${id} is recorded`
        : words`The record of how ${id} was opened was lost`;
    return refuse("wrong-state")`${why}, so it can't be extended: request access again.`;
  }
  return request;
}

/** As far as can be seen from here: how long a chain of extensions is, is counted when it is asked. */
export function isExtendable(
  request: AccessRequest,
  user: UserId,
  { policy, nowMs }: { readonly policy: Pick<Policy, "rules">; readonly nowMs: number },
): boolean {
  if (isRefusal(extendableBy(request, user, nowMs))) return false;
  const { ask, promised } = request;
  const most = policy.rules.find((rule) => rule.name === promised.rule)?.extend?.max ?? 0;
  return most > (ask.extends === undefined ? 0 : 1);
}
