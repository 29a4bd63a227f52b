// Ending everything at once as a message: what it would end, how far it is, and what it couldn't end. Pure.

import {
  type EndAll,
  intentWords,
  type NotEnded,
  outcomeWords,
  unreadableWords,
} from "../../../../domain/brake/end-all.ts";
import { commandWords } from "../../../../domain/command/command-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import {
  actions,
  type Button,
  type Message,
  plainTextElement,
  sections,
  textOf,
} from "../blocks.ts";
import { APPLY_ACTION, DROP_ACTION } from "../list-action.ts";
import { inLine } from "../phrases.ts";

export function endAllMessage(endAll: EndAll): Message {
  const head = headline(endAll);
  const isPreview = endAll.state === "preview";
  return {
    text: textOf(head),
    blocks: [
      ...sections([
        head,
        ...(isPreview ? previewLines(endAll) : failedLines(endAll.failed ?? [])),
        ...(endAll.state === "dropped" ? [] : unreadableWords(endAll.unreadable)),
      ]),
      ...actions(isPreview ? buttons(endAll) : []),
    ],
  };
}

function headline(endAll: EndAll): Words {
  const { state, asked, failed = [] } = endAll;
  const command = commandWords(asked);
  const { closed, closing, unopened } = outcomeWords(endAll);
  const left = closing === 0 ? "" : `; ${closing} closing`;
  const seen = closed === undefined ? [] : [`${closed}, seen in Azure${left}`];
  const so = [...seen, ...unopened].map((part) => ` ${part}.`).join("");
  switch (state) {
    case "preview":
      return words`${{ strong: "Preview: nothing has ended yet." }} ${command} ${intentWords(endAll)}.`;
    case "ending":
      return words`${command}:${so}${couldNot(failed.length)}`;
    case "over":
      return words`${command} is done:${so}${couldNot(failed.length)}`;
    case "dropped":
      return words`${command} was cancelled: nothing was ended.`;
  }
}

const couldNot = (count: number): string => (count === 0 ? "" : ` ${count} couldn't be ended:`);

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

function previewLines({ peopleCount, vmCount, breakGlassCount }: EndAll): readonly Words[] {
  const people = peopleCount === 1 ? "1 person" : `${peopleCount} people`;
  return [
    words`They belong to ${people}, on ${counted(vmCount, "VM")}.${breakGlassCount === 0 ? "" : ` ${breakGlassCount} by break-glass.`} Each is told who ended it. Existing sessions stay connected.`,
    words`What opens after this preview isn't ended. While access is frozen (${{ code: "/jit freeze" }}), only break-glass opens.`,
  ];
}

/** Read on a phone; the audit log has all. */
const NAMED_MAX = 30;
const WHY_CHARACTERS_MAX = 150;

function failedLines(failed: readonly NotEnded[]): readonly Words[] {
  const named = failed.slice(0, NAMED_MAX).map(({ id, requester, vm, why }) => {
    const whose = requester === undefined ? [] : words` ${{ user: requester }}`;
    const where = vm === undefined ? [] : words` on ${{ code: vm }}`;
    return words`• ${{ code: id }}${whose}${where}: ${inLine(why, WHY_CHARACTERS_MAX)}`;
  });
  const more = failed.length - named.length;
  return more > 0 ? [...named, words`and ${more} more, in the audit log`] : named;
}

const buttons = ({ id }: EndAll): readonly Button[] => [
  {
    type: "button",
    action_id: APPLY_ACTION,
    text: plainTextElement("Apply"),
    value: id,
    style: "danger",
    accessibility_label: "Apply: end all that was previewed",
  },
  {
    type: "button",
    action_id: DROP_ACTION,
    text: plainTextElement("Cancel"),
    value: id,
    accessibility_label: "Cancel: nothing is ended",
  },
];
