// Reads a command word by word, as phones write it: curly quotes, odd spaces, long dashes.

/** One word of a text; `text.slice(start, end)` is what was typed. */
export type Word = {
  readonly text: string;
  /** Quoted words are never keywords. */
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
};

/** Quotes that close each other, because people mix what phones make of them. */
const QUOTES = ['"“”„‟', "'‘’‚‛", "`"];

/**
 * Answers the first word at or after `at`, or `undefined` at the end. A quote opens a quoted piece
 * at the start of a word and after `:` and `=` (`tag:team="a b"`); one that never closes is a
 * character like any other. Outside quotes invisible characters are dropped, and all dashes
 * become `-`.
 */
export function wordAt(text: string, at: number): Word | undefined {
  let start = at;
  while (start < text.length) {
    while (start < text.length && isSpace(text, start)) start += 1;
    const word = readWord(text, start);
    if (word.text !== "" || word.quoted) return word;
    start = word.end;
  }
  return undefined;
}

/** The word in lower case, to be compared with keywords; empty for a quoted word and for none. */
export const keyword = (word: Word | undefined): string =>
  word === undefined || word.quoted ? "" : word.text.toLowerCase();

function readWord(text: string, start: number): Word {
  let read = "";
  let quoted = false;
  let end = start;
  // After a quote that never closes none is looked for: searching again and again would be slow.
  let quotesMatter = true;
  while (end < text.length && !isSpace(text, end)) {
    const quotes: string | undefined = quotesMatter ? openingQuotes(text, end, start) : undefined;
    const close = quotes === undefined ? undefined : closing(text, end + 1, quotes);
    if (close !== undefined) {
      read += text.slice(end + 1, close).replace(/\s/g, " ");
      quoted = true;
      end = close + 1;
    } else {
      quotesMatter &&= quotes === undefined;
      const next = pieceEnd(text, end);
      read += tidy(text.slice(end, next));
      end = next;
    }
  }
  return { text: read, quoted, start, end };
}

/** Where the unquoted piece at `at` ends: before a space, or where quotes may follow. */
function pieceEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isSpace(text, end)) {
    end += 1;
    if (quotesMayFollow(text[end - 1])) break;
  }
  return end;
}

const isSpace = (text: string, at: number): boolean => /\s/.test(text[at] ?? "");

const quotesMayFollow = (character: string | undefined): boolean =>
  character === ":" || character === "=";

function openingQuotes(text: string, at: number, start: number): string | undefined {
  if (at !== start && !quotesMayFollow(text[at - 1])) return undefined;
  return QUOTES.find((quotes) => quotes.includes(text[at] ?? " "));
}

/** A quote closes only where a word may end, so that `'Bob's team'` is one piece. */
function closing(text: string, from: number, quotes: string): number | undefined {
  const close = new RegExp(`[${quotes}](?=[\\s=]|$)`, "g");
  close.lastIndex = from;
  return close.exec(text)?.index;
}

// Formatting characters (zero-width spaces, direction marks) come unseen with copied text.
const tidy = (text: string): string =>
  text.replace(/\p{Cf}/gu, "").replace(/[\u2010-\u2015\u2212]/g, "-");
