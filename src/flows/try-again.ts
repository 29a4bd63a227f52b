// How long an effect waits before it is tried again, or Azure is looked at again.

import { type Backoff, backoffMs } from "../ports/backoff.ts";
import type { Fault } from "../ports/fault.ts";

const EFFECTS: Backoff = { firstMs: 1_000, mostMs: 60_000, askedMostMs: 5 * 60_000 };

/** How long to wait before an effect that was tried so often before is tried again. */
export const tryAgainMs = (attempts: number, fault?: Fault): number =>
  backoffMs(attempts + 1, EFFECTS, fault);

const READS_MS = [1_000, 1_000, 2_000, 2_000, 3_000, 5_000, 5_000, 10_000] as const;

/** How long to wait after the nth reading of a policy whose port isn't open yet. */
export const readAgainMs = (reads: number): number => READS_MS[reads] ?? 30_000;

const CHECKS_MS = [3_000, 5_000, 10_000, 20_000, 30_000] as const;

/** How long to wait after the nth look whether Azure has shut a port at its end. */
export const checkAgainMs = (checks: number): number => CHECKS_MS[checks] ?? 60_000;
