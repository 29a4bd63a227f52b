// The card: a request as everybody in the approvers' channel sees it, with its buttons. Pure.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import { type AccessRequest, grantOf, inForce } from "../../../../domain/request/request.ts";
import type { Policy } from "../../../../domain/rules/policy.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { portsWords } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { offNote, wasOffNote } from "../../../../domain/vm/vm-power.ts";
import {
  actions,
  type Block,
  header,
  type Message,
  QUOTE_SECTIONS,
  quote,
  sections,
  textOf,
} from "../blocks.ts";
import { inLine, portsInText, resourceGroupOf, sourceWords, stateTitle } from "../phrases.ts";
import { cardButtons } from "./buttons.ts";
import { cutDownWords } from "./narrowed.ts";
import { outcome } from "./outcome.ts";
import { isReviewed, reviewBlocks } from "./review.ts";
import { talkBlocks } from "./talk.ts";

export type CardView = {
  readonly nowMs: number;
  /** What the channel does not get to see; empty for private cards. */
  readonly hide: Policy["privacy"]["hideOnCard"];
  /** Whether the policy lets accesses be ended before their time. */
  readonly endsEarly: boolean;
};

export const METADATA_EVENT = "jit_request";

export type CardMessage = Message & {
  metadata: { event_type: typeof METADATA_EVENT; event_payload: { id: string; version: number } };
};

export function cardMessage(request: AccessRequest, view: CardView): CardMessage {
  const { icon, said } = stateTitle(request);
  return {
    text: textOf(essence(request, view)),
    blocks: [
      header(`${icon} ${said}${progress(request)}`),
      ...cardBody(request, view),
      ...actions(cardButtons(request, view)),
    ],
    metadata: {
      event_type: METADATA_EVENT,
      event_payload: { id: request.id, version: request.revision },
    },
  };
}

/** Who has to decide reads what is asked first; everybody later reads what became of it first. */
export function cardBody(request: AccessRequest, view: CardView): Block[] {
  const asked = [
    ...sections(facts(request, view)),
    ...reason(request, view),
    ...talkBlocks(request, view),
  ];
  const became = outcome(request, { nowMs: view.nowMs, hideSource: hidesSource(request, view) });
  const all = request.state === "pending" ? [...asked, ...became] : [...became, ...asked];
  return [...all, ...reviewBlocks(request)];
}

function progress(request: AccessRequest): string {
  const needed = request.promised.approvals;
  return request.state === "pending" && needed > 1
    ? `: ${request.approvals.length} of ${needed} approvals`
    : "";
}

function facts(request: AccessRequest, view: CardView): readonly Words[] {
  const { ask, id, promised } = request;
  const group = resourceGroupOf(ask.vm);
  const where = group === undefined ? [] : words` in resource group ${{ code: group }}`;
  const hidden = hidesSource(request, view);
  const cutDown = cutDownWords(request, view.hide.includes("source"));
  return [
    words`${{ strong: "Who:" }} ${{ user: ask.requester }}`,
    words`${{ strong: "VM:" }} ${{ code: ask.vm.name }}${where}`,
    words`${{ strong: ask.ports.length === 1 ? "Port:" : "Ports:" }} ${portsWords(ask.ports)}`,
    words`${{ strong: "From:" }} ${hidden ? notShown(request) : sourceWords(inForce(request))}`,
    words`${{ strong: "For:" }} ${span(request)}`,
    ...(cutDown.length === 0 ? [] : [cutDown]),
    ...offLine(request),
    ...carriedOn(request),
    words`${{ strong: "Request:" }} ${{ code: id }} under the rule ${{ code: promised.rule }}, ${{ atMs: ask.askedAtMs }}`,
  ];
}

