// The home tab: what is open, what waits, for whom, and a button to ask. Pure; within Slack's hundred blocks.

import { type Words, words } from "../../../../domain/text/words.ts";
import type { Home, HomeScreen, Some } from "../../../../ports/screens/screens.ts";
import { actions, type Block, type Button, header, plainTextElement, sections } from "../blocks.ts";
import { ASK_ACTION } from "../list-action.ts";
import { frozenLine } from "../phrases.ts";
import { parkedBlocks } from "./dead-letter-blocks.ts";
import { type EntryView, entryBlocks } from "./entry.ts";
import { recentBlocks } from "./recent.ts";

export type HomeTab = { type: "home"; blocks: Block[] };

export function homeTab(home: Home, view: Omit<EntryView, "nowMs">): HomeTab {
  const blocks = home.screen === "closed" ? sections([home.say]) : openTab(home, view);
  return { type: "home", blocks };
}

const ASK: Button = {
  type: "button",
  action_id: ASK_ACTION,
  text: plainTextElement("Request access"),
  style: "primary",
  accessibility_label: "Request access to a VM (opens the form)",
};

function openTab(home: HomeScreen, view: Omit<EntryView, "nowMs">): Block[] {
  const { open, pending, toDecide, toReview, everything, nowMs } = home;
  const part = (title: string, some: Some, more: Words): Block[] =>
    some.entries.length === 0
      ? []
      : [
          header(title),
          ...some.entries.flatMap((entry) => entryBlocks(entry, { ...view, nowMs })),
          ...(some.isMore ? sections([more]) : []),
        ];
  const above = [
    ...frozenPart(home),
    ...actions([ASK]),
    ...sections([idle(home)]),
    ...part("Needs your decision", toDecide, listedBy("pending")),
    ...part("Needs your review", toReview, words`There are more; they appear as you close these.`),
    ...parkedPart(home, view),
    ...part("Your active access", open, listedBy("mine")),
    ...part("Your pending and ready requests", pending, listedBy("mine")),
  ];
  const below = [
    ...(everything === undefined
      ? []
      : part("Other people's access", everything, listedBy("open"))),
    ...sections([words`Updated ${{ atMs: nowMs }}.`]),
  ];
  const room = BLOCKS_MAX - above.length - below.length;
  return [...above, ...recentPart(home.recent, room), ...below];
}

/** Source: https://docs.slack.dev/reference/surfaces/app-home */
const BLOCKS_MAX = 100;

/** A short cut, which makes way for what somebody waits for. */
function recentPart(recent: HomeScreen["recent"], room: number): Block[] {
  const shown = recent.slice(0, Math.max(0, room - 1)).flatMap(recentBlocks);
  return shown.length === 0 ? [] : [header("Request again"), ...shown];
}

const frozenPart = ({ frozen }: HomeScreen): Block[] =>
  frozen === undefined ? [] : sections([frozenLine(frozen)]);

function parkedPart({ parked, nowMs }: HomeScreen, view: Omit<EntryView, "nowMs">): Block[] {
  if (parked === undefined || parked.count === 0) return [];
  const title = header(`Parked after an error: ${parked.count}`);
  return [title, ...parkedBlocks(parked, { ...view, nowMs })];
}

const listedBy = (filter: string): Words =>
  words`There are more: ${{ code: `/jit list ${filter}` }} lists them.`;

function idle({ open, pending, toDecide, toReview }: HomeScreen): Words {
  const own = open.entries.length + pending.entries.length;
  const others = toDecide.entries.length + toReview.entries.length;
  if (own > 0) return [];
  const nothing = words`You have no open or pending requests.`;
  return others > 0
    ? nothing
    : words`${nothing} Request access to a VM here, or with ${{ code: "/jit" }} in any channel.`;
}
