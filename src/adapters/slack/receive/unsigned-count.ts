// Counts requests that Slack didn't sign, for one line of the log a minute: anybody can send them.

import type { Log } from "../../../ports/log.ts";

/** The first is told at once: a wrong signing secret must not take a minute to be seen. */
const EVERY_MS = 60_000;

/** Counts one, by why it was refused. */
export function unsignedCount(log: Log, everyMs = EVERY_MS): (why: string) => void {
  let counts = new Map<string, number>();
  let count = 0;
  let isQuiet = false;

  const tell = (): void => {
    const why = Object.fromEntries(counts);
    log.warn({ count, why }, "Refused requests that Slack didn't sign");
    counts = new Map();
    count = 0;
    isQuiet = true;
    setTimeout(() => {
      isQuiet = false;
      if (count > 0) tell();
    }, everyMs).unref();
  };

  return (why) => {
    count += 1;
    counts.set(why, (counts.get(why) ?? 0) + 1);
    if (!isQuiet) tell();
  };
}
