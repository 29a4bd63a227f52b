// The card of a batch: all of its VMs as the approvers' channel sees them, with the buttons that concern them. Pure.

import { ANY_SOURCE } from "../../../../../domain/network/source.ts";
import type { Lead } from "../../../../../domain/request/batch/pace.ts";
import { membersOf } from "../../../../../domain/request/members.ts";
import { inForce } from "../../../../../domain/request/request.ts";
import { formatDuration } from "../../../../../domain/text/duration.ts";
import { type Words, words } from "../../../../../domain/text/words.ts";
import {
  actions,
  type Block,
  QUOTE_SECTIONS,
  quote,
  sections,
  textOf,
  uncutSections,
} from "../../blocks.ts";
import type { CardMessage, CardView } from "../../card-view.ts";
import { inLine, sourceWords } from "../../phrases.ts";
import {
  batchHeadline,
  batchLines,
  batchTitle,
  haveOwnSources,
  vmsInText,
} from "../batch-lines.ts";
import { batchButtons } from "../buttons.ts";
import { reviewBlocks } from "../review.ts";
import { saidOnCard, talkBlocks } from "../talk.ts";
import { batchFacts } from "./batch-facts.ts";
import { decidingBlocks, narrowingLines } from "./deciding.ts";

export function batchCard(lead: Lead, view: CardView): Omit<CardMessage, "metadata"> {
  return {
    text: textOf(essence(lead, view)),
    blocks: [
      ...sections([batchHeadline(lead)]),
      ...uncutSections(batchLines(lead, { hidesSource: view.hide.includes("source") })),
      ...sections(about(lead, view)),
      ...reason(lead, view),
      ...talkBlocks(lead, view),
      ...batchFacts(lead),
      ...decidingBlocks(lead, { nowMs: view.nowMs, hideSource: hidesSource(lead, view) }),
      ...saidOnCard(lead, { hidesTalk: view.hide.includes("reason") }),
      ...reviewBlocks(lead),
      ...actions(batchButtons(lead, view)),
    ],
  };
}

function about(lead: Lead, view: CardView): readonly Words[] {
  const { id, promised, ask } = lead;
  const from = haveOwnSources(lead)
    ? words`different for some of the VMs`
    : hidesSource(lead, view)
      ? hidden(lead)
      : sourceWords(inForce(lead));
  return [
    words`${{ strong: "From:" }} ${from}`,
    ...narrowingLines(lead, view.hide.includes("source")),
    ...(ask.extends === undefined
      ? []
      : [words`${{ strong: "Extends:" }} ${{ code: ask.extends }}`]),
    words`${{ code: id }} · rule ${{ code: promised.rule }}`,
  ];
}

// "Any address" gives nobody's whereabouts away, and approvers must not miss it.
const hidesSource = (lead: Lead, { hide }: CardView): boolean =>
  hide.includes("source") && inForce(lead).source !== ANY_SOURCE;

const hidden = ({ id }: Lead): Words =>
  words`hidden here; approvers can see it with ${{ code: `/jit status ${id}` }}`;

function reason(lead: Lead, { hide }: CardView): Block[] {
  const why = { strong: "Reason:" };
  if (hide.includes("reason")) return sections([words`${why} ${hidden(lead)}`]);
  if (lead.ask.reason.trim() === "") return sections([words`No reason given`]);
  return quote([why], lead.ask.reason, QUOTE_SECTIONS.beside);
}

/** Enough to decide whether to look, on a locked phone. */
const REASON_IN_TEXT_MAX = 150;

function essence(lead: Lead, { hide }: CardView): Words {
  const { requester, reason: why } = lead.ask;
  const { said } = batchTitle(lead);
  const because =
    why.trim() === "" || hide.includes("reason") ? "" : `: ${inLine(why, REASON_IN_TEXT_MAX)}`;
  const isPending = membersOf(lead).some(({ state }) => state === "pending");
  const duration = formatDuration(inForce(lead).durationMs);
  return isPending
    ? words`${said} · ${{ user: requester }} requests ${vmsInText(lead)} for ${duration}${because} (${lead.id})`
    : words`${said} · ${{ user: requester }}, ${vmsInText(lead)} (${lead.id})`;
}
