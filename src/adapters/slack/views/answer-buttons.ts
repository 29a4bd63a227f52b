// The buttons below what is said to one person: the next step, without typing it. Pure.

import { plainName } from "../../../domain/text/plain-text.ts";
import type { AnswerButton } from "../../../ports/inbound.ts";
import { type Button, plainTextElement } from "./blocks.ts";
import {
  ASK_ACTION,
  ASK_OTHERS_ACTION,
  insteadAction,
  LIST_BACK_ACTION,
  LIST_MORE_ACTION,
  VALUE_CHARACTERS_MAX,
} from "./list-action.ts";

/** None that Slack wouldn't take: of a request that is made by one, nothing that was typed is left out. */
export const answerButtons = (all: readonly AnswerButton[]): readonly Button[] =>
  all
    .map(answerButton)
    .filter(({ value }) => value === undefined || value.length <= VALUE_CHARACTERS_MAX);

const answerButton = (one: AnswerButton, n: number): Button => {
  switch (one.does) {
    case "form":
      return made({
        action_id: ASK_ACTION,
        label: "Request access",
        value: one.text ?? "form",
        isMain: true,
      });
    case "ask-others":
      return made({
        action_id: ASK_OTHERS_ACTION,
        label: "Ask them now",
        value: shortened(one.text),
      });
    case "instead":
      return made({
        action_id: insteadAction(n),
        label: plainName(one.label, LABEL_CHARACTERS_MAX),
        value: one.text,
      });
    case "help": {
      const isAll = one.topic === "all";
      return made({
        action_id: isAll ? LIST_MORE_ACTION : LIST_BACK_ACTION,
        label: isAll ? "All commands" : "Commands for admins",
        value: `1 help ${one.topic}`,
      });
    }
  }
};

/** Slack's. */
const LABEL_CHARACTERS_MAX = 75;

/**
 * A command that is too long for a button ends with its reason, which is cut; never within an escaped character, and
 * never before it: of the VMs it names, none is left out.
 */
function shortened(command: string): string {
  if (command.length <= VALUE_CHARACTERS_MAX) return command;
  const cut = command
    .slice(0, VALUE_CHARACTERS_MAX - 1)
    .replace(/[&<][^;>]*$|[\uD800-\uDBFF]$/, "");
  return /\sfor\s/i.test(cut) ? `${cut}…` : command;
}

type Made = {
  readonly action_id: string;
  readonly label: string;
  readonly value: string;
  readonly isMain?: true;
};

const made = ({ action_id, label, value, isMain }: Made): Button => ({
  type: "button",
  action_id,
  text: plainTextElement(label),
  value,
  accessibility_label: label,
  ...(isMain === true && { style: "primary" as const }),
});
