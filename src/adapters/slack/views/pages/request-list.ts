// A page of a list of requests, with the buttons that fit each and those that turn the pages. Pure.

import { words } from "../../../../domain/text/words.ts";
import type { ListScreen } from "../../../../ports/screens/screens.ts";
import { actions, type Block, type Message, sections, textOf } from "../blocks.ts";
import { type EntryView, entryBlocks } from "./entry.ts";
import { paging } from "./paging.ts";

export function listMessage(screen: ListScreen, view: Omit<EntryView, "nowMs">): Message {
  const { heading, page, entries, note, nowMs } = screen;
  const title = `${heading}${page > 1 ? `, page ${page}` : ""}`;
  const blocks: Block[] = [
    ...sections([entries.length === 0 ? (note ?? words`${title}`) : words`${{ strong: title }}`]),
    ...entries.flatMap((entry) => entryBlocks(entry, { ...view, nowMs })),
    ...(entries.length === 0 || note === undefined ? [] : sections([note])),
    ...actions(paging(screen)),
  ];
  const counted =
    entries.length === 0 ? (note ?? words`${title}`) : words`${title}: ${entries.length}`;
  return { text: textOf(counted), blocks };
}
