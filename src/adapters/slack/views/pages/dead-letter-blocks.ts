// What is parked, each with the button that brings it back: for the home tab, and beside the doctor's findings. Pure.

import { channelId, parseRequestId } from "../../../../domain/text/ids.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import type { DoctorScreen, Parked } from "../../../../ports/screens/screens.ts";
import type { ParkedWork } from "../../../../ports/storage/dead-letters.ts";
import {
  actions,
  type Block,
  type Message,
  plainTextElement,
  sections,
  textOf,
} from "../blocks.ts";
import { BLOCKS_CHARACTERS_MAX, sizeOf } from "../fit-blocks.ts";
import { REQUEUE_ACTION } from "../list-action.ts";
import { inLine } from "../phrases.ts";
import { type EntryView, entryBlocks } from "./entry.ts";

const WHY_CHARACTERS_MAX = 200;

export function parkedBlocks({ count, requests, others }: Parked, view: EntryView): Block[] {
  const more = count - requests.length - others.length;
  return [
    ...requests.flatMap((entry) => entryBlocks(entry, view)),
    ...others.flatMap(othersBlocks),
    ...(more > 0
      ? sections([words`There are ${more} more: ${{ code: "jit requeue --all" }} brings all back.`])
      : []),
  ];
}

function othersBlocks(parked: ParkedWork): Block[] {
  const { member, atMs, why } = parked;
  const because = inLine(why, WHY_CHARACTERS_MAX).replace(/\.$/, "");
  const name = nameOf(parked);
  return [
    ...sections([words`⚠️ ${{ strong: "Parked" }}, since ${{ atMs }}: ${name.said}. ${because}.`]),
    ...actions([
      {
        type: "button",
        action_id: REQUEUE_ACTION,
        text: plainTextElement("Try again"),
        value: member,
        accessibility_label: `Try again: ${name.spoken}`,
      },
    ]),
  ];
}

function nameOf({ member, noticeCount }: ParkedWork): {
  readonly said: Words;
  readonly spoken: string;
} {
  const id = parseRequestId(member);
  if (id !== undefined) return { said: words`request ${{ code: id }}`, spoken: `request ${id}` };
  const channel = /^n:(\S+)/.exec(member)?.[1] ?? member;
  const count = `${noticeCount} ${noticeCount === 1 ? "notice" : "notices"}`;
  const to = /^[CG][A-Z0-9]+$/.test(channel)
    ? { channel: channelId(channel) }
    : { code: inLine(channel, 100) };
  return { said: words`${count} for ${to}`, spoken: `${count} that couldn't be sent` };
}

/** The findings, and what can be pressed below them; of very many the last findings are left out. */
export function doctorMessage(
  { lines, parked, nowMs }: DoctorScreen,
  view: Omit<EntryView, "nowMs">,
): Message {
  const buttons = parkedBlocks(parked, { ...view, nowMs });
  const text = textOf(lines[0] ?? []);
  for (let shown = lines.length; ; shown--) {
    const left = lines.length - shown;
    const rest = left === 0 ? [] : [words`… and ${left} more, which are left out here.`];
    const blocks = [...sections([...lines.slice(0, shown), ...rest]), ...buttons];
    if (shown <= 1 || sizeOf(blocks) <= BLOCKS_CHARACTERS_MAX) return { text, blocks };
  }
}
