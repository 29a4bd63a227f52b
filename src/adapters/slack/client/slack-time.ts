// Slack's clock, as the `Date` header of its answers tells it.

import type { Clock } from "../../../ports/clock.ts";

export type SlackTime = {
  /** Hears of each answer. */
  onDate(dateMs: number): void;
  /** How far Slack is ahead of this machine, to the second; `undefined`: no answer has said. */
  skewMs(): number | undefined;
};

/** The header is cut to whole seconds. */
const CUT_MS = 500;

export function slackTime(clock: Pick<Clock, "nowMs" | "monotonicMs">): SlackTime {
  let heard: { readonly slackMs: number; readonly atMs: number } | undefined;
  return {
    onDate: (dateMs) => {
      heard = { slackMs: dateMs + CUT_MS, atMs: clock.monotonicMs() };
    },
    // Carried forward, so that a clock that is set right is seen at once.
    skewMs: () => heard && heard.slackMs + (clock.monotonicMs() - heard.atMs) - clock.nowMs(),
  };
}
