// What Prometheus is shown: what is counted is what happened, and its own checker finds nothing wrong with it.

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { outcomeOf } from "../../../src/adapters/metrics/call-outcome.ts";
import { type Metrics, metrics } from "../../../src/adapters/metrics/metrics.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { aCommon, inState, LEA, T0 } from "../../support/requests.ts";
import { everything, LIFE, LOCAL, live, source } from "./everything.ts";

/** Of Debian's package `prometheus`, which `setup.sh tests` installs. */
function promtool(text: string): string {
  const ran = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  if (ran.error !== undefined) throw ran.error;
  return ran.status === 0 ? "" : `${ran.status}: ${ran.stderr}${ran.stdout}`;
}

/** The samples of one metric, as lines without its name. */
async function shown(of: Metrics, name: string): Promise<readonly string[]> {
  const lines = (await of.text()).split("\n");
  return lines.filter((line) => /^\w+/.exec(line)?.[0] === name).map((l) => l.slice(name.length));
}

it("passes promtool, with something in every metric", async () => {
  const all = everything();
  const text = await all.text();
  for (const wanted of ["process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"]) {
    expect(text).toContain(`\n${wanted} `);
  }
  expect(promtool(text)).toBe("");
});

it("shows who gets copies of the audit now, and nobody whom the policy file names no more", async () => {
  const all = everything();
  expect(await shown(all, "jit_audit_stream_lag_seconds")).toEqual([
    '{sink="tls://siem:6514"} 1.5',
  ]);
  expect(await shown(all, "jit_audit_stream_waiting")).toEqual(['{sink="tls://siem:6514"} 2']);
  expect(await shown(all, "jit_audit_stream_failures_total")).toEqual([
    '{sink="tls://siem:6514"} 1',
  ]);
  all.auditStreams([{ sink: "https://other", lagMs: 0, waiting: 0 }]);
  expect(await shown(all, "jit_audit_stream_lag_seconds")).toEqual(['{sink="https://other"} 0']);
});

it("is seen by the checker where it is wrong", () => {
  expect(promtool("# HELP x_total A gauge.\n# TYPE x_total gauge\nx_total 1\n")).toContain(
    "x_total",
  );
});

it("shows what the store and this replica are like now", async () => {
  const all = metrics();
  all.readFrom(source());
  all.auditUnsealed(61_400);
  expect(await shown(all, "jit_requests")).toEqual([
    '{state="pending"} 2',
    '{state="live"} 5',
    '{state="to-review"} 1',
  ]);
  const single: readonly (readonly [string, string])[] = [
    ["jit_parked", " 3"],
    ["jit_replicas", " 2"],
    ["jit_due_lag_seconds", " 1.5"],
    ["jit_watch_lag_seconds", " 61"],
    ["jit_audit_unsealed_seconds", " 61"],
    ["jit_inventory_age_seconds", " 42.5"],
    ["jit_ready", " 1"],
    ["jit_policy_file_refused", " 0"],
    ["jit_build_info", '{version="1.2.3"} 1'],
    ["jit_policy_info", '{hash="0123456789ab"} 1'],
  ];
  for (const [name, line] of single)
    expect([name, ...(await shown(all, name))]).toEqual([name, line]);
  // A clock that hasn't said what time it is isn't shown as right.
  expect(await shown(all, "jit_clock_skew_seconds")).toEqual([
    '{clock="redis"} -1.25',
    '{clock="azure"} 2',
  ]);
});

it("forgets a policy file that isn't in force any more", async () => {
  const all = metrics();
  let policyHash = "aaaaaaaaaaaa";
  all.readFrom(source({ local: async () => ({ ...LOCAL, policyHash }) }));
  expect(await shown(all, "jit_policy_info")).toEqual(['{hash="aaaaaaaaaaaa"} 1']);
  policyHash = "bbbbbbbbbbbb";
  expect(await shown(all, "jit_policy_info")).toEqual(['{hash="bbbbbbbbbbbb"} 1']);
});

it.each([
  ["doesn't answer", () => Promise.reject(new Error("away"))],
  ["isn't connected yet", async () => undefined],
])("says nothing of a store that %s", async (_, store) => {
  const all = metrics();
  all.readFrom(source({ store }));
  for (const name of ["jit_parked", "jit_replicas", "jit_due_lag_seconds"]) {
    expect(await shown(all, name)).toEqual([" Nan"]);
  }
  expect(await shown(all, "jit_ready")).toEqual([" 1"]);
});

