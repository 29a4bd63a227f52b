// How long to wait before trying again.

import type { Fault } from "../ports/fault.ts";

const FIRST_MS = 1_000;
const MOST_MS = 60_000;
/** A service that asks for more patience than this is asked again all the same. */
const RETRY_AFTER_MOST_MS = 5 * 60_000;

/** Doubles from a second to a minute; what the service asked for comes first. */
export function backoffMs(tries: number, fault?: Fault): number {
  const ownMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  const askedMs = Math.min(fault?.retryAfterMs ?? 0, RETRY_AFTER_MOST_MS);
  return Math.max(ownMs, askedMs);
}

const READS_MS = [1_000, 1_000, 2_000, 2_000, 3_000, 5_000, 5_000, 10_000] as const;

/** How long to wait after the nth reading of a policy whose port is not open yet. */
export const readAgainMs = (reads: number): number => READS_MS[reads] ?? 30_000;

const CHECKS_MS = [3_000, 5_000, 10_000, 20_000, 30_000] as const;

/** How long to wait after the nth look whether Azure has shut a port at its end. */
export const checkAgainMs = (checks: number): number => CHECKS_MS[checks] ?? 60_000;
