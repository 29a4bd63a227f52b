// The cache of everything that is read elsewhere and kept for a while: each caller says how old an answer it
// can use.

import type { Clock } from "./clock.ts";

/** Answers `key`'s value, read at most `maxAgeMs` ago; 0 reads it now. Rejects as reading does. */
export type CachedReads<Key, Value, How> = ((
  key: Key,
  maxAgeMs: number,
  how: How,
) => Promise<Value>) & {
  /** Calls from now on get what is read from now on, even if a reading is under way. */
  forget(key: Key): void;
};

/** A reading under way serves all calls within this time, even those that want it fresh. */
const JOIN_MS = 1_000;

/** A workspace may have 100,000 members; only those who take part are read. */
const KEPT_MAX = 10_000;

type Reading<Value> = { readonly sinceMs: number; readonly value: Promise<Value>; done: boolean };

/** One reading serves everybody who waits for the same key; a failed one isn't kept. */
export function cachedReads<Key, Value, How = void>(
  read: (key: Key, how: How) => Promise<Value>,
  clock: Pick<Clock, "monotonicMs">,
): CachedReads<Key, Value, How> {
  const kept = new Map<Key, Reading<Value>>();

  const start = (key: Key, how: How): Promise<Value> => {
    // The age counts from the question: the answer may be from any time since then.
    const reading = { sinceMs: clock.monotonicMs(), value: read(key, how), done: false };
    // Taken out first, so that the map stays in the order of age.
    kept.delete(key);
    kept.set(key, reading);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    const forget = (): void => {
      if (kept.get(key) === reading) kept.delete(key);
    };
    reading.value.then(() => {
      reading.done = true;
    }, forget);
    return reading.value;
  };

  const get = (key: Key, maxAgeMs: number, how: How): Promise<Value> => {
    const known = kept.get(key);
    if (known === undefined) return start(key, how);
    const ageMs = clock.monotonicMs() - known.sinceMs;
    const usable = ageMs < (known.done ? maxAgeMs : Math.max(maxAgeMs, JOIN_MS));
    return usable ? known.value : start(key, how);
  };
  return Object.assign(get, { forget: (key: Key): void => void kept.delete(key) });
}
