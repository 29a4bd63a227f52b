// A page of a list of requests, with the buttons that fit each and those that turn the pages. Pure.

import type { ListScreen } from "../../../ports/screens.ts";
import { words } from "../../../request/words.ts";
import { LIST_BACK_ACTION, LIST_MORE_ACTION } from "../list-action.ts";
import {
  actions,
  type Block,
  type Button,
  type Message,
  plainText,
  sections,
  textOf,
} from "./blocks.ts";
import { type EntryView, entryBlocks } from "./entry.ts";

export function listMessage(screen: ListScreen, view: Omit<EntryView, "nowMs">): Message {
  const { heading, page, entries, note, nowMs } = screen;
  const title = `${heading}${page > 1 ? `, page ${page}` : ""}`;
  const blocks: Block[] = [
    ...sections([entries.length === 0 ? (note ?? words`${title}`) : words`${{ strong: title }}`]),
    ...entries.flatMap((entry) => entryBlocks(entry, { ...view, nowMs })),
    ...(entries.length === 0 || note === undefined ? [] : sections([note])),
    ...actions(turning(screen)),
  ];
  const counted =
    entries.length === 0 ? (note ?? words`${title}`) : words`${title}: ${entries.length}`;
  return { text: textOf(counted), blocks };
}

function turning({ page, isMore, asked }: ListScreen): readonly Button[] {
  const to = (target: number, text: string, action_id: string): Button => ({
    type: "button",
    action_id,
    text: plainText(text),
    value: `${target} ${asked}`,
    accessibility_label: `${text}: page ${target} of the list`,
  });
  return [
    ...(page > 1 ? [to(page - 1, "Back", LIST_BACK_ACTION)] : []),
    ...(isMore ? [to(page + 1, "More", LIST_MORE_ACTION)] : []),
  ];
}
