// Waits for something no longer than it may take.

import type { Clock } from "./clock.ts";

/** What `promise` resolves with, or `"late"` after `limitMs`; the promise goes on. Rejects as it does. */
export async function within<T>(
  promise: Promise<T>,
  limitMs: number,
  { sleep }: Pick<Clock, "sleep">,
): Promise<T | "late"> {
  const settled = new AbortController();
  const late = sleep(limitMs, settled.signal).then(() => "late" as const);
  return Promise.race([promise, late]).finally(() => settled.abort(SETTLED));
}

/** A reason of its own: without one, each abort makes an error, stack trace and all. */
const SETTLED = "settled";
