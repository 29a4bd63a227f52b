// Nonces that were seen: an entry that is copied, mark and all, is found out by its own. Pure, but for what it remembers.

import { HOUR_MS } from "../text/duration.ts";
import { MADE_WITHIN_MS, madeAtMs } from "./writer-mark.ts";

/** Answers which earlier entry has this nonce, and remembers it. */
export type Nonces = (seq: number, nonce: string) => number | undefined;

/** A copy can't be younger than this, and what is made later is soon all that comes. */
const HOURS_KEPT = 2 * Math.ceil(MADE_WITHIN_MS / HOUR_MS) + 2;

export function createNonces(): Nonces {
  const byHour = new Map<number, Map<string, number>>();
  return (seq, nonce) => {
    const hour = Math.floor(madeAtMs(nonce) / HOUR_MS);
    const its = byHour.get(hour) ?? new Map<string, number>();
    if (!byHour.has(hour)) {
      byHour.set(hour, its);
      const oldest = Math.min(...byHour.keys());
      if (byHour.size > HOURS_KEPT) byHour.delete(oldest);
    }
    const before = its.get(nonce);
    if (before === undefined) its.set(nonce, seq);
    return before === seq ? undefined : before;
  };
}
