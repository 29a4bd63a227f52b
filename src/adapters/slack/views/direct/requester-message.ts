// The live direct message: a request as its requester sees it, edited in place, with the buttons for what they would type.

import { isLooking } from "../../../../domain/request/acts/ending-acts.ts";
import { isLead } from "../../../../domain/request/batch/roles.ts";
import type { Step, StepKind } from "../../../../domain/request/document/step.ts";
import { offersToAnybody } from "../../../../domain/request/offers.ts";
import { type AccessRequest, type In, isOver } from "../../../../domain/request/request.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import {
  actions,
  type Block,
  type Button,
  lastFitting,
  type Message,
  sections,
  textOf,
} from "../blocks.ts";
import { approvedWords, inLine, placeWords, portsInText, stateTitle } from "../phrases.ts";
import { portalLink } from "../portal.ts";
import { button } from "../request/buttons.ts";
import { narrowedWords } from "../request/narrowed.ts";
import { doorWords, isTakenAway, outcome, SHUT_BY_HAND } from "../request/outcome.ts";
import { reviewBlocks } from "../request/review.ts";
import { stepLine, unpostedWords, WARNING_MISSED } from "../request/steps.ts";
import { talkForRequester } from "../request/talk.ts";
import { bastionHint, offNow, wayIn } from "../request/way-in.ts";
import { batchMessage } from "./batch-message.ts";

export type MessageView = {
  readonly nowMs: number;
  readonly endsEarly: boolean;
  /** Whether the requester may ask for more time while this is open. */
  readonly extendable?: boolean;
  /** The portal of the VM's cloud, without a slash at the end; without it, there is no link. */
  readonly portal?: string;
  /** Whether an Azure Bastion serves the VM's network; left out where it isn't known. */
  readonly bastion?: boolean;
};

/** `steps` are the latest news, as far as the state doesn't say it. */
export function requesterMessage(
  request: AccessRequest,
  steps: readonly Step[],
  view: MessageView,
): Message {
  if (isLead(request)) return batchMessage(request, steps, view);
  return {
    text: textOf(essence(request, steps)),
    blocks: [
      ...sections([requesterHeadline(request), ...newsLines(request, steps)]),
      ...stands(request, steps, view),
      ...talk(request),
      ...reviewBlocks(request),
      ...actions(buttons(request, view)),
    ],
  };
}

/** Found again by it after a lost answer; it isn't a card, on which others decide. */
export const LIVE_EVENT = "jit_live";

export type LiveMessage = Message & {
  metadata: { event_type: typeof LIVE_EVENT; event_payload: { request: string } };
};

export const asLive = (request: AccessRequest, message: Message): LiveMessage => ({
  ...message,
  metadata: { event_type: LIVE_EVENT, event_payload: { request: request.id } },
});

/** The state, until when, and of what. */
export function requesterHeadline(request: AccessRequest): Words {
  const { icon, said } = stateTitle(request);
  const state = words`${{ strong: said }}${until(request)}`;
  return words`${icon} ${state}: ${doorWords(request)}, ${{ code: request.id }}`;
}

const until = (request: AccessRequest): Words =>
  request.state === "open" && request.deadLetter === undefined
    ? words` until ${{ atMs: request.grant.endsAtMs }}`
    : [];

/** What the state that it led to doesn't tell. */
const NOT_IN_STATE: ReadonlySet<StepKind> = new Set([
  "reminded",
  "escalated",
  "left",
  "review-reminded",
  "approval-void",
  "taken-back",
  "ready-reminded",
  "frozen",
  "not-opened",
  "retried",
  "waits-again",
  "not-ended",
  "closed-late",
  "requeued",
]);

/** Of those, what the state does tell as long as it lasts. */
function isInState(request: AccessRequest, what: StepKind): boolean {
  switch (what) {
    case "frozen":
      return request.state === "ready" && request.frozen !== undefined;
    case "not-opened":
      return request.state === "cancelled" && request.fault !== undefined;
    default:
      return false;
  }
}

function newsLines(request: AccessRequest, steps: readonly Step[]): readonly Words[] {
  const you = { you: request.ask.requester, hideSource: false };
  const news = steps.filter(({ what }) => NOT_IN_STATE.has(what) && !isInState(request, what));
  const said = news.map((step) => stepLine(request, step, you));
  return lastFitting(news.length === 1 ? said : said.map((line) => words`• ${line}`));
}

