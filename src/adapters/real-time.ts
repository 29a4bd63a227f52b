// Guards against connections, which live in real time: the bot's clock is moved by tests, and theirs isn't.

import { within } from "../ports/within.ts";
import { systemClock } from "./system-clock.ts";

/** What `promise` resolves with, or `"late"` after `limitMs` of real time; the promise goes on. */
export const inRealTime = <T>(promise: Promise<T>, limitMs: number): Promise<T | "late"> =>
  within(promise, limitMs, systemClock);
