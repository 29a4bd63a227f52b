// The names nearest to what was typed, for "did you mean".

import { distance as editDistance } from "fastest-levenshtein";

/** Names that contain what was typed, or are a few letters away from it; nearest first. */
export function nearest(typed: string, names: Iterable<string>, most: number): readonly string[] {
  const wanted = typed.toLowerCase().slice(0, NAME_MAX);
  const tolerated = Math.max(1, Math.floor(wanted.length / 3));
  const scored: { name: string; score: number }[] = [];
  for (const name of names) {
    const score = distance(wanted, name.toLowerCase(), tolerated);
    if (score !== undefined) scored.push({ name, score });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, most).map((one) => one.name);
}

/** Of this few letters, another one in place of one of them makes another word; so does what stands around them. */
const SHORT_WORD_MAX = 3;

/** The one of a few known words that was probably meant; a word that only looks like one is none. */
export function nearestWord(typed: string, known: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  const isShort = wanted.length <= SHORT_WORD_MAX;
  return nearest(typed, known, known.length).find(
    (name) =>
      !isShort ||
      name.startsWith(wanted) ||
      (name.length === wanted.length ? areSwapped(wanted, name) : !name.includes(wanted)),
  );
}

/** VM names have at most 64 characters; more of what was typed says nothing. */
const NAME_MAX = 64;

/** The very name counts nothing, containing it half a letter; `undefined`: too far. */
function distance(wanted: string, name: string, tolerated: number): number | undefined {
  if (wanted === "") return undefined;
  if (wanted === name) return 0;
  if (wanted.length >= 2 && name.includes(wanted)) return 0.5;
  if (Math.abs(wanted.length - name.length) > tolerated) return undefined;
  if (areSwapped(wanted, name)) return 1;
  const edits = editDistance(wanted, name);
  return edits <= tolerated ? edits : undefined;
}

/** Two neighbours in each other's place are one slip of the fingers, though two edits. */
function areSwapped(wanted: string, name: string): boolean {
  if (wanted.length !== name.length) return false;
  const at = [...wanted].findIndex((letter, index) => letter !== name[index]);
  const swapped = `${wanted[at + 1]}${wanted[at]}`;
  return at >= 0 && wanted.slice(0, at) + swapped + wanted.slice(at + 2) === name;
}
