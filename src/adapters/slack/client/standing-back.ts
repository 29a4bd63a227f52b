// What Slack allows in a minute, shared out: usual reads stand back for a while where it was used up, so that
// reserved ones get through. Slack says itself when, so replicas need not know of each other.

import { setTimeout as wait } from "node:timers/promises";
import type { ReadAs } from "../../../ports/chat.ts";
import type { Clock } from "../../../ports/clock.ts";
import { Fault, isFault } from "../../../ports/fault.ts";

/** How long usual reads stand back after the time that Slack asked for. */
const STAND_BACK_MS = 3_000;
/** Slack names seconds; where it doesn't, this. */
const THROTTLED_MS = 1_000;

const RESERVED_TRIES_MAX = 4;
const RESERVED_WAIT_MAX_MS = 8_000;

export const isThrottled = (thrown: unknown): thrown is Fault =>
  isFault(thrown) && thrown.code === "ratelimited";

/** One method of Slack's: runs its calls, unless they have to stand back, which is a fault like Slack's. */
export function standingBack(clock: Pick<Clock, "monotonicMs">) {
  let untilMs = Number.NEGATIVE_INFINITY;
  return async <T>(as: ReadAs, call: () => Promise<T>): Promise<T> => {
    const leftMs = untilMs - clock.monotonicMs();
    if (as === "usual" && leftMs > 0) {
      throw new Fault({
        source: "slack",
        code: "ratelimited",
        message: "Slack asked us to slow down",
        retryable: true,
        retryAfterMs: leftMs,
      });
    }
    try {
      return await call();
    } catch (thrown) {
      if (isThrottled(thrown)) {
        const askedMs = thrown.retryAfterMs ?? THROTTLED_MS;
        untilMs = Math.max(untilMs, clock.monotonicMs() + askedMs + STAND_BACK_MS);
      }
      throw thrown;
    }
  };
}

/** A reserved read waits as long as Slack asks, and tries again while the usual ones stand back. */
export async function waitingItsTurn<T>(as: ReadAs, read: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await read();
    } catch (thrown) {
      if (as === "usual" || !isThrottled(thrown) || tried >= RESERVED_TRIES_MAX) throw thrown;
      await wait(Math.min(thrown.retryAfterMs ?? THROTTLED_MS, RESERVED_WAIT_MAX_MS));
    }
  }
}
