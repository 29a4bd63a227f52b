// How a request comes to be, in every way: asked for by a person, or made again of what Azure has open. Pure.

import type { OnDuty } from "../../on-call/rota.ts";
import type { Checked } from "../../rules/check-ask.ts";
import type { Absent } from "../../rules/delegation.ts";
import type { Fact } from "../../rules/fact.ts";
import { type Freeze, heldForMs } from "../../rules/freeze.ts";
import type { Policy, Rule } from "../../rules/policy.ts";
import { DAY_MS, MINUTE_MS } from "../../text/duration.ts";
import type { ChannelId, RequestId, UserId } from "../../text/ids.ts";
import { NO_SOURCE, type Vm } from "../../vm/vm.ts";
import { newGrant, undecidedUntilMs } from "../acts/deciding-acts.ts";
import { waitingFor } from "../acts/ready.ts";
import { cardsFor } from "../deciders/absence-acts.ts";
import type { Batch } from "../document/batch.ts";
import type { Card } from "../document/sent-messages.ts";
import type { StepKind } from "../document/step.ts";
import type { Grant } from "../grant.ts";
import type { AuditNote, Moved } from "../moved.ts";
import {
  askedIn,
  type ClaimedOpening,
  openingDetail,
  recoveredDetail,
  recoveredGrant,
} from "../recovered.ts";
import type { AccessRequest, Common, Promised } from "../request.ts";
import { adoptedGrant } from "./adopted.ts";

const NEWBORN = { revision: 1, approvals: [], attempts: {} } as const satisfies Partial<Common>;

/** Everybody is told of these. */
const toTell = (news: readonly StepKind[], nowMs: number): Pick<Common, "steps" | "toldUpTo"> => ({
  steps: news.map((what, index) => ({ n: index + 1, what, atMs: nowMs })),
  toldUpTo: { thread: 0, requester: 0, last: news.length },
});

/** What isn't in the ask itself: drawn, or asked of Slack. */
export type Birth = {
  readonly id: RequestId;
  /** Random. */
  readonly nonce: string;
  readonly nowMs: number;
  readonly policyHash: string;
  /** Where it was asked, if that was in a conversation. */
  readonly askedIn: ChannelId | undefined;
  /** Some who could decide, or of a break-glass all who could review; `undefined`: nobody can tell. */
  readonly deciders: readonly UserId[] | undefined;
  /** Which of those who could decide are away. */
  readonly absent?: readonly Absent[];
  /** Who is on call by the rotas of its approvers. */
  readonly onDuty?: readonly OnDuty[];
  /** What an approver should know beside it; left out: nobody could tell. */
  readonly facts?: readonly Fact[] | undefined;
  /** Nothing is opened now: what nobody has to decide waits. */
  readonly frozen?: Freeze | undefined;
  /** What it has to do with others that are made with it. */
  readonly batch?: Batch | undefined;
  /** Whom the card names. */
  readonly named: Pick<Promised, "approvers" | "escalate">;
};

/**
 * A checked ask as a request: pending, or opening where nobody has to decide. Then its end is fixed now, and a
 * break-glass waits for its review.
 */
export function born(checked: Checked, birth: Birth): Moved {
  const { ask, rule, longestMs, fromMs, approvals } = checked;
  const {
    id,
    nonce,
    nowMs,
    policyHash,
    askedIn: channel,
    deciders,
    named,
    facts,
    absent = [],
    frozen,
    onDuty = [],
    batch,
  } = birth;
  const breakGlass = ask.breakGlass === true;
  const decided = breakGlass || approvals === 0;
  const keepForMs = breakGlass || ask.extends !== undefined ? undefined : rule.keepForMs;
  const brake = frozen && { freeze: frozen, expireAfterMs: heldForMs(rule) };
  const waits = decided ? waitingFor({ ask, promised: { keepForMs } }, brake, nowMs) : undefined;
  const nobody = !decided && deciders?.length === 0;
  const news: readonly StepKind[] = [
    "asked",
    ...(breakGlass ? (["broke-glass"] as const) : []),
    ...(decided && !breakGlass ? (["opened-by-rule"] as const) : []),
    ...(nobody ? (["no-approvers"] as const) : []),
    ...(waits === undefined ? [] : [waits.step]),
  ];
  const shared: Common = {
    ...NEWBORN,
    id,
    ask: { ...ask, askedAtMs: nowMs },
    ...(channel !== undefined && { askedIn: channel }),
    promised: {
      rule: rule.name,
      policyHash,
      approvals,
      ...named,
      warnBeforeMs: rule.warnBeforeMs,
      ...(rule.remindAfterMs !== undefined && { remindAfterMs: rule.remindAfterMs }),
      ...(nobody && { nobody: true }),
      ...(keepForMs !== undefined && { keepForMs }),
    },
    ...(!decided && facts !== undefined && { facts }),
    ...(breakGlass && { review: { askedAtMs: nowMs } }),
    ...(batch && { batch }),
    nonce,
    // Of a batch, the lead has the cards of all.
    cards: batch?.role === "member" ? [] : firstCards(checked, birth, decided),
    ...toTell(news, nowMs),
  };
  const audit = [askedNote(checked, shared.facts)];
  if (!decided) {
    const expiresAtMs = expiry(checked, nowMs);
    const around = {
      ...(absent.length > 0 && { absent }),
      ...(onDuty.length > 0 && { onDuty }),
    };
    return { request: { ...shared, state: "pending", expiresAtMs, ...around }, audit };
  }
  if (waits !== undefined) {
    audit.push({ what: `waits-${waits.step}`, detail: waits.detail });
    return { request: { ...shared, ...waits.phase }, audit };
  }
  const grant = newGrant(ask, { longestMs, policyHash, fromMs }, { nowMs, approvedBy: [] });
  return { request: { ...shared, state: "opening", grant }, audit };
}

