// Somebody acts on a request: every click and command is authorised here, now, against the rules in force.

import { rotaFaultLines } from "../../../domain/on-call/source-words.ts";
import type { PersonAct, PersonActName } from "../../../domain/request/acts/person-act.ts";
import type { Card } from "../../../domain/request/document/sent-messages.ts";
import { cardShown } from "../../../domain/request/effects.ts";
import { mainCard } from "../../../domain/request/outstanding.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { transition } from "../../../domain/request/transition.ts";
import type { ChannelId, RequestId, UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse, saying } from "../../../domain/text/refusal.ts";
import { words } from "../../../domain/text/words.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import type { Click, Sender } from "../../../ports/inbound.ts";
import type { StoredRequest } from "../../../ports/storage/requests.ts";
import type { Deps } from "../../deps.ts";
import { lookingAfresh, refuseKnownOutsiders } from "../../people/look-afresh.ts";
import { DECIDING_AGE_MS, KNOWN_AGE_MS, refuseOutsiders, rotasOf } from "../../people/people.ts";
import { canSeeRequest, refuseCommand } from "../can-see.ts";
import { type Change, type Changed, changeRequest } from "../change-request.ts";
import { approversInForce } from "../in-force.ts";
import { afterLookingAtAzure, refuseOlderCard } from "../lost-card.ts";
import { withRuleNow } from "../rule-now.ts";
import { authorise, isForRequester, refusedAsKnown } from "./authorise.ts";
import { heldUpByLimit } from "./held-up.ts";
import type { Intent } from "./intent.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "page"
  | "limits"
  | "onCommitted"
>;

export type Decision = Intent & {
  readonly id: RequestId;
  /** The button that was clicked, if it was one: it must carry the request's nonce. */
  readonly button?: Pick<Click, "nonce" | "message">;
  /** It is one of a batch, whose card was looked at already. */
  readonly isOfBatch?: true;
};

/** Does what the person asked for, once; or refuses and changes nothing. */
export async function decide(deps: Needs, sender: Sender, decision: Decision): Promise<Outcome> {
  const { id, button } = decision;
  const mayNot =
    button !== undefined
      ? await refuseKnownOutsiders(deps, sender)
      : await refuseCommand(deps, sender);
  if (mayNot !== undefined) return mayNot;
  let decided = await attempt(deps, sender, decision);
  if (decided.outcome === "missing" && button !== undefined) {
    // A button of a request that isn't on record is answered with what Azure shows.
    const lost = await afterLookingAtAzure(deps, sender, { id, message: button.message });
    if (lost !== undefined) return lost;
    decided = await attempt(deps, sender, decision);
  }
  if (decided.outcome === "missing") {
    const unseen = await refuseUnseen(deps, sender, { decision, request: undefined });
    if (unseen !== undefined) return unseen;
  }
  return outcomeOf(id, decided);
}

export function outcomeOf(id: RequestId, decided: Changed): Outcome {
  switch (decided.outcome) {
    case "changed":
    case "unchanged":
      return decided.request;
    case "refused":
      return decided.refusal;
    case "repeated":
      return "repeated";
    case "frozen":
    case "too-many-open":
      throw new Error("a decision opens nothing by itself, and a full limit is a refusal");
    case "missing":
      return noSuchRequest(id);
    case "contended":
      return refuse("cannot-check")`${id} is being changed by somebody else right now: try again.`;
  }
}

