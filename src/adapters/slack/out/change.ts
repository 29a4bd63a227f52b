// A change of JIT policies as a message, with the buttons that apply or drop its preview. Pure.

import type { Change } from "../../../request/enabling/change.ts";
import { changeWords } from "../../../request/enabling/change-words.ts";
import { APPLY_ACTION, DROP_ACTION } from "../list-action.ts";
import { actions, type Button, type Message, plainText, sections, textOf } from "./blocks.ts";

export function changeMessage(change: Change): Message {
  const { short, head, policies, besides } = changeWords(change);
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
    text: plainText("Apply"),
    value: id,
    style: verb === "disable" ? "danger" : "primary",
    accessibility_label: "Apply this change of just-in-time access",
  },
  {
    type: "button",
    action_id: DROP_ACTION,
    text: plainText("Cancel"),
    value: id,
    accessibility_label: "Drop this change, nothing is changed",
  },
];
