// A batch as its requester sees it: the live direct message, what notifies them beside it, and the warning. Pure.

import { labelOf } from "../../../../domain/request/batch/label.ts";
import type { Lead } from "../../../../domain/request/batch/roles.ts";
import { wasNeverShown } from "../../../../domain/request/document/sent-messages.ts";
import type { Step, StepKind } from "../../../../domain/request/document/step.ts";
import { membersOf, toWarnOf } from "../../../../domain/request/members.ts";
import { timeLeft } from "../../../../domain/text/duration.ts";
import { capital } from "../../../../domain/text/plain-text.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { actions, lastFitting, type Message, sections, textOf, uncutSections } from "../blocks.ts";
import { placeWords } from "../phrases.ts";
import { waitingBlocks } from "../request/batch/deciding.ts";
import { batchLines, batchTitle, labelsOf, vmCount, vmsInText } from "../request/batch-lines.ts";
import { batchButtons, sharedButton } from "../request/buttons.ts";
import { reviewBlocks } from "../request/review.ts";
import { stepLine, unpostedWords } from "../request/steps.ts";
import { saidInNews, saidToRequester, talkForRequester, talkNews } from "../request/talk.ts";

export type BatchView = {
  readonly nowMs: number;
  readonly endsEarly: boolean;
  /** Whether the requester may ask for more time while some of it is open. */
  readonly extendable?: boolean;
};

/** What no line says. */
const NEWS: ReadonlySet<StepKind> = new Set([
  "left",
  "review-reminded",
  "approval-void",
  "held-up",
  "not-opened",
  "not-ended",
  "warning-missed",
  "closed-late",
]);

export function batchMessage(lead: Lead, steps: readonly Step[], view: BatchView): Message {
  const [card] = lead.cards;
  const isWaiting = membersOf(lead).some(({ state }) => state === "pending");
  const hasPlace = isWaiting && card !== undefined && card.dead === undefined;
  return {
    text: textOf(titleWords(lead)),
    blocks: [
      ...sections([titleWords(lead), ...newsLines(lead, steps)]),
      ...uncutSections(batchLines(lead, { hasAddress: true })),
      ...(hasPlace ? sections([words`Approvers decide in ${placeWords(card.to)}.`]) : []),
      ...(lead.state === "pending" ? sections(unpostedWords(lead, steps)) : []),
      ...waitingBlocks(lead),
      ...talkForRequester(lead),
      ...saidToRequester(lead),
      ...reviewBlocks(lead),
      ...actions(batchButtons(lead, view, FOR_REQUESTER)),
    ],
  };
}

const FOR_REQUESTER = ["open", "extend", "cancel", "end", "retry"] as const;

function titleWords(lead: Lead): Words {
  const { icon, said } = batchTitle(lead);
  return words`${icon} ${{ strong: said }} · ${vmsInText(lead)} · ${{ code: lead.id }}`;
}

function newsLines(lead: Lead, steps: readonly Step[]): readonly Words[] {
  const you = { you: lead.ask.requester, hideSource: false };
  const news = steps.filter(({ what }) => NEWS.has(what)).map((step) => stepLine(lead, step, you));
  return [...lastFitting(news), ...unseenWords(lead)];
}

/** That nobody decided says nothing of those who were never asked. */
function unseenWords(lead: Lead): readonly Words[] {
  const isExpired = membersOf(lead).some(({ state }) => state === "lapsed");
  return isExpired && wasNeverShown(lead)
    ? [words`It couldn't be shown to the approvers in time. It wasn't denied.`]
    : [];
}

/** That something has happened for which they should look: what, and how all of it stands. */
export function batchPing(lead: Lead, steps: readonly Step[]): Message {
  return {
    text: textOf(titleWords(lead)),
    blocks: [
      ...uncutSections(batchPingLines(lead, steps)),
      ...talkNews(lead, steps),
      ...saidInNews(lead, steps),
    ],
  };
}

export const batchPingLines = (lead: Lead, steps: readonly Step[]): readonly Words[] => [
  titleWords(lead),
  ...newsLines(lead, steps),
  ...batchLines(lead, { hasAddress: true }),
];

/** One warning for all that end soon. */
export function batchWarning(lead: Lead, view: BatchView): Message | undefined {
  const ending = toWarnOf(lead, view.nowMs);
  if (ending.length === 0) return undefined;
  const firstMs = Math.min(...ending.map(({ endsAtMs = 0 }) => endsAtMs));
  const left = capital(timeLeft(firstMs - view.nowMs));
  const [only] = ending.length === 1 ? labelsOf(lead, ending) : [];
  const what = only ?? `${ending.length} VMs`;
  const title = words`⏰ ${{ strong: `${left}:` }} access to ${what} ends ${{ atMs: firstMs }}, ${{ code: lead.id }}`;
  return {
    text: textOf(
      words`${left}: access to ${vmsInText(lead)} ends ${{ atMs: firstMs }}. (${lead.id})`,
    ),
    blocks: [
      ...sections([title, AFTERWARDS]),
      ...sections(
        ending.map(
          ({ endsAtMs = 0, id, ...member }) =>
            words`${{ strong: labelOf(lead, member) }} · until ${{ atMs: endsAtMs }} · ${{ code: id }}`,
        ),
      ),
      ...sections([view.extendable === true ? EXTEND : AGAIN]),
      ...actions([
        ...(view.extendable === true ? [sharedButton(lead, "extend")] : []),
        ...(view.endsEarly ? [sharedButton(lead, "end")] : []),
      ]),
    ],
  };
}

const AFTERWARDS = words`After that, no new connections, except where other access keeps a port open. Existing sessions stay up, but one that drops can't reconnect.`;
const EXTEND = words`Need longer? ${{ strong: "Extend" }} requests more time for all of them; the end stays the same until that's approved.`;
const AGAIN = words`Need longer? Request it again.`;

/** Afterwards, without buttons that do nothing any more. */
export function foldedBatchWarning(lead: Lead): Message {
  const said = words`⏰ You were warned before the end of access to ${vmCount(lead)}, ${{ code: lead.id }}. Now: ${{ strong: batchTitle(lead).said }}.`;
  return { text: textOf(said), blocks: sections([said]) };
}
