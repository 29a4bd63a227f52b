// Characters that nobody sees, or that turn the text around them: with them a name or a reason could pass for
// another one, or for a line of ours.

/** Scripts in which joiners between two letters make a different word: Persian can't be written without. */
const JOINED =
  "\\p{sc=Arab}\\p{sc=Syrc}\\p{sc=Nkoo}\\p{sc=Deva}\\p{sc=Beng}\\p{sc=Guru}\\p{sc=Gujr}\\p{sc=Orya}" +
  "\\p{sc=Taml}\\p{sc=Telu}\\p{sc=Knda}\\p{sc=Mlym}\\p{sc=Sinh}\\p{sc=Khmr}";

/**
 * Emoji are made of such characters, and so are words of some scripts: those come first, and are left alone.
 * Half a surrogate pair counts as hidden, since it can't be sent on; line breaks and tabs don't.
 * Source: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const SEEN_OR_HIDDEN =
  `(?=\\p{Emoji})\\p{RGI_Emoji}|\\p{Emoji}[\\uFE0E\\uFE0F]|(?<=[${JOINED}]\\p{M}*)[\\u200C\\u200D](?=[${JOINED}])|` +
  "(?<hidden>(?![\\t\\n\\r])\\p{Cc}|\\p{Cs}|\\p{Bidi_Control}|\\p{Default_Ignorable_Code_Point}|[\\uFFF9-\\uFFFB])";

let compiled: RegExp | undefined;

/** Compiled for the first text that needs it: that takes 30 ms, which a start or a command that needs none shouldn't pay. */
const seenOrHidden = (): RegExp => (compiled ??= new RegExp(SEEN_OR_HIDDEN, "gv"));

/** Most text has nothing that could be one, which is seen at a glance. */
const PERHAPS =
  /(?![\t\n\r])\p{Cc}|[\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}]/u;

/** The first one, as Unicode writes it: `U+202E`. */
export function hiddenCharacter(text: string): string | undefined {
  if (!PERHAPS.test(text)) return undefined;
  for (const { groups } of text.matchAll(seenOrHidden())) {
    if (groups?.hidden !== undefined) return named(groups.hidden);
  }
  return undefined;
}

/** The text with everything that nobody would see written out: `⟨U+202E⟩`. */
export function withHiddenShown(text: string): string {
  if (!PERHAPS.test(text)) return text;
  let shown = "";
  let at = 0;
  for (const { index, groups } of text.matchAll(seenOrHidden())) {
    if (groups?.hidden === undefined) continue;
    shown += `${text.slice(at, index)}⟨${named(groups.hidden)}⟩`;
    at = index + groups.hidden.length;
  }
  return shown + text.slice(at);
}

const named = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
