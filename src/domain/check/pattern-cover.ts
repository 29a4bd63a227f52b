// Whether some patterns take everything that another one takes: `rg-*` takes all of `rg-prod-?`.

import { anyGlob } from "../rules/glob.ts";

/** Patterns that need more than this are told apart by no person either; then the answer is no. */
const STATES_MAX = 2_000;

/** Stands for every character that none of the patterns names. */
const OTHER = "";

/** Every text that `pattern` fits is fitted by one of `patterns`. Where that is too hard to tell: false. */
export function takeAllOf(patterns: readonly string[], pattern: string): boolean {
  if (patterns.some((one) => one === pattern || /^\*+$/.test(one))) return true;
  if (!isGlob(pattern)) return anyGlob(patterns)(pattern);
  if (!patterns.some(isGlob)) return false;
  return included(characters(pattern), patterns.map(characters));
}

const isGlob = (pattern: string): boolean => /[*?]/.test(pattern);

/** As `glob.ts` reads a pattern; several stars in a row are one. */
const characters = (pattern: string): readonly string[] =>
  Array.from(pattern.toLowerCase().replace(/\*+/g, "*"));

/** A place in one of the patterns, before its nth character. */
type Place = { readonly of: readonly string[]; readonly at: number };

/** Where a text could have come to that `pattern` may go on from `at`, and `places` in the others. */
type State = { readonly at: number; readonly places: readonly Place[] };

/**
 * Follows every way through `pattern` and, beside it, all the places in the others at which the same
 * text may be: a way to its end at which none of the others ends is a text that they don't take.
 */
function included(pattern: readonly string[], others: readonly (readonly string[])[]): boolean {
  const named = new Set(others.flat().filter((one) => one !== "*" && one !== "?"));
  const letters = [...named, OTHER];
  const waiting: State[] = [];
  const seen = new Set<string>();
  const come = (at: number, places: readonly Place[]): boolean => {
    if (places.length === 0) return false;
    // From a last star on, everything is taken.
    if (places.some(({ of, at }) => of[at] === "*" && at === of.length - 1)) return true;
    if (at === pattern.length && !places.some(({ of, at }) => at === of.length)) return false;
    const key = `${at}:${places.map((place) => `${others.indexOf(place.of)}.${place.at}`).sort()}`;
    if (!seen.has(key)) waiting.push({ at, places });
    seen.add(key);
    return seen.size <= STATES_MAX;
  };
  if (!come(0, withSkippedStars(others.map((of) => ({ of, at: 0 }))))) return false;
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const { at, places } = state;
    const wanted = pattern[at];
    if (wanted === undefined) continue;
    // A star may also stand for nothing.
    if (wanted === "*" && !come(at + 1, places)) return false;
    const next = wanted === "*" ? at : at + 1;
    const possible = wanted === "*" || wanted === "?" ? letters : [wanted];
    if (!possible.every((letter) => come(next, after(places, letter)))) return false;
  }
  return true;
}

function after(places: readonly Place[], letter: string): readonly Place[] {
  return withSkippedStars(
    places.flatMap((place) => {
      const wanted = place.of[place.at];
      if (wanted === "*") return [place];
      const fits = wanted === "?" || (wanted === letter && wanted !== undefined);
      return fits ? [{ of: place.of, at: place.at + 1 }] : [];
    }),
  );
}

/** Each place once, and behind every star that may stand for nothing. */
function withSkippedStars(places: readonly Place[]): readonly Place[] {
  const all: Place[] = [];
  const add = (place: Place): void => {
    if (all.some((one) => one.of === place.of && one.at === place.at)) return;
    all.push(place);
    if (place.of[place.at] === "*") add({ of: place.of, at: place.at + 1 });
  };
  places.forEach(add);
  return all;
}