/** Does it to one request, or changes nothing. */
export async function attempt(deps: Needs, sender: Sender, decision: Decision): Promise<Changed> {
  let older: { readonly stored: StoredRequest; readonly message: MessageRef } | undefined;
  const change = async (stored: StoredRequest): Promise<Change | Refusal> => {
    const { request, nowMs } = stored;
    const message = decision.button?.message;
    const isOlder = decision.button !== undefined && decision.button.nonce !== request.nonce;
    older = isOlder && message !== undefined ? { stored, message } : undefined;
    const unseen = await refuseUnseen(deps, sender, { decision, request });
    if (unseen !== undefined) return unseen;
    const foreign = refuseForeignButton(request, sender, decision);
    if (foreign !== undefined) return foreign;
    const authorised = await authoriseWithinLimits(deps, sender, { stored, intent: decision });
    const known = adopt(request, sender, decision);
    if (isRefusal(authorised)) return withRotaFaults(deps, request, authorised);
    const act = { ...authorised, doneAtMs: sender.doneAtMs };
    const decided = transition(known, act, nowMs);
    if (isRefusal(decided)) return withRotaFaults(deps, request, decided);
    const moved = await withRuleNow(deps, decided, nowMs);
    if (act.act !== "approve") return moved;
    // It counts all the same, and is opened as soon as there is a place.
    const ifTooManyOpen = (open: number) =>
      transition(known, { ...act, heldUp: heldUpByLimit(deps.policy(), open) }, nowMs);
    return { ...moved, ifTooManyOpen };
  };
  const changed = await changeRequest(deps, decision.id, change, { delivery: sender.delivery });
  if (changed.outcome === "too-many-open")
    return { outcome: "refused", refusal: tooManyOpen(deps, sender, changed) };
  if (older === undefined) return changed;
  const refusal = await refuseOlderCard(deps, older.stored, older.message);
  return refusal === undefined ? changed : { outcome: "refused", refusal };
}

/** As many are open as the limit allows. */
function tooManyOpen(
  { policy }: Needs,
  { user }: Sender,
  { count, request }: Extract<Changed, { outcome: "too-many-open" }>,
): Refusal {
  const { ask, id } = request;
  const most = policy().limits.openPerPerson;
  const isOwn = user === ask.requester;
  const who = isOwn ? words`You have` : words`${{ user: ask.requester }} has`;
  const help = isOwn ? words`end one first` : words`they have to end one first`;
  const kept =
    request.state === "ready" ? words` ${id} waits until ${{ atMs: request.expiresAtMs }}.` : [];
  return refuse(
    "too-many-open",
  )`${who} access open on ${count} ${count === 1 ? "request" : "requests"}, and the limit is ${most}: ${help} (${{ code: "/jit list open" }}).${kept}`;
}

/** Somebody on call hears that it can't be told, and isn't sent away as a stranger. */
async function withRotaFaults(
  deps: Needs,
  request: AccessRequest,
  refusal: Refusal,
): Promise<Refusal> {
  if (refusal.refused !== "not-an-approver") return refusal;
  const approvers = approversInForce(deps.policy(), request);
  const onDuty = await deps.onCall(rotasOf([approvers]), KNOWN_AGE_MS);
  return saying(refusal, rotaFaultLines(onDuty));
}

/** A button proves that one sees its request; an id can be guessed, and nothing is told to who guesses. */
async function refuseUnseen(
  deps: Needs,
  sender: Sender,
  { decision, request }: { decision: Decision; request: AccessRequest | undefined },
): Promise<Refusal | undefined> {
  if (decision.button !== undefined || decision.isOfBatch === true) return undefined;
  const seen = await canSeeRequest(deps, sender.user, request);
  if (isRefusal(seen)) return seen;
  return seen ? undefined : noSuchRequest(decision.id);
}

/** First what suffices to say no, then, for a yes, everything as it is now. */
export async function authoriseWithinLimits(
  deps: Needs,
  sender: Sender,
  about: { stored: StoredRequest; intent: Decision },
): Promise<PersonAct | Refusal> {
  const { chat, limits } = deps;
  const isReserved = about.intent.act === "end";
  return (
    (await refusedByGroups(deps, sender.user, about)) ??
    (isReserved ? undefined : limits.take(sender.user, "yes")) ??
    (await refuseOutsiders(chat, sender, DECIDING_AGE_MS)) ??
    authorise(deps, sender.user, about)
  );
}

