// What has to become so: looked at again and again, with the patience that a busy machine needs.

import { vi } from "vitest";

/** Vitest's own is a second, which a machine that does other things may take for anything. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 50;

type How = {
  /** Less than the usual only where a later time would be so for another reason. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
};

/** Answers what `check` answers as soon as it throws no more; rejects with what it threw last. */
export const eventually = <T>(
  check: () => T | Promise<T>,
  { timeoutMs = PATIENCE_MS, intervalMs = LOOK_EVERY_MS }: How = {},
): Promise<T> => vi.waitFor(check, { timeout: timeoutMs, interval: intervalMs });