/** How it stands, and what follows. */
function stands(request: AccessRequest, steps: readonly Step[], view: MessageView): Block[] {
  const { nowMs } = view;
  const so = () => outcome(request, { nowMs, hideSource: false, you: request.ask.requester });
  if (request.deadLetter !== undefined) return so();
  switch (request.state) {
    case "pending":
      return [...sections(waiting(request, steps)), ...so()];
    case "opening":
      return [
        ...sections(changedWords(request)),
        ...so(),
        ...sections([words`I'll tell you when it's open.`]),
      ];
    case "open":
      return sections(access(request, view));
    case "ended":
      return [...sections(missedWords(request)), ...so(), ...sections(lateWords(request))];
    default:
      return so();
  }
}

function waiting(request: In<"pending">, steps: readonly Step[]): readonly Words[] {
  const [card] = request.cards;
  const first = request.ask.extends;
  const canBePosted = card !== undefined && card.dead === undefined;
  return [
    ...(canBePosted ? [words`Requested. Approvers decide in ${placeWords(card.to)}.`] : []),
    ...unpostedWords(request, steps),
    ...changedWords(request),
    ...(first === undefined
      ? []
      : [words`Until this is approved, ${{ code: first }} still ends at its own time.`]),
  ];
}

/** What an approver cut down. */
function changedWords(request: AccessRequest): readonly Words[] {
  const changes = narrowedWords(request);
  return changes.length === 0 ? [] : [changes];
}

/** Who let it happen, what of it isn't as it was asked for, and the way in. */
function access(request: In<"open">, view: MessageView): readonly Words[] {
  const { ask, grant } = request;
  return [
    approvedWords(request, grant),
    ...changedWords(request),
    ...(ask.extends === undefined ? [] : [words`This extends ${{ code: ask.extends }}.`]),
    ...offNow(ask.vm, grant),
    ...wayIn(ask.ports, ask.vm, grant),
    ...(view.bastion === true ? bastionHint(ask.ports) : []),
  ];
}

const missedWords = ({ how, grant }: In<"ended">): readonly Words[] =>
  how === "expired" && grant.openedAtMs !== undefined && grant.warnedAtMs === undefined
    ? [WARNING_MISSED]
    : [];

const lateWords = (request: In<"ended">): readonly Words[] =>
  request.closing === "still-open" && request.alarmed === true && isLooking(request)
    ? [SHUT_BY_HAND]
    : [];

/** What was said is of use until it is over. */
const talk = (request: AccessRequest): Block[] =>
  isOver(request) ? [] : talkForRequester(request);

/** What the requester would type now. */
function buttons(request: AccessRequest, view: MessageView): readonly Button[] {
  if (request.deadLetter !== undefined) return [];
  const offered = new Set<string>(offersToAnybody(request, view));
  const may = (["open", "cancel", "end", "retry"] as const).filter((name) => offered.has(name));
  switch (request.state) {
    case "pending":
    case "ready":
    case "opening":
    case "ending":
      return may.map((name) => button(request, name));
    case "open":
      return [
        ...(view.extendable === true ? [button(request, "extend")] : []),
        ...may.map((name) => button(request, name)),
        ...portalLink(request, view.portal),
      ];
    case "failed":
      return may.length > 0 ? may.map((name) => button(request, name)) : [button(request, "again")];
    case "ended":
      return request.how === "extended" || isTakenAway(request) ? [] : [button(request, "again")];
    case "denied":
    case "lapsed":
      return [button(request, "again")];
    case "cancelled":
      return request.cancelledBy === undefined ? [] : [button(request, "again")];
  }
}

export function essence(request: AccessRequest, steps: readonly Step[]): Words {
  const { ports, vm } = request.ask;
  const last = steps.at(-1);
  const state = words`${stateTitle(request).said}${until(request)}`;
  const what = words`${state}: ${portsInText(ports)} on ${inLine(vm.name, 100)}.`;
  const you = { you: request.ask.requester, hideSource: false };
  return last === undefined || last.what === "open"
    ? what
    : words`${what} ${stepLine(request, last, you)}`;
}
