// A click on the card that a batch shares: done to each request that it concerns, each checked by itself.

import { labelOf } from "../../../domain/request/batch/label.ts";
import { isLead, type Lead } from "../../../domain/request/batch/roles.ts";
import type { Member } from "../../../domain/request/document/batch.ts";
import { hasApprovals, membersOf } from "../../../domain/request/members.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { transition } from "../../../domain/request/transition.ts";
import type { RequestId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../../domain/text/refusal.ts";
import { type Sender, type ShownRequest, UNCHANGED } from "../../../ports/inbound.ts";
import type { Deps } from "../../deps.ts";
import { refuseKnownOutsiders } from "../../people/look-afresh.ts";
import {
  attempt,
  authoriseWithinLimits,
  type Decision,
  outcomeOf,
  refuseForeignButton,
} from "./decide.ts";
import { type Choice, isOvertaken, refuseOvertaken } from "./overtaken.ts";

type Needs = Parameters<typeof attempt>[0] & Pick<Deps, "deliveries">;

/** By it a button that concerns a whole batch is told from one of a single request. */
export const BATCH_NONCE = "all-";

export type TogetherDecision = Decision & {
  /** The only ones that are approved, where some are left out; the others are denied. */
  readonly only?: readonly string[] | undefined;
  /** Those that a form offered, all of which it decides: what came to wait since then is left as it is. */
  readonly shown?: readonly ShownRequest[] | undefined;
};

export type DecidedTogether = {
  readonly lead: AccessRequest;
  readonly done: readonly AccessRequest[];
  /** Not named as a `Refusal` names its code: a refusal of one is none of them all. */
  readonly refusals: readonly { readonly vm: string; readonly refusal: Refusal }[];
};

/** The lead whose card the button stands on; `undefined`: it is a button of one request. */
export async function leadOf(
  { requests }: Pick<Deps, "requests">,
  { id, nonce }: { readonly id: RequestId; readonly nonce: string },
): Promise<Lead | undefined> {
  if (!nonce.startsWith(BATCH_NONCE)) return undefined;
  const stored = await requests.read(id);
  const request = stored?.request;
  return request !== undefined && isLead(request) && request.batch.nonce === nonce
    ? request
    : undefined;
}

const AT_ONCE = 5;

/** A refusal, where it was refused for all of them. */
export async function decideTogether(
  deps: Needs,
  sender: Sender,
  { lead, decision }: { readonly lead: Lead; readonly decision: TogetherDecision },
): Promise<DecidedTogether | Refusal | "repeated"> {
  const outsider = await refuseKnownOutsiders(deps, sender);
  if (outsider !== undefined) return outsider;
  const foreign = refuseForeignButton(lead, sender, asLeads(lead, decision));
  if (foreign !== undefined) return foreign;
  const targets = targetsOf(lead, decision.act, decision.shown);
  const limited = oneForAll(deps, sender);
  const decide = async (member: Member) => {
    const one = eachAs(lead, member, decision);
    const from = { ...sender, delivery: `${sender.delivery}:${member.id}` };
    return { member, outcome: outcomeOf(member.id, await attempt(limited, from, one)) };
  };
  const { chosen, leftOut } = choiceOf(targets, decision);
  const decided = await inTurns(chosen, decide);
  // What is left out is denied because the others are approved: not where none of them was.
  if (decided.some(({ outcome }) => !isRefusal(outcome))) {
    decided.push(...(await inTurns(leftOut.filter(isToDeny), decide)));
  } else if (isForm(decision) && decided.every(({ outcome }) => isOvertaken(outcome))) {
    return refuseOvertaken(deps, lead, { chosen, leftOut });
  }
  if (decided.every(({ outcome }) => outcome === "repeated")) return "repeated";
  const done = decided.flatMap(({ outcome }) =>
    outcome === "repeated" || isRefusal(outcome) ? [] : [outcome],
  );
  const refusals = decided.flatMap(({ member, outcome }) =>
    outcome !== "repeated" && isRefusal(outcome)
      ? [{ vm: labelOf(lead, member), refusal: outcome }]
      : [],
  );
  const [first] = refusals;
  if (done.length === 0 && first !== undefined) return first.refusal;
  // The same click again finds all of them decided: its refusal is known as a repeated delivery.
  if (done.length > 0 && !(await deps.deliveries.take(sender.delivery))) return "repeated";
  return { lead, done, refusals };
}

const isForm = ({ only, shown }: TogetherDecision): boolean =>
  only !== undefined || shown !== undefined;

function choiceOf(targets: readonly Member[], { only }: TogetherDecision): Choice {
  const isLeftOut = ({ id }: Member) => only?.includes(id) === false;
  return {
    chosen: targets.filter((one) => !isLeftOut(one)),
    leftOut: targets.filter(isLeftOut),
  };
}

/** What was left out and never opened is as the form wants it. */
const isToDeny = ({ state }: Member): boolean =>
  state !== "denied" && state !== "cancelled" && state !== "lapsed";

/** Some at a time; each reads Azure. */
export async function inTurns<Decided>(
  members: readonly Member[],
  decide: (member: Member) => Promise<Decided>,
): Promise<Decided[]> {
  const decided: Decided[] = [];
  for (let at = 0; at < members.length; at += AT_ONCE) {
    decided.push(...(await Promise.all(members.slice(at, at + AT_ONCE).map(decide))));
  }
  return decided;
}

/** Whether at least one of them could be decided: asked before a form is opened. */
export async function mayDecideTogether(
  deps: Needs,
  sender: Sender,
  { lead, decision }: { readonly lead: Lead; readonly decision: Decision },
): Promise<Refusal | undefined> {
  const outsider = await refuseKnownOutsiders(deps, sender);
  if (outsider !== undefined) return outsider;
  const foreign = refuseForeignButton(lead, sender, asLeads(lead, decision));
  if (foreign !== undefined) return foreign;
  let refusal: Refusal | undefined;
  const limited = oneForAll(deps, sender);
  for (const { id } of targetsOf(lead, decision.act)) {
    const stored = await deps.requests.read(id);
    if (stored === undefined) continue;
    const act = await authoriseWithinLimits(limited, sender, {
      stored,
      intent: { ...decision, id },
    });
    const moved = isRefusal(act) ? act : transition(stored.request, act, stored.nowMs);
    if (!isRefusal(moved)) return undefined;
    refusal ??= moved;
  }
  return refusal;
}

/** The card's button as the lead's own would be. */
const asLeads = ({ nonce }: Lead, { button, ...decision }: Decision): Decision => ({
  ...decision,
  ...(button && { button: { ...button, nonce } }),
});

function eachAs(lead: Lead, { id }: Member, together: TogetherDecision): Decision {
  const { only, shown, narrow, ...decision } = together;
  if (only !== undefined && !only.includes(id)) {
    return { act: "deny", id, reason: LEFT_OUT, isOfBatch: true };
  }
  const asShown = shown?.find((one) => one.id === id)?.terms;
  const form = {
    ...(narrow && { narrow: narrowedTo(narrow) }),
    ...(asShown !== undefined && { asShown }),
    isOfBatch: true,
  } as const;
  if (id === lead.id) return { ...asLeads(lead, decision), ...form };
  const { button: _button, ...alone } = decision;
  return { ...alone, ...form, id };
}

const LEFT_OUT = "Left out when the others were approved.";

/** What was chosen for all; what was requested shorter stays so. */
function narrowedTo({
  duration,
  source,
}: NonNullable<Decision["narrow"]>): NonNullable<Decision["narrow"]> {
  return {
    ...(isChanged(duration) && { duration }),
    ...(isChanged(source) && { source }),
    isAtMost: true,
  };
}

const isChanged = (typed: string | undefined): boolean =>
  typed !== undefined && typed.trim().toLowerCase() !== UNCHANGED;

type Act = Decision["act"];

/**
 * What it concerns; where that is nothing, the lead says why not. A form concerns all that it showed: of what was
 * decided meanwhile, its answer tells.
 */
export function targetsOf(
  lead: Lead,
  act: Act,
  shown?: TogetherDecision["shown"],
): readonly Member[] {
  const all = membersOf(lead);
  const own = all.slice(0, 1);
  const concerns = CONCERNS[act];
  if (concerns === "the lead") return own;
  const concerned = all.filter((member) =>
    shown === undefined ? concerns(member) : shown.some(({ id }) => id === member.id),
  );
  return concerned.length > 0 ? concerned : own;
}

type Concerns = (member: Member) => boolean;

const isPending: Concerns = ({ state }) => state === "pending";

/** To which of a batch a click on its card is done. "the lead": once for all of them. */
const CONCERNS: Readonly<Record<Act, Concerns | "the lead">> = {
  ask: "the lead",
  answer: "the lead",
  claim: "the lead",
  approve: isPending,
  deny: isPending,
  "take-back": hasApprovals,
  cancel: ({ state }) => state === "pending" || state === "ready",
  end: ({ state }) => state === "opening" || state === "open",
  open: ({ canOpen }) => canOpen === true,
  retry: ({ canRetry }) => canRetry === true,
  review: ({ toReview }) => toReview === true,
  requeue: ({ isParked }) => isParked === true,
};

/** One click counts once, however many requests it concerns. */
function oneForAll(deps: Needs, sender: Sender): Needs {
  let taken: { readonly refusal: Refusal | undefined } | undefined;
  const { limits } = deps;
  return {
    ...deps,
    limits: {
      take: (user, kind) => {
        if (user !== sender.user || kind !== "yes") return limits.take(user, kind);
        taken ??= { refusal: limits.take(user, kind) };
        return taken.refusal;
      },
    },
  };
}
