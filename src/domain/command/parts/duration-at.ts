// Finds a duration of several words within a command: `2 hours`, `1 h 30 min`.

import { parseDuration } from "../../text/duration.ts";
import { keyword, wordAt } from "../word-reader.ts";

/** A duration as spelled, and where in the text it ends. */
export type SpelledDuration = { readonly spelled: string; readonly end: number };

/** `1 hour 30 minutes` is the longest spelling. */
const WORDS_MAX = 4;

/** Units that people write and that have no fixed length, or are no use here. */
const WRONG_UNIT = /^(?:y|yrs?|years?|mo|months?|quarters?|fortnights?|decades?|ms|milliseconds?)$/;

/** Answers the longest duration that begins at `at`, without punctuation behind it. */
export function durationAt(text: string, at: number): SpelledDuration | undefined {
  let spelled = "";
  let longest: SpelledDuration | undefined;
  let word = wordAt(text, at);
  for (let count = 0; count < WORDS_MAX && word !== undefined; count++) {
    spelled += ` ${word.text}`;
    const bare = withoutPunctuation(spelled.trimStart());
    if (parseDuration(bare) !== undefined) longest = { spelled: bare, end: word.end };
    word = wordAt(text, word.end);
  }
  return longest;
}

/**
 * Answers what was probably meant as a duration and is none: `2 years`, `-1h`, `1h30`, `P1Y`. A
 * bare number is taken for one only where `numbersCount`, because elsewhere it may be a port.
 */
export function misspelledDurationAt(
  text: string,
  at: number,
  numbersCount: boolean,
): string | undefined {
  const word = wordAt(text, at);
  if (word === undefined || word.quoted) return undefined;
  const first = withoutPunctuation(word.text);
  const second = withoutPunctuation(keyword(wordAt(text, word.end)));
  if (/^[-+]?\d+(?:\.\d+)?$/.test(first)) {
    const unit = WRONG_UNIT.test(second) || parseDuration(`1 ${second}`) !== undefined;
    if (unit) return `${first} ${second}`;
    return numbersCount ? first : undefined;
  }
  return /^[-+]?(?:\d+(?:\.\d+)?[a-z]|p(?:t\d|\d+[a-z]))/i.test(first) ? first : undefined;
}

/** Commas and full stops between the parts of a command are how people write sentences. */
export function withoutPunctuation(text: string): string {
  let end = text.length;
  while (end > 0 && ",;.:!?)".includes(text[end - 1] ?? "")) end -= 1;
  return text.slice(text.startsWith(",") ? 1 : 0, end);
}
