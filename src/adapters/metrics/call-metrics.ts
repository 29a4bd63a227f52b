// Calls to Azure, Slack and Redis: how many, how long they took, what came of them, and who asked for less.

import { Counter, Histogram, type Registry } from "prom-client";
import type { Call } from "../../ports/metrics/call.ts";

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function callMetrics(registers: Registry[]) {
  const calls = new Histogram({
    name: "jit_call_duration_seconds",
    help: "Calls to Azure, Slack and Redis by what came of them (ok, refused, limited, failed, unanswered)",
    labelNames: ["service", "operation", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const limits = new Counter({
    name: "jit_rate_limits_total",
    help: "Rate limits hit: Azure's, Slack's, or the bot's own for each person",
    labelNames: ["by"],
    registers,
  });
  // From the beginning, or the first one wouldn't be seen to increase.
  for (const by of ["azure", "slack", "person"]) limits.inc({ by }, 0);
  return {
    called: ({ service, operation, outcome, ms }: Call): void => {
      calls.observe({ service, operation, outcome }, ms / 1_000);
      if (outcome === "limited") limits.inc({ by: service });
    },
    tooFast: (): void => limits.inc({ by: "person" }),
  };
}
