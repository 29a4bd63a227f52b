// The card: a request as everybody in the approvers' channel sees it, with its buttons. Pure.

import { formatDuration } from "../../../request/duration.ts";
import type { Policy } from "../../../request/policy.ts";
import { type AccessRequest, grantOf } from "../../../request/request.ts";
import { ANY_SOURCE } from "../../../request/source.ts";
import { stateWord } from "../../../request/state-words.ts";
import { type Words, words } from "../../../request/words.ts";
import { actions, type Block, header, type Message, quote, sections, textOf } from "./blocks.ts";
import { cardButtons } from "./buttons.ts";
import { outcome } from "./outcome.ts";
import {
  inLine,
  portsInText,
  portsWords,
  resourceGroupOf,
  STATE_ICONS,
  sourceWords,
} from "./phrases.ts";

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
  return {
    text: textOf(essence(request, view)),
    blocks: [
      header(`${STATE_ICONS[request.state]} ${stateWord(request)}${progress(request)}`),
      ...body(request, view),
      ...actions(cardButtons(request, view)),
    ],
    metadata: {
      event_type: METADATA_EVENT,
      event_payload: { id: request.id, version: request.revision },
    },
  };
}

/** Who has to decide reads what is asked first; everybody later reads what became of it first. */
function body(request: AccessRequest, view: CardView): Block[] {
  const asked = [...sections(facts(request, view)), ...reason(request, view)];
  const became = outcome(request, { nowMs: view.nowMs, hideSource: hidesSource(request, view) });
  return request.state === "pending" ? [...asked, ...became] : [...became, ...asked];
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
  return [
    words`${{ strong: "Who:" }} ${{ user: ask.requester }}`,
    words`${{ strong: "VM:" }} ${{ code: ask.vm.name }}${where}`,
    words`${{ strong: ask.ports.length === 1 ? "Port:" : "Ports:" }} ${portsWords(ask.ports)}`,
    words`${{ strong: "From:" }} ${hidesSource(request, view) ? notShown(request) : sourceWords(ask)}`,
    words`${{ strong: "For:" }} ${span(request)}`,
    words`${{ strong: "Request:" }} ${{ code: id }} under the rule ${{ code: promised.rule }}, ${{ atMs: ask.askedAtMs }}`,
  ];
}

// "Any address" gives nobody's whereabouts away, and approvers must not miss it.
const hidesSource = ({ ask }: AccessRequest, { hide }: CardView): boolean =>
  hide.includes("source") && ask.source !== ANY_SOURCE;

function span(request: AccessRequest): Words {
  const asked = formatDuration(request.ask.durationMs);
  const grant = grantOf(request);
  if (grant === undefined) {
    return request.state === "pending" ? words`${asked}, from the approval on` : words`${asked}`;
  }
  const granted = formatDuration(grant.endsAtMs - grant.startsAtMs);
  return words`${granted}, until ${{ atMs: grant.endsAtMs }}`;
}

function reason(request: AccessRequest, { hide }: CardView): Block[] {
  const why = { strong: "Why:" };
  if (hide.includes("reason")) return sections([words`${why} ${notShown(request)}`]);
  if (request.ask.reason.trim() === "") return sections([words`${why} no reason given`]);
  return quote([why], request.ask.reason);
}

const notShown = ({ id }: AccessRequest): Words =>
  words`not shown here, ${{ code: `/jit status ${id}` }} tells approvers`;

/** Enough to decide whether to look, on a locked phone. */
const REASON_IN_TEXT_MAX = 150;

function essence(request: AccessRequest, { hide }: CardView): Words {
  const { requester, ports, vm, durationMs, reason: why } = request.ask;
  const what = words`${{ user: requester }}, ${portsInText(ports)} on ${inLine(vm.name, 100)}`;
  if (request.state !== "pending") {
    return words`${stateWord(request)}: ${what} (${request.id})`;
  }
  const because =
    why.trim() === "" || hide.includes("reason") ? "" : `: ${inLine(why, REASON_IN_TEXT_MAX)}`;
  return words`${stateWord(request)}: ${{ user: requester }} asks for ${portsInText(ports)} on ${inLine(vm.name, 100)} for ${formatDuration(durationMs)}${because} (${request.id})`;
}
