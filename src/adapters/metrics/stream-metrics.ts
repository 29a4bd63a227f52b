// How far those are who get copies of the audit, and how often they couldn't be sent.

import { Counter, Gauge, type Registry } from "prom-client";

export type StreamMetrics = {
  /** Who gets a copy of the audit, and how far each is. */
  auditStreams(
    lags: readonly { readonly sink: string; readonly lagMs: number; readonly waiting: number }[],
  ): void;
  auditStreamFailed(sink: string): void;
};

export function streamMetrics(registry: Registry): StreamMetrics {
  const labelNames = ["sink"];
  const registers = [registry];
  const lag = new Gauge({
    name: "jit_audit_stream_lag_seconds",
    help: "How long the oldest audit entry has waited that a receiver of copies hasn't received",
    labelNames,
    registers,
  });
  const waiting = new Gauge({
    name: "jit_audit_stream_waiting",
    help: "How many audit entries a receiver of copies hasn't received",
    labelNames,
    registers,
  });
  const failures = new Counter({
    name: "jit_audit_stream_failures_total",
    help: "How often this replica couldn't send audit entries to a receiver of copies",
    labelNames,
    registers,
  });
  return {
    auditStreams: (lags) => {
      // Those that the policy file doesn't name any more.
      lag.reset();
      waiting.reset();
      for (const sink of new Set(lags.map((one) => one.sink))) {
        // Two receivers on one host share a name: the one that is further behind counts.
        const its = lags.filter((one) => one.sink === sink);
        lag.set({ sink }, Math.max(...its.map(({ lagMs }) => lagMs)) / 1_000);
        waiting.set({ sink }, Math.max(...its.map((one) => one.waiting)));
        failures.inc({ sink }, 0);
      }
    },
    auditStreamFailed: (sink) => failures.inc({ sink }),
  };
}
