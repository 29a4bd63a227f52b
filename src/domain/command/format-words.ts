// Writes the words of a command as a person would type them, so that the same is read from them again.

import { withoutPunctuation } from "./parts/duration-at.ts";
import { wordAt } from "./word-reader.ts";

/** What there is, a space between. */
export const joined = (...texts: readonly (string | number | undefined)[]): string =>
  texts.filter((text) => text !== undefined && text !== "").join(" ");

/** The text as one word, in quotes where it would be read as something else without. */
export function asWord(text: string): string {
  const quoted = [`"${text}"`, `'${text}'`, `\`${text}\``];
  const safe = withoutPunctuation(text) === text && text.toLowerCase() !== "for";
  const spellings = safe ? [text, ...quoted] : quoted;
  return spellings.find((spelling) => readsAs(spelling, text)) ?? text;
}

function readsAs(spelling: string, text: string): boolean {
  const read = wordAt(spelling, 0);
  return read?.text === text && read.end === spelling.length;
}
