// The few kinds of blocks that our messages are made of, always within Slack's limits.

import type {
  ActionsBlock,
  Button as AnyButton,
  HeaderBlock,
  MrkdwnElement,
  Overflow,
  PlainTextElement,
  PlainTextOption,
  SectionBlock,
} from "@slack/types";
import { withHiddenShown } from "../../../domain/text/hidden-characters.ts";
import { type Words, words } from "../../../domain/text/words.ts";
import { escapeMrkdwn, mrkdwn, mrkdwnPieces } from "./mrkdwn.ts";

/** What is seldom wanted, behind three dots: two to five choices. */
export type Menu = Overflow & {
  action_id: string;
  options: (PlainTextOption & { value: string })[];
};

/** A button that the app knows by its action, and that says to a screen reader what it does. */
export type Button = AnyButton & { action_id: string; accessibility_label: string };

export type Block =
  | HeaderBlock
  | (SectionBlock & { text: MrkdwnElement; accessory?: Button })
  | (ActionsBlock & { elements: (Button | Menu)[] });

type Section = Extract<Block, { type: "section" }>;

/** `text` is what notifications and screen readers say: the essential alone. */
export type Message = { text: string; blocks: Block[] };

/** Source: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const SECTION_CHARACTERS_MAX = 3_000;

/** chat.update takes 4,000 characters, chat.postMessage more; notifications show far fewer. */
const TEXT_CHARACTERS_MAX = 1_000;

export const plainTextElement = (text: string): PlainTextElement => ({
  type: "plain_text",
  text: withHiddenShown(text),
  emoji: true,
});

/** Only for words of our own: what somebody else named is escaped in sections. */
export const header = (text: string): Block => ({ type: "header", text: plainTextElement(text) });

/** `verbatim`: Slack makes no links and mentions of its own out of what looks like one. */
const section = (text: string): Section => ({
  type: "section",
  text: { type: "mrkdwn", text, verbatim: true },
});

export const actions = (elements: readonly (Button | Menu)[]): Block[] =>
  elements.length === 0 ? [] : [{ type: "actions", elements: [...elements] }];

/** Sentences beneath each other, in as few sections as hold them. */
export function sections(lines: readonly Words[], most = SECTION_CHARACTERS_MAX): Block[] {
  const pieces = lines.flatMap((line) => mrkdwnPieces(line, SECTION_CHARACTERS_MAX));
  return packed(pieces, most).map(section);
}

/** Where a message is too long, its longest sections are cut first: what must not be cut is in several short ones. */
const SHORT_SECTION_CHARACTERS = 1_200;
/** The more there is of it, the more the others have to give. */
const SHORTER_SECTION_CHARACTERS = 600;
const SHORT_SECTIONS_MAX = 3;

export function uncutSections(lines: readonly Words[]): Block[] {
  const short = sections(lines, SHORT_SECTION_CHARACTERS);
  return short.length <= SHORT_SECTIONS_MAX ? short : sections(lines, SHORTER_SECTION_CHARACTERS);
}

/** Sentences with a button beside them. */
export function withButton(lines: readonly Words[], beside: Button): Block[] {
  const [first, ...rest] = packed(lines.map((line) => mrkdwn(line)));
  if (first === undefined) return [];
  return [{ ...section(first), accessory: beside }, ...rest.map(section)];
}

/** The last of the sentences, as many as fit together; says how many earlier ones are left out. */
export function lastFitting(lines: readonly Words[]): readonly Words[] {
  let from = lines.length;
  let characters = 0;
  while (from > 0) {
    characters += mrkdwn(lines[from - 1] ?? []).length + 1;
    if (characters > SECTION_CHARACTERS_MAX && from < lines.length) break;
    from--;
  }
  return from === 0 ? lines : [words`… ${from} more before that`, ...lines.slice(from)];
}

/** A sentence as the text beside blocks; a longer one is cut. */
export const textOf = (sentence: Words): string =>
  mrkdwnPieces(sentence, TEXT_CHARACTERS_MAX)[0] ?? "";

/**
 * Two sections hold 1,000 characters, whatever they become when escaped: at most five for one.
 * A message with more than one quote gives the others one: what is too much in all is cut by `fit-blocks.ts`.
 */
export const QUOTE_SECTIONS = { whole: 2, beside: 1 } as const;

const QUOTE_MARK = "> ";
const CUT = "_Shortened here._";
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/**
 * What somebody typed, verbatim, under a heading: every line is quoted, so that no line break
 * leaves the quote, and it is in sections of its own, so that no format reaches beyond it.
 */
export function quote(
  heading: Words,
  text: string,
  sectionsMax: number = QUOTE_SECTIONS.whole,
): Block[] {
  const quoted = [mrkdwn(heading)];
  const add = (more: string, begin: string): void => {
    const last = quoted.length - 1;
    const room = SECTION_CHARACTERS_MAX - (quoted[last]?.length ?? 0);
    if (more.length <= room) quoted[last] += more;
    else quoted.push(begin);
  };
  for (const line of withHiddenShown(text).split(LINE_BREAK)) {
    add(`\n${QUOTE_MARK}`, QUOTE_MARK);
    for (const point of line) {
      const escaped = escapeMrkdwn(point);
      add(escaped, QUOTE_MARK + escaped);
    }
  }
  const shown = quoted.slice(0, sectionsMax);
  return [...shown, ...(shown.length < quoted.length ? [CUT] : [])].map(section);
}

/** Joins pieces by line breaks into texts that fit a section each. */
function packed(pieces: readonly string[], most = SECTION_CHARACTERS_MAX): readonly string[] {
  const texts: string[] = [];
  for (const piece of pieces) {
    const last = texts.at(-1);
    if (last === undefined || last.length + 1 + piece.length > most) {
      texts.push(piece);
    } else {
      texts[texts.length - 1] = `${last}\n${piece}`;
    }
  }
  return texts;
}
