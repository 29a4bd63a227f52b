// Cuts messages to what Slack takes of blocks in all: a limit that it doesn't document.
//
// A message of 11,341 characters was refused (https://github.com/slackapi/bolt-js/issues/2867). So the bot begins
// well below, and where Slack still answers msg_blocks_too_long, it tries with half as much.

import { isFault } from "../../../ports/fault.ts";

/** Of the blocks as JSON, whatever Slack counts. */
export const BLOCKS_CHARACTERS_MAX = 9_000;

/** With no more than this, halving again would leave nothing worth reading. */
const LEAST_CHARACTERS = 1_000;

export const isTooLong = (thrown: unknown): boolean =>
  isFault(thrown) && (thrown.code === "msg_blocks_too_long" || thrown.code === "msg_too_long");

/** Sends with at most `most` characters of blocks, and with half as many each time that Slack finds them too long. */
export async function halving<T>(send: (most: number) => Promise<T>): Promise<T> {
  for (let most = BLOCKS_CHARACTERS_MAX; ; most = Math.floor(most / 2)) {
    try {
      return await send(most);
    } catch (thrown) {
      if (!isTooLong(thrown) || most / 2 < LEAST_CHARACTERS) throw thrown;
    }
  }
}

/** Just enough of a block to shorten it. */
type AnyBlock = { type: string; text?: { type: string; text: string } };

type Sized<Block> = { readonly blocks?: Block[] };

export const sizeOf = (blocks: readonly unknown[] | undefined): number =>
  blocks === undefined ? 0 : JSON.stringify(blocks).length;

/** So much of a section is kept at least, while there are others to shorten. */
const SECTION_LEAST = 150;

/** The message with its longest sections shortened, and where that isn't enough, with later blocks left out. */
export function fitted<Block extends AnyBlock, M extends Sized<Block>>(
  message: M,
  most: number,
): M {
  const { blocks } = message;
  if (blocks === undefined || sizeOf(blocks) <= most) return message;
  const isSection = ({ type }: AnyBlock) => type === "section";
  const longest = Math.max(...blocks.map((block) => (isSection(block) ? lengthOf(block) : 0)));
  for (let each = longest; each > SECTION_LEAST; each = Math.floor(each * 0.8)) {
    const shorter = blocks.map((block) => (isSection(block) ? shortened(block, each) : block));
    if (sizeOf(shorter) <= most) return { ...message, blocks: shorter };
  }
  return { ...message, blocks: fewer(blocks, most) };
}

const lengthOf = ({ text }: AnyBlock): number => text?.text.length ?? 0;

/** The first ones that fit, and the last one where it has the buttons of the whole. */
function fewer<Block extends AnyBlock>(blocks: readonly Block[], most: number): Block[] {
  const short = blocks.map((block) => shortened(block, SECTION_LEAST));
  const last = short.at(-1);
  const tail = last?.type === "actions" ? [last] : [];
  const kept: Block[] = [];
  for (const block of short.slice(0, short.length - tail.length)) {
    if (kept.length > 0 && sizeOf([...kept, block, ...tail]) > most) break;
    kept.push(block);
  }
  return [...kept, ...tail];
}

function shortened<Block extends AnyBlock>(block: Block, most: number): Block {
  const { text } = block;
  if (block.type !== "section" || text === undefined || text.text.length <= most) return block;
  return { ...block, text: { ...text, text: cutMrkdwn(text.text, most) } };
}

const CUT = "_Shortened here._";

/** Cut so that no mention, escaped character or format is left open. */
export function cutMrkdwn(text: string, most: number): string {
  const room = Math.max(0, most - CUT.length - 3);
  let kept = text.slice(0, room);
  // Half a character, an entity, or something in angle brackets that doesn't end here.
  kept = kept
    .replace(/[\uD800-\uDBFF]$/, "")
    .replace(/&[a-z]{0,4}$/, "")
    .replace(/<[^>]*$/, "");
  const lineAt = kept.lastIndexOf("\n");
  if (lineAt > room / 2) kept = kept.slice(0, lineAt);
  const line = kept.slice(kept.lastIndexOf("\n") + 1);
  const isOpen = (mark: string) => line.split(mark).length % 2 === 0;
  const close = isOpen("`") ? "`" : isOpen("*") ? "*" : "";
  return `${kept.trimEnd()}${close}\n${CUT}`;
}
