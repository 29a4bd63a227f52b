// Keeps an eye on the clocks: one that is off is said in the log, once until it changes.

import { clockFindings, type Skews } from "../../domain/doctor/clocks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

export type ClockWatch = { start(): void; stop(): void };

const EVERY_MS = 15_000;
/** The first answers of Redis, Slack and Azure are there by then. */
const FIRST_MS = 3_000;

export function clockWatch(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  skews: () => Skews,
): ClockWatch {
  const stopping = new AbortController();
  let isOff = false;
  const look = (): void => {
    const findings = clockFindings(skews());
    if (findings.length > 0 && !isOff) for (const finding of findings) log.error({}, finding);
    if (findings.length === 0 && isOff) log.info({}, "All clocks agree again.");
    isOff = findings.length > 0;
  };
  const loop = async (): Promise<void> => {
    await clock.sleep(FIRST_MS, stopping.signal);
    while (!stopping.signal.aborted) {
      look();
      await clock.sleep(EVERY_MS, stopping.signal);
    }
  };
  return { start: () => void loop(), stop: () => stopping.abort() };
}
