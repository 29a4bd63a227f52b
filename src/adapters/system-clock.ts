// The machine's own clock and randomness.

import { randomBytes } from "node:crypto";
import type { Clock, Random } from "../ports/clock.ts";

export const systemClock: Clock = {
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  // An abort is the caller's way to wake up, not a failure: no error is made of it, which takes far longer.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done, { once: true });
    }),
};

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