/** Refusals that being added to a group or a rota takes away. */
const ABOUT_GROUPS: ReadonlySet<string> = new Set(["not-an-approver", "not-yours"]);

/** A no by what is known: somebody who was added to the approvers since then isn't met with it. */
function refusedByGroups(
  deps: Needs,
  user: UserId,
  about: { stored: StoredRequest; intent: Decision },
): Promise<Refusal | undefined> {
  const { request } = about.stored;
  const byGroups = !isForRequester(about.intent.act, user === request.ask.requester);
  return lookingAfresh(deps, {
    user,
    check: (as) =>
      refusedAsKnown(deps, user, about, as === "known" ? KNOWN_AGE_MS : DECIDING_AGE_MS),
    isNo: (no) => byGroups && no !== undefined && ABOUT_GROUPS.has(no.refused),
  });
}

export const noSuchRequest = (id: RequestId): Refusal =>
  refuse("no-such-request")`I can't find a request ${{ code: id }} that you can see: check the ID.`;

/** How an attempt came out, for the person who made it. */
export type Outcome = AccessRequest | Refusal | "repeated";

/** A button must carry the nonce, and a button that decides must stand in a card that we posted. */
export function refuseForeignButton(
  request: AccessRequest,
  sender: Sender,
  decision: Decision,
): Refusal | undefined {
  const { button, act } = decision;
  if (button === undefined) return undefined;
  if (button.nonce !== request.nonce) return noSuchRequest(decision.id);
  if (!DECIDING[act] || button.message === undefined) return undefined;
  const { channel, ts } = button.message;
  const known = request.cards.some((card) => card.channel === channel && card.ts === ts);
  return known || adoptable(request, sender, channel) !== undefined
    ? undefined
    : refuse(
        "stale-card",
      )`This isn't the current card of ${request.id}: use the newest one in ${whereIsCard(request)}.`;
}

/** Which buttons decide about what somebody else asked for: they count only on a card of the request's own. */
const DECIDING: Readonly<Record<PersonActName, boolean>> = {
  approve: true,
  deny: true,
  "take-back": true,
  ask: true,
  claim: true,
  answer: false,
  cancel: false,
  end: false,
  requeue: false,
  retry: false,
  open: false,
  review: false,
};

const whereIsCard = (request: AccessRequest) => {
  const channel = mainCard(request)?.channel;
  return channel === undefined ? "its rule's channel" : { channel };
};

/** A card that was posted but whose ts wasn't stored yet: a click on it proves where it is. */
function adoptable(request: AccessRequest, sender: Sender, channel: ChannelId): Card | undefined {
  return request.cards.find(
    (card) =>
      card.ts === undefined &&
      card.postingSinceMs !== undefined &&
      (card.to === channel || card.to === sender.user),
  );
}

function adopt(request: AccessRequest, sender: Sender, { button }: Decision): AccessRequest {
  if (button?.message === undefined) return request;
  const { channel, ts } = button.message;
  if (request.cards.some((one) => one.ts === ts)) return request;
  const card = adoptable(request, sender, channel);
  return card === undefined ? request : cardShown(request, card.to, { channel, ts, revision: 0 });
}

/** Whether a decision could be made at all: asked before a form is opened for it. Changes nothing. */
export async function mayDecideAtAll(
  deps: Needs,
  sender: Sender,
  decision: Decision,
): Promise<Refusal | undefined> {
  const outsider = await refuseKnownOutsiders(deps, sender);
  if (outsider !== undefined) return outsider;
  const stored = await deps.requests.read(decision.id);
  if (stored === undefined) return noSuchRequest(decision.id);
  const foreign = refuseForeignButton(stored.request, sender, decision);
  if (foreign !== undefined) return foreign;
  const act = await authoriseWithinLimits(deps, sender, { stored, intent: decision });
  if (isRefusal(act)) return act;
  const moved = transition(stored.request, act, stored.nowMs);
  return isRefusal(moved) ? moved : undefined;
}