/** Where it is shown, and who gets it privately as well. */
function firstCards(
  { ask, rule }: Checked,
  { deciders = [], absent = [] }: Birth,
  decided: boolean,
): readonly Card[] {
  // Everybody has to know of a break-glass, and to review it.
  const woken = ask.breakGlass === true ? deciders : [];
  const cards = [...(rule.channel === undefined ? [] : [rule.channel]), ...woken].map(
    (to): Card => ({ to, shown: 0 }),
  );
  return decided ? cards : [...cards, ...cardsFor(absent, cards)];
}

const expiry = ({ ask, rule }: Checked, nowMs: number): number =>
  undecidedUntilMs(ask, rule.expireAfterMs, nowMs);

function askedNote({ ask }: Checked, facts: readonly Fact[] = []): AuditNote {
  const { vm, ports, source, sourceName, durationMs, reason, extends: first, onCall } = ask;
  return {
    what: ask.breakGlass === true ? "broke-glass" : "asked",
    by: ask.requester,
    detail: {
      vm: vm.id,
      ports: ports.join(","),
      source,
      ...(sourceName !== undefined && { network: sourceName }),
      durationMs,
      reason,
      ...(first !== undefined && { extends: first }),
      ...(onCall !== undefined && { onCall: onCall.rota }),
      ...(onCall?.untilMs !== undefined && { onCallUntilMs: onCall.untilMs }),
      ...(ask.autoApproved === true && { approvedBy: "rule" }),
      ...(ask.opensAtMs !== undefined && { opensAtMs: ask.opensAtMs }),
      ...(facts.length > 0 && { facts: facts.map(({ kind }) => kind) }),
    },
  };
}

/** Cards were posted before Azure was asked, by so much at most that it is worth looking. */
const CARD_BEFORE_MS = DAY_MS;

/** What a request is made of that Azure has open and the record doesn't. */
export type RecoveryContext = {
  readonly policy: Policy;
  readonly rule: Rule | undefined;
  readonly vm: Vm | undefined;
  readonly nonce: string;
  readonly nowMs: number;
};

/**
 * The request under its old id, open: so it is shown, warned of, and ended like any other. `undefined`
 * where the opening doesn't say whose it was, or where from.
 */
export function recoveredRequest(
  found: ClaimedOpening,
  context: RecoveryContext,
): Moved | undefined {
  const asked = askedIn(found.justification);
  if (asked === undefined || found.source === NO_SOURCE) return undefined;
  const { policy, rule, nowMs } = context;
  const grant = recoveredGrant(found, { policyHash: policy.hash, nowMs });
  const postingSinceMs = Math.max(0, grant.startsAtMs - CARD_BEFORE_MS);
  // Its first card may stand there: it is looked for before another one is posted.
  const cards = rule?.channel === undefined ? [] : [{ to: rule.channel, shown: 0, postingSinceMs }];
  const about = { requester: asked.by, reason: asked.reason, grant };
  const request: AccessRequest = {
    ...openedWithout(found, about, context),
    cards: cards satisfies readonly Card[],
    ...toTell(["recovered"], nowMs),
    state: "open",
    grant,
  };
  return { request, audit: [{ what: "recovered", detail: recoveredDetail("lost", found) }] };
}

/**
 * An opening of somebody else's as a request of the bot's, open: the one who takes it over answers for it, and it is
 * shown and ended like any other. With `review`, it waits for one.
 */
export function adoptedRequest(
  found: ClaimedOpening,
  who: { readonly by: UserId; readonly requester: UserId; readonly review: boolean },
  context: RecoveryContext,
): Moved {
  const { policy, rule, nowMs } = context;
  const { by, requester } = who;
  const grant = adoptedGrant(found, { by, policyHash: policy.hash, nowMs });
  const request: AccessRequest = {
    ...openedWithout(found, { requester, reason: found.justification, grant }, context),
    cards: rule?.channel === undefined ? [] : [{ to: rule.channel, shown: 0 }],
    ...(who.review && { review: { askedAtMs: nowMs } }),
    steps: [{ n: 1, what: "adopted", by, atMs: nowMs }],
    toldUpTo: { thread: 0, requester: 0, last: 1 },
    state: "open",
    grant,
  };
  return { request, audit: [{ what: "adopted", by, detail: openingDetail(found) }] };
}

/** All of a request that follows from what Azure has open; nobody asked the bot for it. */
function openedWithout(
  found: ClaimedOpening,
  {
    requester,
    reason,
    grant,
  }: { readonly requester: UserId; readonly reason: string; readonly grant: Grant },
  { policy, rule, vm, nonce }: RecoveryContext,
) {
  return {
    ...NEWBORN,
    id: found.id,
    ask: {
      requester,
      vm: {
        key: found.vm,
        id: vm?.id ?? found.vm,
        name: vm?.name ?? found.vm.split("/").at(-1) ?? found.vm,
        os: vm?.os,
      },
      jitPolicyId: found.jitPolicyId,
      ports: found.ports,
      durationMs: grant.endsAtMs - grant.startsAtMs,
      source: found.source,
      reason,
      askedAtMs: grant.startsAtMs,
    },
    promised: {
      rule: rule?.name ?? "unknown",
      policyHash: policy.hash,
      approvals: rule?.approvals ?? 1,
      approvers: rule?.approvers ?? policy.admins,
      warnBeforeMs: rule?.warnBeforeMs ?? 10 * MINUTE_MS,
    },
    nonce,
  };
}
