// The machine's own clock and randomness.

import { randomBytes } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import type { Clock, Random } from "../ports/clock.ts";

export const systemClock: Clock = {
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    // An abort is the caller's way to wake up, not a failure.
    await after(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
