// Finds a request's cards among thousands of messages, by the metadata that Slack keeps with them.

import type { Message } from "../../../src/sandbox/slack/slack-workspace.ts";
import type { SimulatedSlack } from "../../../src/sandbox/slack/start.ts";

export type Cards = {
  ids(): readonly string[];
  /** All messages that are cards of the request, the oldest first. */
  of(id: string): readonly Message[];
  /** The request whose card has a text in it that nobody else typed. */
  withText(text: string): string | undefined;
};

/** The text that a life types as its reason. */
const TOKEN = /life-\d+-\d+/;

export function indexCards({ world }: Pick<SimulatedSlack, "world">): Cards {
  const cards = new Map<string, Set<Message>>();
  const tokens = new Map<string, string>();
  world.changes.listen(({ kind, channel, ts }) => {
    if (kind !== "message" || channel === undefined || ts === undefined) return;
    const message = world.messagesByTs.get(`${channel} ${ts}`);
    const id = message?.metadata?.event_payload.id;
    if (message === undefined || typeof id !== "string") return;
    const known = cards.get(id) ?? new Set();
    cards.set(id, known.add(message));
    const token = TOKEN.exec(JSON.stringify(message.blocks))?.[0];
    if (token !== undefined && !tokens.has(token)) tokens.set(token, id);
  });
  return {
    ids: () => [...cards.keys()],
    of: (id) => [...(cards.get(id) ?? [])],
    withText: (text) => tokens.get(text),
  };
}

/** DESIGN's words for the states, the one that Expired replaced, and that of what a batch was stopped before. */
const STATE =
  /\b(Not requested|Pending|Ready|Opening|Open|Ending|Ended|Failed|Denied|Cancelled|Expired|Lapsed)\b/;

function stateIn(text: string): string {
  const said = STATE.exec(text)?.[1] ?? "";
  return said === "Lapsed" ? "Expired" : said;
}

/** An edit brings other blocks: so long a card says the same. */
const known = new WeakMap<Message["blocks"], string>();

/** The state that a card's first block names; empty where it names none. */
export function stateOf(card: Message | undefined): string {
  if (card === undefined) return "";
  const before = known.get(card.blocks);
  if (before !== undefined) return before;
  const state = stateIn(JSON.stringify(card.blocks[0] ?? ""));
  known.set(card.blocks, state);
  return state;
}

export type Line = { readonly id: string; readonly state: string; readonly text: string };

/** The title of a card of one VM has an arrow before it. */
const LINE_OF_SEVERAL = /^[^→\n]*\bvm-[\w-]+ · .*(JIT-[0-9A-Z]{6})$/gm;

/** What a message says of each of several VMs, by its text; empty where it is about one. */
export const linesOf = (text: string): readonly Line[] =>
  [...text.matchAll(LINE_OF_SEVERAL)].map(([line, id = ""]) => ({
    id,
    state: stateIn(line),
    text: line,
  }));

export const FINAL: ReadonlySet<string> = new Set([
  "Ended",
  "Failed",
  "Denied",
  "Cancelled",
  "Expired",
  "Not requested",
]);

/** The action ids of all buttons on a message. */
export const buttonsOf = (message: Message): readonly string[] =>
  [...JSON.stringify(message.blocks).matchAll(/"action_id":"([^"]+)"/g)].map(
    ([, actionId = ""]) => actionId,
  );

/** Why there is no card, as the requester is told: of several VMs, beside all of them. */
export const OVER_UNSEEN = /Cancelled|couldn't be shown to the approvers/;