/** What is seen open tells by itself whether somebody gets in. */
function offLine(request: AccessRequest): readonly Words[] {
  const { name, off } = request.ask.vm;
  if (request.state === "open") {
    const { off: now } = request.grant.wayIn ?? {};
    return now === undefined ? [] : [offNote(name, now)];
  }
  const isAhead = ["pending", "ready", "opening"].includes(request.state);
  return off === undefined || !isAhead ? [] : [wasOffNote(name, off)];
}

// "Any address" gives nobody's whereabouts away, and approvers must not miss it.
const hidesSource = (request: AccessRequest, { hide }: CardView): boolean =>
  hide.includes("source") && inForce(request).source !== ANY_SOURCE;

function span(request: AccessRequest): Words {
  const asked = formatDuration(inForce(request).durationMs);
  const grant = grantOf(request);
  const first = request.ask.extends;
  if (first !== undefined) {
    // How much of it is more than before depends on Azure's maximum: the end alone is certain.
    if (grant !== undefined) return words`up to ${asked} more, until ${{ atMs: grant.endsAtMs }}`;
    return request.state === "pending"
      ? words`${asked} more, from the end of ${{ code: first }} on`
      : words`${asked} more`;
  }
  if (grant === undefined) {
    return request.state === "pending" ? words`${asked}, from the approval on` : words`${asked}`;
  }
  const granted = formatDuration(grant.endsAtMs - grant.startsAtMs);
  // Where it ended before that, or will, the outcome says when.
  const isShorter =
    request.state === "ending" ||
    (request.state === "ended" && (request.how === "early" || request.how === "elsewhere"));
  return words`${granted}, ${isShorter ? "granted until" : "until"} ${{ atMs: grant.endsAtMs }}`;
}

/** What an extension hangs on. */
function carriedOn({ ask, state }: AccessRequest): readonly Words[] {
  if (ask.extends === undefined) return [];
  const otherwise =
    state === "pending" ? words`, which ends at its own time unless this is approved` : [];
  return [words`${{ strong: "Extends:" }} ${{ code: ask.extends }}${otherwise}`];
}

function reason(request: AccessRequest, { hide }: CardView): Block[] {
  const why = { strong: "Why:" };
  if (hide.includes("reason")) return sections([words`${why} ${notShown(request)}`]);
  if (request.ask.reason.trim() === "") return sections([words`${why} no reason given`]);
  // Beside a failure's words and a review's there is room for one section only.
  const isCrowded = request.state === "failed" && isReviewed(request);
  const most = isCrowded ? QUOTE_SECTIONS.beside : QUOTE_SECTIONS.whole;
  return quote([why], request.ask.reason, most);
}

const notShown = ({ id }: AccessRequest): Words =>
  words`not shown here, ${{ code: `/jit status ${id}` }} tells approvers`;

/** Enough to decide whether to look, on a locked phone. */
const REASON_IN_TEXT_MAX = 150;

function essence(request: AccessRequest, { hide }: CardView): Words {
  const { requester, ports, vm, reason: why } = request.ask;
  const { said } = stateTitle(request);
  const what = words`${portsInText(ports)} on ${inLine(vm.name, 100)}`;
  const because =
    why.trim() === "" || hide.includes("reason") ? "" : `: ${inLine(why, REASON_IN_TEXT_MAX)}`;
  if (request.state === "pending") {
    const duration = formatDuration(inForce(request).durationMs);
    const wanted =
      request.ask.extends === undefined
        ? words`${what} for ${duration}`
        : words`${duration} more of ${what}`;
    return words`${said}: ${{ user: requester }} asks for ${wanted}${because} (${request.id})`;
  }
  // Who has to review it decides by the reason whether to get up.
  const isToReview = request.review !== undefined && !isReviewed(request);
  return words`${said}: ${{ user: requester }}, ${what}${isToReview ? because : ""} (${request.id})`;
}

/** What is said instead of a card whose request was lost. */
export function lostCard(id: string): Message {
  const said = words`The bot has no record of ${{ code: id }} any more. Azure shows nothing open for it.`;
  return { text: textOf(said), blocks: sections([said]) };
}
