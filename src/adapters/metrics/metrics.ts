// What Prometheus can ask for: what happens to requests, how calls to the world outside go, how far behind the bot
// is, and how the process is.

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { OnCommitted } from "../../ports/commit-heard.ts";
import type { Call } from "../../ports/metrics/call.ts";
import type { Meter } from "../../ports/metrics/meter.ts";
import { callMetrics } from "./call-metrics.ts";
import { type GaugeSource, gauges } from "./gauges.ts";
import { requestMetrics } from "./request-metrics.ts";
import { type StreamMetrics, streamMetrics } from "./stream-metrics.ts";

export type Metrics = Meter &
  StreamMetrics & {
    /** In Prometheus's text format. */
    text(): Promise<string>;
    /** A call to Azure, Slack or Redis that ended. */
    called(call: Call): void;
    /** How long the oldest entry of the audit that isn't sealed has waited. */
    auditUnsealed(ms: number): void;
    /** What was written to the audit, and with it what was parked. */
    committed: OnCommitted;
    /** Where to ask for what is so now, each time it is shown. */
    readFrom(source: GaugeSource): void;
  };

/** By default it is every 10 ms, which takes more processor time than all else that an idle bot does. */
const EVENT_LOOP_LOOKED_AT_MS = 250;

/** Gauges with a counter's name, which `promtool check metrics` refuses. Those without `_total` tell more. */
const MISNAMED = ["handles", "requests", "resources"].map((what) => `nodejs_active_${what}_total`);

export function metrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({
    register: registry,
    eventLoopMonitoringPrecision: EVENT_LOOP_LOOKED_AT_MS,
  });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const { committed } = requestMetrics(registers);
  const calls = callMetrics(registers);
  const now = gauges(registers);
  const unsealed = new Gauge({
    name: "jit_audit_unsealed_seconds",
    help: "How long the oldest unsealed audit entry has waited; more than 60 needs an admin",
    registers,
  });
  const takenOver = new Counter({
    name: "jit_leases_taken_over_total",
    help: "Work of a lost replica that this one released for others",
    registers,
  });
  return {
    text: async () => {
      await now.read();
      return registry.metrics();
    },
    called: calls.called,
    tooFast: calls.tooFast,
    tookOver: (leases) => takenOver.inc(leases),
    auditUnsealed: (ms) => unsealed.set(Math.round(ms / 1_000)),
    ...streamMetrics(registry),
    committed,
    readFrom: now.readFrom,
  };
}
