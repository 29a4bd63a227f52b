// What the requester is told privately: all that wasn't told yet, in one message led by the state.

import { offersToAnybody } from "../../../../domain/request/offers.ts";
import type { AccessRequest, In, Step, StepKind } from "../../../../domain/request/request.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import {
  actions,
  type Block,
  lastFitting,
  type Message,
  quote,
  sections,
  textOf,
} from "../blocks.ts";
import { askAgain, inLine, portsInText, stateTitle } from "../phrases.ts";
import { portalLink } from "../portal.ts";
import { button } from "./buttons.ts";
import { narrowedWords } from "./narrowed.ts";
import { doorWords, failure, isTakenAway, SHUT_BY_HAND, whatNext } from "./outcome.ts";
import { closedBlocks } from "./review.ts";
import { stepLine } from "./steps.ts";
import { talkNews } from "./talk.ts";
import { bastionHint, offNow, wayIn } from "./way-in.ts";

export type MessageView = {
  readonly nowMs: number;
  readonly endsEarly: boolean;
  /** The portal of the VM's cloud, without a slash at the end; without it, there is no link. */
  readonly portal?: string;
  /** Whether an Azure Bastion serves the VM's network; left out where it isn't known. */
  readonly bastion?: boolean;
};

export function requesterMessage(
  request: AccessRequest,
  steps: readonly Step[],
  view: MessageView,
): Message {
  const shown = steps.filter((step) => !saidAnyway(request, step));
  const lines = shown.map((step) => {
    const line = stepLine(request, step, readBy(request));
    return steps.length === 1 ? line : words`• ${line}`;
  });
  return {
    text: textOf(essence(request, steps)),
    blocks: [
      ...sections([headline(request), ...lastFitting(lines)]),
      ...talkNews(request, steps),
      ...details(request, steps, view),
      ...reviewed(request, steps),
    ],
  };
}

const readBy = ({ ask }: AccessRequest) => ({ you: ask.requester, hideSource: false });

function headline(request: AccessRequest): Words {
  const { icon, said } = stateTitle(request);
  const state = words`${{ strong: said }}${until(request)}`;
  return words`${icon} ${state}: ${doorWords(request)}, ${{ code: request.id }}`;
}

const until = (request: AccessRequest): Words =>
  request.state === "open" && request.deadLetter === undefined
    ? words` until ${{ atMs: request.grant.endsAtMs }}`
    : [];

/** What the headline or the details say in full anyway. */
const saidAnyway = (request: AccessRequest, { what }: Step): boolean =>
  (what === "open" && request.state === "open") ||
  (what === "failed" && request.state === "failed") ||
  (what === "denied" && request.state === "denied") ||
  // Nobody was asked: that the glass was broken is said instead.
  (what === "asked" && request.ask.breakGlass === true) ||
  (what === "reviewed" && request.review?.closed !== undefined);

/** What is news to the requester beyond the lines, in the state that holds now. */
function details(request: AccessRequest, steps: readonly Step[], view: MessageView): Block[] {
  const told = new Set<StepKind>(steps.map((step) => step.what));
  // Nothing follows by itself.
  if (request.deadLetter !== undefined) return [];
  switch (request.state) {
    case "pending":
      return told.has("asked") ? sections(waiting(request)) : [];
    case "ready":
      return told.has("frozen") ? sections(frozen(request)) : [];
    case "opening":
      return told.has("accepted") || told.has("delayed") || told.has("not-ended")
        ? sections([
            words`It still ends ${{ atMs: request.grant.endsAtMs }}. I'll tell you when it's open.`,
          ])
        : sections([words`I'll tell you when it's open.`]);
    case "open":
      return told.has("open") ? [...remarks(request, told), ...enter(request, view)] : [];
    case "failed":
      return told.has("failed") ? failed(request, view) : [];
    case "denied":
      return told.has("denied") ? denied(request) : [];
    case "lapsed":
      return told.has("lapsed") ? sections([words`To request it again: ${askAgain(request)}`]) : [];
    case "ended":
      return sections(afterwards(request, told));
    case "cancelled":
      return told.has("not-opened")
        ? sections([words`To request it again: ${askAgain(request)}`])
        : [];
    case "ending":
      return [];
  }
}

function afterwards(request: In<"ended">, told: ReadonlySet<StepKind>): readonly Words[] {
  return [
    ...(told.has("still-open") && request.closing === "still-open" ? [SHUT_BY_HAND] : []),
    ...(told.has("ended") && request.how !== "extended" && !isTakenAway(request)
      ? [words`Need it again? ${askAgain(request)}`]
      : []),
  ];
}

const frozen = (request: In<"ready">): readonly Words[] => [
  words`It opens when an admin lifts the freeze; its time starts then. It expires ${{ atMs: request.expiresAtMs }}.`,
  words`To cancel it: ${{ code: `/jit cancel ${request.id}` }}`,
];

function waiting(request: In<"pending">): readonly Words[] {
  const first = request.ask.extends;
  return [
    ...(first === undefined
      ? []
      : [words`Until this is approved, ${{ code: first }} still ends at its own time.`]),
    words`It expires ${{ atMs: request.expiresAtMs }}. To cancel it: ${{ code: `/jit cancel ${request.id}` }}`,
  ];
}

/** What about the open door isn't as it was asked for. */
function remarks({ ask, ...request }: In<"open">, told: ReadonlySet<StepKind>): Block[] {
  const narrowing = told.has("narrowed") ? [] : narrowedWords({ ...request, ask });
  return sections([
    ...(narrowing.length === 0 ? [] : [narrowing]),
    ...(ask.extends === undefined ? [] : [words`This extends ${{ code: ask.extends }}.`]),
  ]);
}

/** The words of a review, verbatim. */
function reviewed({ review }: AccessRequest, steps: readonly Step[]): Block[] {
  const isNews = steps.some((step) => step.what === "reviewed");
  return isNews && review?.closed !== undefined ? closedBlocks(review.closed) : [];
}

function enter(request: In<"open">, view: MessageView): Block[] {
  const { ask, grant } = request;
  const end = view.endsEarly ? [button(request, "end")] : [];
  return [
    ...sections([
      ...offNow(ask.vm, grant),
      ...wayIn(ask.ports, ask.vm, grant),
      ...(view.bastion === true ? bastionHint(ask.ports) : []),
    ]),
    ...actions([...end, ...portalLink(request, view.portal)]),
  ];
}

function failed(request: In<"failed">, { nowMs, endsEarly }: MessageView): Block[] {
  const isRetried = offersToAnybody(request, { nowMs, endsEarly }).includes("retry");
  return [
    ...failure(request, { hideSource: false }),
    ...sections([whatNext(request, { nowMs, hideSource: false })]),
    ...(isRetried ? actions([button(request, "retry")]) : []),
  ];
}

function denied(request: In<"denied">): Block[] {
  const by = words`Denied by ${{ user: request.deniedBy }}`;
  return request.denial.trim() === ""
    ? sections([words`${by}; no reason given.`])
    : quote(words`${by}:`, request.denial);
}

function essence(request: AccessRequest, steps: readonly Step[]): Words {
  const { ports, vm } = request.ask;
  const last = steps.at(-1);
  const state = words`${stateTitle(request).said}${until(request)}`;
  const what = words`${state}: ${portsInText(ports)} on ${inLine(vm.name, 100)}.`;
  return last === undefined || last.what === "open"
    ? what
    : words`${what} ${stepLine(request, last, readBy(request))}`;
}
