// Chance that can be repeated: the same seed draws the same numbers on every machine.

export type Random = {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Picks by weight; a weight of 0 is never picked. */
  weighted<T extends { readonly weight: number }>(from: readonly T[]): T;
  /** Another sequence, which does not disturb this one however much is drawn from it. */
  fork(name: string): Random;
};

/** Mulberry32: small, fast, and good enough to choose faults with. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick: (from) => only(from[between(0, from.length - 1)]),
    weighted: (from) => {
      let left = next() * from.reduce((sum, { weight }) => sum + weight, 0);
      return only(
        from.find(({ weight }) => {
          left -= weight;
          return weight > 0 && left < 0;
        }) ?? from.findLast(({ weight }) => weight > 0),
      );
    },
    fork: (name) => randomFrom(hashOf(`${seed} ${name}`)),
  };
}

function only<T>(picked: T | undefined): T {
  if (picked === undefined) throw new Error("there is nothing to pick from");
  return picked;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}
