// What Prometheus is shown: its own checker finds nothing wrong with it.

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { metrics } from "../../../src/adapters/metrics/metrics.ts";
import { inState } from "../../support/requests.ts";

/** Of Debian's package `prometheus`, which `setup.sh tests` installs. */
function promtool(text: string): string {
  const ran = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  if (ran.error !== undefined) throw ran.error;
  return ran.status === 0 ? "" : `${ran.status}: ${ran.stderr}${ran.stdout}`;
}

it("passes promtool, with something in every metric", async () => {
  const shown = metrics();
  shown.azureCall({ operation: "jit-open", status: 202, ms: 12 });
  shown.azureCall({ operation: "jit-read", status: undefined, ms: 8_000 });
  shown.auditUnsealed(61_400);
  shown.parkedFrom(async () => 3);
  const text = await shown.text();
  expect(text).toContain("\njit_parked 3\n");
  expect(text).toContain("\njit_audit_unsealed_seconds 61\n");
  expect(text).toContain('jit_azure_call_seconds_count{operation="jit-open",status="202"} 1');
  for (const wanted of ["process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"]) {
    expect(text).toContain(`\n${wanted} `);
  }
  expect(promtool(text)).toBe("");
});

it("is seen by the checker where it is wrong", () => {
  expect(promtool("# HELP x_total A gauge.\n# TYPE x_total gauge\nx_total 1\n")).toContain(
    "x_total",
  );
});

it("does not say that nothing is parked where the store doesn't answer", async () => {
  const shown = metrics();
  shown.parkedFrom(() => Promise.reject(new Error("away")));
  expect(await shown.text()).toContain("\njit_parked Nan\n");
});

it("counts what is parked, by whichever way it is written", async () => {
  const shown = metrics();
  const audit = [{ what: "parked" }];
  shown.committed({ request: inState("open"), audit });
  shown.committed({ audit });
  shown.committed({ audit: [{ what: "requeued" }], isDue: true });
  const text = await shown.text();
  expect(text).toContain("\njit_set_aside_total 2\n");
  expect(text).toContain('\njit_events_total{what="requeued"} 1\n');
});
