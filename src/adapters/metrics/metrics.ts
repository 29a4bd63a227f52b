// What Prometheus can ask for: what happened to requests, how the calls to Azure went, how the process is.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { OnCommitted } from "../../ports/commit-heard.ts";

export type Metrics = {
  /** In Prometheus's text format. */
  text(): Promise<string>;
  azureCall(note: { operation: string; status: number | undefined; ms: number }): void;
  /** How long the oldest entry of the audit that isn't sealed has waited. */
  auditUnsealed(ms: number): void;
  /** What was written to the audit, and with it what was set aside. */
  committed: OnCommitted;
  /** Where to ask how much is parked, each time it is shown. */
  parkedFrom(count: () => Promise<number>): void;
};

/** By default it is every 10 ms, which takes more processor time than all else that an idle bot does. */
const EVENT_LOOP_LOOKED_AT_MS = 250;

/** Gauges with a counter's name, which `promtool check metrics` refuses. Those without `_total` tell more. */
const MISNAMED = ["handles", "requests", "resources"].map((what) => `nodejs_active_${what}_total`);

export function metrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({
    register: registry,
    eventLoopMonitoringPrecision: EVENT_LOOP_LOOKED_AT_MS,
  });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const events = new Counter({
    name: "jit_events_total",
    help: "What happened to requests, as the audit names it (asked, granted, opened, ended, refused, …)",
    labelNames: ["what"],
    registers: [registry],
  });
  const setAside = new Counter({
    name: "jit_set_aside_total",
    help: "Requests parked because work on them kept failing; more than 0 needs an admin",
    registers: [registry],
  });
  let countParked: (() => Promise<number>) | undefined;
  new Gauge({
    name: "jit_parked",
    help: "What is parked now after an error, over all replicas; more than 0 needs an admin",
    registers: [registry],
    async collect() {
      // Nothing is said of a store that doesn't answer.
      this.set(await (countParked?.() ?? Promise.resolve(0)).catch(() => Number.NaN));
    },
  });
  const unsealed = new Gauge({
    name: "jit_audit_unsealed_seconds",
    help: "How long the oldest unsealed entry of the audit has waited; more than 60 needs an admin",
    registers: [registry],
  });
  const azure = new Histogram({
    name: "jit_azure_call_seconds",
    help: "Calls to Azure by operation and HTTP status (0: no answer)",
    labelNames: ["operation", "status"],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return {
    text: () => registry.metrics(),
    auditUnsealed: (ms) => unsealed.set(Math.round(ms / 1_000)),
    azureCall: ({ operation, status, ms }) =>
      azure.observe({ operation, status: String(status ?? 0) }, ms / 1_000),
    parkedFrom: (count) => {
      countParked = count;
    },
    committed: ({ audit }) => {
      for (const { what } of audit) {
        events.inc({ what });
        if (what === "parked") setAside.inc();
      }
    },
  };
}
