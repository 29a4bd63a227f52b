// Keeps an eye on the clocks: one that is off is said in the log, once until it changes.

import { clockFindings, type Skews } from "../../domain/doctor/clocks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { repeating, type Service } from "../../ports/service.ts";

const EVERY_MS = 15_000;
/** The first answers of Redis, Slack and Azure are there by then. */
const FIRST_MS = 3_000;

export function clockWatch(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  skews: () => Skews,
): Service {
  let isOff = false;
  const look = (): number => {
    const findings = clockFindings(skews());
    if (findings.length > 0 && !isOff) for (const finding of findings) log.error({}, finding);
    if (findings.length === 0 && isOff) log.info({}, "All clocks agree again.");
    isOff = findings.length > 0;
    return EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    log.error({ err: thrown }, "the clocks couldn't be compared");
    return EVERY_MS;
  };
  return repeating(look, { clock, firstMs: FIRST_MS, failed });
}
