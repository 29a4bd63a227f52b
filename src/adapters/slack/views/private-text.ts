// Renders what is said to one person as the text of a message, and as blocks where it is too long for one.

import type { SectionBlock } from "@slack/types";
import type { Words } from "../../../domain/text/words.ts";
import { actions, type Button } from "./blocks.ts";
import { BLOCKS_CHARACTERS_MAX } from "./fit-blocks.ts";
import { mrkdwnPieces } from "./mrkdwn.ts";
import { screenMessage } from "./screen.ts";

/** A section's limit: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const CHARACTERS_MAX = 3_000;
/** Of all sections; the rest is for what surrounds the texts. */
const ALL_CHARACTERS_MAX = BLOCKS_CHARACTERS_MAX - 1_000;

export type PrivateText = {
  readonly text: string;
  readonly blocks?: (SectionBlock | ReturnType<typeof screenMessage>["blocks"][number])[];
};

export const privateScreen: (...args: Parameters<typeof screenMessage>) => PrivateText =
  screenMessage;

export function privateText(lines: readonly Words[], buttons: readonly Button[] = []): PrivateText {
  const chunks = pack(lines.flatMap((line) => mrkdwnPieces(line, CHARACTERS_MAX)));
  const [first = "", ...more] = chunks;
  if (more.length === 0 && buttons.length === 0) return { text: first };
  return { text: first, blocks: [...within(chunks).map(section), ...actions(buttons)] };
}

/** The first chunks that fit a message together. */
function within(chunks: readonly string[]): readonly string[] {
  let characters = 0;
  const shown = chunks.filter((chunk) => {
    // As they are sent: a line break takes two.
    characters += JSON.stringify(chunk).length;
    return characters <= ALL_CHARACTERS_MAX;
  });
  return shown.length === chunks.length ? chunks : [...shown, LEFT_OUT];
}

const LEFT_OUT = "… and more, which is left out here.";

/** Joins pieces to as few chunks as they fit into. */
function pack(pieces: readonly string[]): string[] {
  const chunks: string[] = [];
  for (const piece of pieces) {
    const last = chunks.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= CHARACTERS_MAX) {
      chunks[chunks.length - 1] = `${last}\n${piece}`;
    } else chunks.push(piece);
  }
  return chunks;
}

const section = (text: string): SectionBlock => ({
  type: "section",
  text: { type: "mrkdwn", text, verbatim: true },
  // Else Slack folds long ones up.
  expand: true,
});
