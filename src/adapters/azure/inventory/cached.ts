// Asks for what hardly ever changes only now and then, so that the quota is left for the rest.

import type { Clock } from "../../../ports/clock.ts";

/** The last answer, while it is young; one that is `undefined` or a fault is not kept. */
export type Cached = <T>(what: string, ask: () => Promise<T>) => Promise<T>;

export function cached(clock: Pick<Clock, "monotonicMs">, keptMs: number): Cached {
  const kept = new Map<string, { readonly untilMs: number; readonly answer: unknown }>();
  return async <T>(what: string, ask: () => Promise<T>) => {
    const nowMs = clock.monotonicMs();
    const before = kept.get(what);
    // What is kept under a name is what was asked for by that name.
    if (before !== undefined && nowMs < before.untilMs) return before.answer as T;
    const answer = await ask();
    if (answer !== undefined) kept.set(what, { untilMs: nowMs + keptMs, answer });
    return answer;
  };
}