it("counts what is parked, by whichever way it is written", async () => {
  const all = metrics();
  const audit = [{ what: "parked" }];
  all.committed({ request: inState("open"), before: inState("open"), audit });
  all.committed({ audit });
  all.committed({ audit: [{ what: "requeued" }], isDue: true });
  expect(await shown(all, "jit_set_aside_total")).toEqual([" 2"]);
  expect(await shown(all, "jit_events_total")).toContain('{what="requeued"} 1');
});

it("counts each state once, the times, and attempts that failed", async () => {
  const all = metrics();
  expect(LIFE[0]?.ask.askedAtMs).toBe(T0);
  live(all, LIFE);
  expect(await shown(all, "jit_request_states_total")).toEqual(
    ["pending", "opening", "open", "ended"].map(
      (state) => `{rule="production",state="${state}"} 1`,
    ),
  );
  expect(await shown(all, "jit_decision_seconds_sum")).toEqual(['{rule="production"} 90']);
  expect(await shown(all, "jit_decision_seconds_count")).toEqual(['{rule="production"} 1']);
  expect(await shown(all, "jit_opening_seconds_sum")).toEqual(['{rule="production"} 12']);
  expect(await shown(all, "jit_opening_seconds_count")).toEqual(['{rule="production"} 1']);
  expect(await shown(all, "jit_attempts_failed_total")).toEqual([
    '{effect="azure"} 3',
    '{effect="card"} 1',
  ]);
});

it("takes a denial for a decision, and neither a cancelling nor an expiry", async () => {
  const all = metrics();
  const asked = inState("pending");
  const denied: AccessRequest = {
    ...aCommon(),
    ...{ state: "denied", deniedBy: LEA, denial: "no", deniedAtMs: T0 + 30_000 },
  };
  live(all, [asked, denied]);
  live(all, [asked, inState("cancelled")]);
  live(all, [asked, inState("lapsed")]);
  // Opened without an approval: nobody decided.
  live(all, [inState("opening"), inState("failed")]);
  expect(await shown(all, "jit_decision_seconds_sum")).toEqual(['{rule="production"} 30']);
  expect(await shown(all, "jit_opening_seconds_count")).toEqual([]);
});

it("takes an approval for a decision, once, where the request is Ready and waits to be opened", async () => {
  const all = metrics();
  const approved = { approvals: [{ by: LEA, atMs: T0 + 45_000 }] };
  const ready = { ...inState("ready"), ...approved } as AccessRequest;
  live(all, [inState("pending"), ready, inState("opening", approved)]);
  expect(await shown(all, "jit_decision_seconds_sum")).toEqual(['{rule="production"} 45']);
  expect(await shown(all, "jit_decision_seconds_count")).toEqual(['{rule="production"} 1']);
});

it("keeps the number of series bounded, however many rules come and go", async () => {
  const all = metrics();
  for (let n = 0; n < 1_000; n++) {
    const request = inState("pending");
    const promised = { ...request.promised, rule: `rule ${n}` };
    all.committed({ request: { ...request, promised }, audit: [] });
  }
  const states = await shown(all, "jit_request_states_total");
  expect(states).toHaveLength(101);
  expect(states).toContain('{rule="(other)",state="pending"} 900');
});

it("counts calls by what came of them, and limits by whose they are", async () => {
  const all = metrics();
  const statuses = [200, 202, 404, 409, 429, 500, 503, undefined];
  for (const status of statuses) {
    all.called({ service: "azure", operation: "jit-open", outcome: outcomeOf(status), ms: 20 });
  }
  all.tooFast();
  const counts = await shown(all, "jit_call_duration_seconds_count");
  const of = (outcome: string, count: number) =>
    `{service="azure",operation="jit-open",outcome="${outcome}"} ${count}`;
  expect(counts.toSorted()).toEqual(
    [
      of("ok", 2),
      of("refused", 2),
      of("limited", 1),
      of("failed", 2),
      of("unanswered", 1),
    ].toSorted(),
  );
  expect(await shown(all, "jit_rate_limits_total")).toEqual([
    '{by="azure"} 1',
    '{by="slack"} 0',
    '{by="person"} 1',
  ]);
});
