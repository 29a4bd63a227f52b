// What is so at the moment, asked for when it is shown: in the store over all replicas, and of this replica.

import { Gauge, type Registry } from "prom-client";
import type { Skews } from "../../domain/doctor/clocks.ts";
import type { StoreFigures } from "../../ports/metrics/figures.ts";

export type LocalFigures = {
  readonly isReady: boolean;
  /** How old the inventory is; where none was read yet, how long that has lasted. */
  readonly inventoryAgeMs: number;
  readonly skews: Skews;
  readonly version: string;
  readonly policyHash: string;
  /** The policy file on disk isn't the one in force, for it has errors. */
  readonly isPolicyFileRefused: boolean;
};

export type GaugeSource = {
  local(): Promise<LocalFigures>;
  /** `undefined`: not connected yet. Rejects where the store doesn't answer. */
  store(): Promise<(StoreFigures & { readonly watchLagMs: number | undefined }) | undefined>;
};

export function gauges(registers: Registry[]) {
  const ofStore = storeGauges(registers);
  const ofReplica = replicaGauges(registers);
  let source: GaugeSource | undefined;
  return {
    readFrom: (from: GaugeSource): void => {
      source = from;
    },
    read: async (): Promise<void> => {
      if (source === undefined) return;
      const [local, store] = await Promise.all([
        source.local(),
        // Nothing is said of a store that doesn't answer.
        source.store().catch(() => undefined),
      ]);
      ofReplica(local);
      ofStore(store);
    },
  };
}

function storeGauges(registers: Registry[]) {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const requests = new Gauge({
    name: "jit_requests",
    help: "Requests now, over all replicas: pending, live (opening, open or ending), or waiting for a review",
    labelNames: ["state"],
    registers,
  });
  const parked = gauge(
    "jit_parked",
    "What is parked now after an error, over all replicas; more than 0 needs an admin",
  );
  const frozen = gauge(
    "jit_frozen",
    "1 while access is frozen, over all replicas: nothing opens except by break-glass",
  );
  const replicas = gauge("jit_replicas", "Live replicas, as Redis knows them");
  const dueLag = gauge(
    "jit_due_lag_seconds",
    "How long the most overdue work has waited for a replica, over all replicas",
  );
  const watchLag = gauge(
    "jit_watch_lag_seconds",
    "How long ago the Activity Log was last read, for the subscription that is furthest behind",
  );
  return (figures: Awaited<ReturnType<GaugeSource["store"]>>): void => {
    const unknown = Number.NaN;
    requests.set({ state: "pending" }, figures?.pending ?? unknown);
    requests.set({ state: "live" }, figures?.live ?? unknown);
    requests.set({ state: "to-review" }, figures?.toReview ?? unknown);
    parked.set(figures?.parked ?? unknown);
    frozen.set(figures === undefined ? unknown : Number(figures.isFrozen));
    replicas.set(figures?.replicas ?? unknown);
    dueLag.set(seconds(figures?.dueLagMs));
    watchLag.set(seconds(figures?.watchLagMs));
  };
}

function replicaGauges(registers: Registry[]) {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const ready = gauge(
    "jit_ready",
    "1 if this replica can take and store a request, as /readyz says",
  );
  const inventoryAge = gauge(
    "jit_inventory_age_seconds",
    "How old the list of VMs and JIT policies is that this replica answers from",
  );
  const refused = gauge(
    "jit_policy_file_refused",
    "1 if the policy file has errors and the last valid one is in force",
  );
  const skew = new Gauge({
    name: "jit_clock_skew_seconds",
    help: "How far another clock is ahead of this machine's",
    labelNames: ["clock"],
    registers,
  });
  const build = new Gauge({
    name: "jit_build_info",
    help: "1, with the version of the bot",
    labelNames: ["version"],
    registers,
  });
  const policy = new Gauge({
    name: "jit_policy_info",
    help: "1, with the hash of the policy file in force, as the log shortens it",
    labelNames: ["hash"],
    registers,
  });
  return (figures: LocalFigures): void => {
    ready.set(figures.isReady ? 1 : 0);
    inventoryAge.set(seconds(figures.inventoryAgeMs));
    refused.set(figures.isPolicyFileRefused ? 1 : 0);
    for (const clock of ["redis", "azure", "slack"] as const) {
      const skewMs = figures.skews[clock];
      if (skewMs === undefined) skew.remove({ clock });
      else skew.set({ clock }, seconds(skewMs));
    }
    build.set({ version: figures.version }, 1);
    policy.reset();
    policy.set({ hash: figures.policyHash.slice(0, 12) }, 1);
  };
}

/** To the millisecond. */
const seconds = (ms: number | undefined): number =>
  ms === undefined ? Number.NaN : Math.round(ms) / 1_000;
