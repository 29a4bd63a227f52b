// What follows from a reading that failed: the fault is noted, and the next attempt waits longer each time.

import { backoffMs } from "../../../ports/backoff.ts";
import { Fault, isFault } from "../../../ports/fault.ts";
import type { FaultLog } from "../client/fault-log.ts";

export type ReadingFaults = {
  wentWell(): void;
  /** A reading failed for the `count`th time in a row: answers how long to wait. */
  failed(thrown: unknown, count: number): number;
  /** How long to wait if the reading that just failed counts as one more in a row. */
  pauseMs(thrown: unknown): number;
};

const RETRY_MS = 2_000;
/** Azure's `Retry-After` is believed up to this. */
const RETRY_MAX_MS = 5 * 60_000;

const SUBJECT = "all VMs and JIT policies";

export function readingFaults(faultLog: FaultLog, everyMs: number): ReadingFaults {
  let failures = 0;

  function pauseAfter(thrown: unknown, count: number): number {
    if (!isFault(thrown) || !thrown.retryable) return everyMs;
    const retries = { firstMs: RETRY_MS, mostMs: everyMs };
    return Math.min(backoffMs(count, retries, thrown), RETRY_MAX_MS);
  }

  return {
    wentWell() {
      faultLog.note(SUBJECT, undefined);
      failures = 0;
    },
    failed(thrown, count) {
      const fault = faultOf(thrown);
      faultLog.note(SUBJECT, fault);
      failures = count;
      return pauseAfter(fault, count);
    },
    pauseMs: (thrown) => pauseAfter(thrown, failures + 1),
  };
}

function faultOf(thrown: unknown): Fault {
  if (isFault(thrown)) return thrown;
  // A bug: it has to be heard of, but the next reading may go well.
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new Fault({ source: "azure", code: name, message, retryable: false, cause: thrown });
}
