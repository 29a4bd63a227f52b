// The card of a batch: all of its VMs as the approvers' channel sees them, with the buttons that concern them. Pure.

import { ANY_SOURCE } from "../../../../../domain/network/source.ts";
import { labelOf } from "../../../../../domain/request/batch/label.ts";
import type { Lead } from "../../../../../domain/request/batch/roles.ts";
import { membersOf } from "../../../../../domain/request/members.ts";
import { inForce } from "../../../../../domain/request/request.ts";
import { formatDuration } from "../../../../../domain/text/duration.ts";
import { listed, plain, type Words, words } from "../../../../../domain/text/words.ts";
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
import { inLine, namesInLine, sourceWords } from "../../phrases.ts";
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
    ...groupsLine(lead),
    words`${{ strong: "From:" }} ${from}`,
    ...narrowingLines(lead, view.hide.includes("source")),
    ...(ask.extends === undefined
      ? []
      : [words`${{ strong: "Extends:" }} ${{ code: ask.extends }}`]),
    words`${{ code: id }} · rule ${{ code: promised.rule }}`,
  ];
}

const GROUP_CHARACTERS_MAX = 90;
const GROUPED_VM_CHARACTERS_MAX = 24;
/** The lines of the VMs need the room. */
const GROUPS_CHARACTERS_MAX = 800;

/** Two VMs can have one name: by its resource group, an approver knows which of them it is. */
function groupsLine(lead: Lead): readonly Words[] {
  const members = membersOf(lead);
  const named = members.flatMap((member) => {
    const { group } = member;
    return group === undefined ? [] : [{ group, vm: labelOf(lead, member) }];
  });
  // Earlier versions kept none: nothing is said of all that isn't known of each.
  if (named.length < members.length) return [];
  const groups = [...Map.groupBy(named, ({ group }) => group.toLowerCase()).values()];
  const [only] = groups.length === 1 ? named : [];
  if (only !== undefined) {
    return [words`${{ strong: "Resource group:" }} ${{ code: inGroup(only.group) }}`];
  }
  const lines = groups.map((alike): Words => {
    const vms = alike.map(({ vm }) => vm);
    const names = namesInLine(vms, GROUPED_VM_CHARACTERS_MAX).join(", ");
    return words`${{ code: inGroup(alike[0]?.group ?? "") }} (${names})`;
  });
  const said = words`${{ strong: "Resource groups:" }} ${listed(lines)}`;
  return plain(said).length <= GROUPS_CHARACTERS_MAX
    ? [said]
    : [
        words`${{ strong: "Resource groups:" }} ${groups.length}; ${{ code: "/jit status" }} with a VM's ID shows its own`,
      ];
}

const inGroup = (group: string): string => inLine(group, GROUP_CHARACTERS_MAX);

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
