// Whose shift it is at a moment, and until when they are on call without a gap. Pure.

import type { Shift } from "./rota.ts";

export type Due = {
  readonly address: string;
  /** Left out: no end is known. */
  readonly untilMs?: number;
};

/**
 * Everybody on call at that moment, each once, by address. The first moment of a shift belongs to it, the last
 * doesn't: at a handover one person is on call, not two.
 */
export function onCallAt(shifts: readonly Shift[], atMs: number): readonly Due[] {
  const due = shifts.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  const addresses = [...new Set(due.map(({ address }) => address))].sort();
  return addresses.map((address) => {
    const own = shifts.filter((one) => one.address === address);
    const untilMs = endOf(own, atMs);
    return { address, ...(Number.isFinite(untilMs) && { untilMs }) };
  });
}

/** Shifts of one person that touch or overlap are one time on call. */
function endOf(own: readonly Shift[], atMs: number): number {
  let endMs = atMs;
  for (const { fromMs, untilMs } of own.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (fromMs <= endMs && untilMs > endMs) endMs = untilMs;
  }
  return endMs;
}
