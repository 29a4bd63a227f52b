// Renders what is said to one person as the text of a message, and as blocks where it is too long for one.

import type { types } from "@slack/bolt";
import type { Words } from "../../../request/words.ts";
import { mrkdwnPieces } from "../out/mrkdwn.ts";
import { screenMessage } from "../out/screen.ts";

/** A section's limit: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const CHARACTERS_MAX = 3_000;
/** Nobody reads more than this in a private answer; a message takes 50. */
const SECTIONS_MAX = 10;

export type PrivateText = {
  readonly text: string;
  readonly blocks?: (types.SectionBlock | ReturnType<typeof screenMessage>["blocks"][number])[];
};

export const privateScreen: (...args: Parameters<typeof screenMessage>) => PrivateText =
  screenMessage;

export function privateText(lines: readonly Words[]): PrivateText {
  const chunks = pack(lines.flatMap((line) => mrkdwnPieces(line, CHARACTERS_MAX)));
  const [first = "", ...more] = chunks;
  if (more.length === 0) return { text: first };
  const shown = chunks.slice(0, SECTIONS_MAX);
  if (chunks.length > SECTIONS_MAX) shown[SECTIONS_MAX - 1] = "… and more, which is left out here.";
  return { text: first, blocks: shown.map(section) };
}

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

const section = (text: string): types.SectionBlock => ({
  type: "section",
  text: { type: "mrkdwn", text },
  // Else Slack folds long ones up.
  expand: true,
});
