// A change of JIT policies as a message, with the buttons that apply or drop its preview. Pure.

import { changeWords } from "../../../../domain/policies/change-words.ts";
import type { Change } from "../../../../domain/policies/policy-change.ts";
import {
  actions,
  type Button,
  type Message,
  plainTextElement,
  sections,
  textOf,
} from "../blocks.ts";
import { BLOCKS_CHARACTERS_MAX, sizeOf } from "../fit-blocks.ts";
import { APPLY_ACTION, DROP_ACTION } from "../list-action.ts";

/** Read on a phone; of more, the audit and the command line tell. */
const POLICIES_MAX = 12;

/** Of as many policies as fit into this many characters of blocks; at least one. */
export function changeMessage(change: Change, charactersMax = BLOCKS_CHARACTERS_MAX): Message {
  for (let most = POLICIES_MAX; ; most--) {
    const message = messageOf(change, most);
    if (most === 1 || sizeOf(message.blocks) <= charactersMax) return message;
  }
}

function messageOf(change: Change, most: number): Message {
  const { short, head, policies, besides } = changeWords(change, most);
  return {
    text: textOf(short),
    blocks: [
      ...sections(head),
      ...(policies.length === 0 ? [] : sections(policies)),
      ...(besides.length === 0 ? [] : sections(besides)),
      ...actions(change.state === "preview" && policies.length > 0 ? buttons(change) : []),
    ],
  };
}

const buttons = ({ id, verb }: Change): readonly Button[] => [
  {
    type: "button",
    action_id: APPLY_ACTION,
    text: plainTextElement("Apply"),
    value: id,
    style: verb === "disable" ? "danger" : "primary",
    accessibility_label: "Apply: this change of just-in-time access",
  },
  {
    type: "button",
    action_id: DROP_ACTION,
    text: plainTextElement("Cancel"),
    value: id,
    accessibility_label: "Cancel: nothing is changed",
  },
];
