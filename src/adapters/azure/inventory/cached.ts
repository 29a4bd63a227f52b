// Asks for what hardly ever changes only now and then, so that the quota is left for the rest.

import { cachedReads } from "../../../ports/cached-reads.ts";
import type { Clock } from "../../../ports/clock.ts";

/** The last answer, while it is young; one that is `undefined` or a fault isn't kept. */
export type Cached = <T>(what: string, ask: () => Promise<T>) => Promise<T>;

export function cached(clock: Pick<Clock, "monotonicMs">, keptMs: number): Cached {
  const reads = cachedReads((_: string, ask: () => Promise<unknown>) => ask(), clock);
  return async <T>(what: string, ask: () => Promise<T>) => {
    const answer = await reads(what, keptMs, ask);
    if (answer === undefined) reads.forget(what);
    // What is kept under a name is what was asked for by that name.
    return answer as T;
  };
}
