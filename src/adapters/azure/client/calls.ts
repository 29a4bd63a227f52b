// Makes calls to Azure: each with a time-out, each fault translated, and reads tried again a little.

import { backoffMs } from "../../../ports/backoff.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Fault } from "../../../ports/fault.ts";
import { faultFrom, stopped, tooLate } from "./azure-faults.ts";
import type { AzurePipeline, Call } from "./pipeline.ts";

type How = {
  readonly operation: string;
  /** For each attempt. */
  readonly timeoutMs: number;
  /** For all attempts and the pauses between them; `undefined`: no limit but their number. */
  readonly totalMs?: number | undefined;
  readonly attemptsMax?: number | undefined;
  /** The longest pause between two attempts: where Azure asks for a longer one, it is given up. */
  readonly pauseMaxMs?: number | undefined;
  readonly stop?: AbortSignal | undefined;
};

export type Calls = {
  /** Exactly one attempt. Rejects with a `Fault`, and nothing else. */
  once<T>(how: How, run: (call: Call) => Promise<T>): Promise<T>;
  /** Up to three attempts, unless `how` says otherwise. For what may be repeated without harm. */
  read<T>(how: How, run: (call: Call) => Promise<T>): Promise<T>;
};

const ATTEMPTS_MAX = 3;
const PAUSE_MS = 250;
/** Somebody may be waiting: what takes longer is tried again by those who asked. */
const PAUSE_MAX_MS = 2_000;
/** A throttled caller that comes back at once is throttled again. */
const PAUSE_THROTTLED_MS = 1_000;

export function createCalls({ pipeline, clock }: { pipeline: AzurePipeline; clock: Clock }): Calls {
  async function once<T>(how: How, run: (call: Call) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const call = pipeline.begin(how.operation, controller.signal);
    if (how.stop?.aborted) throw stopped(call);
    const end = Promise.withResolvers<never>();
    const giveUp = (fault: Fault) => {
      // First the reason, then the signal: the SDK answers that with an error of its own.
      end.reject(fault);
      controller.abort();
    };
    // A real timer, not the clock's: this guards against connections, which live in real time.
    const timer = setTimeout(() => giveUp(tooLate(call, how.timeoutMs)), how.timeoutMs);
    const onStop = () => giveUp(stopped(call));
    how.stop?.addEventListener("abort", onStop, { once: true });
    try {
      return await Promise.race([run(call), end.promise]);
    } catch (thrown) {
      throw faultFrom(thrown, call, clock.nowMs());
    } finally {
      clearTimeout(timer);
      how.stop?.removeEventListener("abort", onStop);
    }
  }

  async function read<T>(how: How, run: (call: Call) => Promise<T>): Promise<T> {
    const startedMs = clock.monotonicMs();
    const leftMs = () => (how.totalMs ?? Infinity) - (clock.monotonicMs() - startedMs);
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = Math.max(1, Math.min(how.timeoutMs, leftMs()));
      try {
        return await once({ ...how, timeoutMs }, run);
      } catch (thrown) {
        // `once` rejects with nothing else.
        const pauseMs = pauseAfter(thrown as Fault, attempt, how);
        if (pauseMs === undefined || pauseMs >= leftMs()) throw thrown;
        await clock.sleep(pauseMs, how.stop);
      }
    }
  }

  return { once, read };
}

/** How long to wait before the next attempt; `undefined`: none. */
function pauseAfter(fault: Fault, attempt: number, how: How): number | undefined {
  if (!fault.retryable || attempt >= (how.attemptsMax ?? ATTEMPTS_MAX)) return undefined;
  // Time-outs have cost enough already, and a missing token doesn't come by asking again at once.
  if (/^(ETIMEDOUT|CredentialUnavailableError|AuthenticationFailed|Stopped)$/.test(fault.code)) {
    return undefined;
  }
  const throttled = /throttl|TooManyRequests|RateLimit/i.test(fault.code);
  const firstMs = throttled ? PAUSE_THROTTLED_MS : PAUSE_MS;
  const pauseMs =
    fault.retryAfterMs ?? backoffMs(attempt, { firstMs, mostMs: Number.POSITIVE_INFINITY });
  return pauseMs > (how.pauseMaxMs ?? PAUSE_MAX_MS) ? undefined : pauseMs;
}
