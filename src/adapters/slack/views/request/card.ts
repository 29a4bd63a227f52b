// The card: a request as everybody in the approvers' channel sees it, with its buttons. Pure.

import { factWords } from "../../../../domain/facts/fact-words.ts";
import { shownFacts } from "../../../../domain/facts/facts-of.ts";
import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import { isLead } from "../../../../domain/request/batch/roles.ts";
import {
  type AccessRequest,
  grantOf,
  inForce,
  isOver,
} from "../../../../domain/request/request.ts";
import { resourceGroupOf } from "../../../../domain/rules/ask.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { portsWords } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { offNote, wasOffNote } from "../../../../domain/vm/vm-power.ts";
import {
  actions,
  type Block,
  type Message,
  QUOTE_SECTIONS,
  quote,
  sections,
  textOf,
  withButton,
} from "../blocks.ts";
import { type CardMessage, type CardView, METADATA_EVENT } from "../card-view.ts";
import { inLine, portsInText, recoveredWords, sourceWords, stateTitle } from "../phrases.ts";
import { batchCard } from "./batch/batch-card.ts";
import { button, cardButtons } from "./buttons.ts";
import { headline } from "./headline.ts";
import { narrowedWords } from "./narrowed.ts";
import { outcome } from "./outcome.ts";
import { isReviewed, reviewBlocks } from "./review.ts";
import { talkBlocks } from "./talk.ts";

export function cardMessage(request: AccessRequest, view: CardView): CardMessage {
  if (isLead(request)) return { ...batchCard(request, view), metadata: metadataOf(request) };
  return {
    text: textOf(essence(request, view)),
    blocks: [
      ...(isFolded(request)
        ? folded(request, view)
        : [...sections([headline(request)]), ...cardBody(request, view)]),
      ...actions(cardButtons(request, view)),
    ],
    metadata: metadataOf(request),
  };
}

const metadataOf = ({ id, revision }: AccessRequest): CardMessage["metadata"] => ({
  event_type: METADATA_EVENT,
  event_payload: { id, version: revision },
});

/** Nothing more is to be done: two lines say who had what, and what became of it. `/jit status` has the rest. */
const isFolded = (request: AccessRequest): boolean =>
  isOver(request) &&
  request.deadLetter === undefined &&
  (request.review === undefined || isReviewed(request));

/** Who has to decide reads what is asked first; everybody later reads what became of it first. */
export function cardBody(request: AccessRequest, view: CardView): Block[] {
  const asked = [
    ...sections(facts(request, view)),
    ...reason(request, view),
    ...talkBlocks(request, view),
  ];
  const result = became(request, view);
  const all =
    request.state === "pending"
      ? [...asked, ...factBlocks(request), ...result]
      : [...result, ...asked];
  return [...all, ...reviewBlocks(request)];
}

const became = (request: AccessRequest, view: CardView): Block[] => [
  ...sections(openedBefore(request)),
  ...outcome(request, { nowMs: view.nowMs, hideSource: hidesSource(request, view) }),
];

/** Who the first line names didn't open it, whatever became of it. Of what is open, that is said beside its end. */
function openedBefore(request: AccessRequest): readonly Words[] {
  const grant = grantOf(request);
  return request.state === "open" || grant?.recovered?.adopted === undefined
    ? []
    : [recoveredWords(grant)];
}

function folded(request: AccessRequest, view: CardView): Block[] {
  const title = words`${headline(request)} · ${{ code: request.id }}`;
  return [...sections([title]), ...became(request, view), ...reviewBlocks(request)];
}

/** What the first line does not say. */
function facts(request: AccessRequest, view: CardView): readonly Words[] {
  const { ask, id, promised } = request;
  const group = resourceGroupOf(ask.vm);
  const where = group === undefined ? [] : words` in resource group ${{ code: group }}`;
  const hidden = hidesSource(request, view);
  const narrowing = narrowedWords(request, view.hide.includes("source"));
  return [
    words`${{ strong: ask.ports.length === 1 ? "Port:" : "Ports:" }} ${portsWords(ask.ports)} on ${{ code: ask.vm.name }}${where}`,
    words`${{ strong: "From:" }} ${hidden ? notShown(request) : sourceWords(inForce(request))}`,
    ...(narrowing.length === 0 ? [] : [narrowing]),
    ...offLine(request),
    ...carriedOn(request),
    words`${{ code: id }} · rule ${{ code: promised.rule }}`,
  ];
}

/** What they rest on is a tap away. Nothing where nothing could be said. */
function factBlocks(request: AccessRequest): Block[] {
  const facts = shownFacts(request.facts ?? []);
  const lines = facts.map((fact) => factWords(fact));
  const said = lines.length === 1 ? lines : lines.map((line) => words`• ${line}`);
  return facts.length === 0 ? [] : withButton(said, button(request, "facts"));
}

const saysOff = ({ facts = [] }: AccessRequest): boolean =>
  shownFacts(facts).some(({ kind }) => kind === "off");

/** What is seen open tells by itself whether somebody gets in. */
function offLine(request: AccessRequest): readonly Words[] {
  const { name, off } = request.ask.vm;
  if (request.state === "open") {
    const { off: now } = request.grant.wayIn ?? {};
    return now === undefined ? [] : [offNote(name, now)];
  }
  const isAhead = ["pending", "ready", "opening"].includes(request.state);
  const isSaid = request.state === "pending" && saysOff(request);
  return off === undefined || !isAhead || isSaid ? [] : [wasOffNote(name, off)];
}

// "Any address" gives nobody's whereabouts away, and approvers must not miss it.
const hidesSource = (request: AccessRequest, { hide }: CardView): boolean =>
  hide.includes("source") && inForce(request).source !== ANY_SOURCE;

/** What an extension hangs on. */
function carriedOn({ ask, state }: AccessRequest): readonly Words[] {
  if (ask.extends === undefined) return [];
  const otherwise =
    state === "pending" ? words`, which still ends on time until this is approved` : [];
  return [words`${{ strong: "Extends:" }} ${{ code: ask.extends }}${otherwise}`];
}

function reason(request: AccessRequest, { hide }: CardView): Block[] {
  const why = { strong: "Reason:" };
  if (hide.includes("reason")) return sections([words`${why} ${notShown(request)}`]);
  if (request.ask.reason.trim() === "") return sections([words`No reason given`]);
  // Beside a failure's words and a review's there is room for one section only.
  const isCrowded = request.state === "failed" && isReviewed(request);
  const most = isCrowded ? QUOTE_SECTIONS.beside : QUOTE_SECTIONS.whole;
  return quote([why], request.ask.reason, most);
}

const notShown = ({ id }: AccessRequest): Words =>
  words`hidden here; approvers can see it with ${{ code: `/jit status ${id}` }}`;

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
    return words`${said}: ${{ user: requester }} requests ${wanted}${because} (${request.id})`;
  }
  // Who has to review it decides by the reason whether to get up.
  const isToReview = request.review !== undefined && !isReviewed(request);
  return words`${said}: ${{ user: requester }}, ${what}${isToReview ? because : ""} (${request.id})`;
}

/** What is said instead of a card whose request was lost. */
export function lostCard(id: string): Message {
  const said = words`The bot no longer has a record of ${{ code: id }}. Azure shows nothing open for it.`;
  return { text: textOf(said), blocks: sections([said]) };
}
