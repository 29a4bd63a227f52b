// The buttons that turn the pages of what is shown to one person.

import { type Button, plainTextElement } from "../blocks.ts";
import { LIST_BACK_ACTION, LIST_MORE_ACTION } from "../list-action.ts";

/** `asked`: what the page was asked for with, by which the next one is asked for. */
export function paging(shown: {
  readonly page: number;
  readonly isMore: boolean;
  readonly asked: string;
}): readonly Button[] {
  const { page, isMore, asked } = shown;
  const to = (target: number, text: string, action_id: string): Button => ({
    type: "button",
    action_id,
    text: plainTextElement(text),
    value: `${target} ${asked}`,
    accessibility_label: `${text}: page ${target} of the list`,
  });
  return [
    ...(page > 1 ? [to(page - 1, "Back", LIST_BACK_ACTION)] : []),
    ...(isMore ? [to(page + 1, "More", LIST_MORE_ACTION)] : []),
  ];
}
