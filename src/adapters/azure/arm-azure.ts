// Azure as the bot sees it, over Azure Resource Manager: the `Azure` port with Azure's own SDKs behind it.

import type { TokenCredential } from "@azure/identity";
import type { Azure } from "../../ports/azure.ts";
import type { AzureFacts, Checkup } from "../../ports/checkup.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { SnapshotShare } from "../../ports/storage/inventory-share.ts";
import { createCalls } from "./client/calls.ts";
import { createClients } from "./client/clients.ts";
import { sharedCredential } from "./client/credential.ts";
import { createFaultLog } from "./client/fault-log.ts";
import { type CallNote, createAzurePipeline } from "./client/pipeline.ts";
import { type CheckupTimeouts, createCheckup } from "./doctor/azure-checkup.ts";
import { createPlans } from "./doctor/defender-plans.ts";
import { createInventorySnapshots } from "./inventory/inventory-snapshot.ts";
import { createInventoryReader } from "./inventory/read-inventory.ts";
import { createVms, type VmTimeouts } from "./inventory/read-vm.ts";
import { createGraph } from "./inventory/resource-graph.ts";
import { SNAPSHOT_FORMAT } from "./inventory/snapshot-parts.ts";
import { createActivity } from "./policies/activity-log.ts";
import { createJit, type JitTimeouts } from "./policies/jit-policies.ts";
import { createRules, type RulesTimeouts } from "./policies/jit-rules.ts";
import { createRawPolicies, type RawPolicyTimeouts } from "./policies/raw-policies.ts";

export type { CallNote } from "./client/pipeline.ts";

export type ArmAzureOptions = {
  readonly credential: TokenCredential;
  /** Azure Resource Manager, e.g. `https://management.azure.com`; https. */
  readonly endpoint: string;
  /** What tokens are asked for, e.g. `https://management.azure.com/.default`. */
  readonly scope: string;
  /** Neither these nor management groups: everything that the identity can read. */
  readonly subscriptions: readonly string[];
  readonly managementGroups: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts?: Partial<Timeouts>;
  /** From one reading in the background to the next. */
  readonly refreshEveryMs?: number;
  /** Hears of every request that was made, for metrics. */
  readonly onCall?: (note: CallNote) => void;
};

/** Tells one format of the shared snapshot, and one place that it is seen from, from others. */
type SnapshotView = { readonly format: number; readonly view: string };

/** Reads in the background only between `start` and `stop`. */
export type ArmAzure = Azure & {
  start(): void;
  /** From now on one replica reads the snapshot for all that share it. Best before `start`. */
  share(make: (of: SnapshotView) => SnapshotShare): void;
  stop(): Promise<void>;
  /** For the doctor. */
  checkup(): Promise<AzureFacts>;
  /** As the port of the doctor has it. */
  readonly plan: Checkup["plan"];
};

type Timeouts = JitTimeouts & VmTimeouts & RulesTimeouts & RawPolicyTimeouts & CheckupTimeouts;

const TIMEOUTS: Timeouts = {
  openMs: 8_000,
  readPolicyMs: 8_000,
  readVmMs: 8_000,
  writePolicyMs: 20_000,
  pageMs: 30_000,
  readRulesMs: 8_000,
  deleteRuleMs: 8_000,
  doctorMs: 8_000,
};
const REFRESH_EVERY_MS = 60_000;

export function armAzure(options: ArmAzureOptions): ArmAzure {
  const { endpoint, scope, clock, log, onCall, subscriptions, managementGroups } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const everyMs = options.refreshEveryMs ?? REFRESH_EVERY_MS;
  const credential = sharedCredential(options.credential);
  const onUnauthorized = () => credential.forget();
  const pipeline = createAzurePipeline({ endpoint, clock, onCall, onUnauthorized });
  const calls = createCalls({ pipeline, clock });
  const clients = createClients({ credential, endpoint, scope, pipeline });
  const faultLog = createFaultLog(log);
  const pageTimeoutMs = timeouts.pageMs;
  const scopes = { subscriptions, managementGroups };
  const graph = createGraph({ clients, calls, clock, log, pageTimeoutMs, ...scopes });
  const jit = createJit({ clients, calls, endpoint, timeouts, faultLog });
  const raw = createRawPolicies({ clients, calls, endpoint, timeouts });
  const rules = createRules({ clients, calls, endpoint, timeouts });
  const read = createInventoryReader({ graph, jit, clock, faultLog, subscriptions });
  const snapshots = createInventorySnapshots({
    read,
    clock,
    faultLog,
    everyMs,
    // Another replica reads: the first click here shouldn't wait for the SDK to load.
    onTaken: () => void clients.security(""),
  });
  return {
    snapshot: snapshots.snapshot,
    refresh: snapshots.refresh,
    readVm: createVms({ clients, calls, endpoint, timeouts }).read,
    readPolicy: jit.read,
    ...raw,
    open: jit.open,
    openRules: rules.find,
    deleteRule: rules.delete,
    activity: createActivity({ clients, calls, endpoint, faultLog }),
    principal: credential.objectId,
    skewMs: pipeline.skewMs,
    checkup: createCheckup({
      clients,
      calls,
      jit,
      pipeline,
      endpoint,
      ...scopes,
      timeouts,
      clock,
      snapshot: snapshots.snapshot,
      refresh: snapshots.refresh,
    }),
    plan: createPlans({ clients, calls, endpoint, clock, faultLog }),
    start() {
      // All of the SDK that is needed at first is loaded now, and not when somebody has begun to type.
      const loaded = [clients.resourceGraph(), Promise.resolve(credential.getToken(scope))];
      void Promise.allSettled(loaded);
      snapshots.start();
    },
    share: (make) => snapshots.share(make(viewOf(options))),
    stop: snapshots.stop,
  };
}

/** Replicas that read elsewhere, or other subscriptions, have another snapshot. */
function viewOf({ endpoint, subscriptions, managementGroups }: ArmAzureOptions): SnapshotView {
  const sorted = (ids: readonly string[]) => ids.map((id) => id.toLowerCase()).sort();
  const view = JSON.stringify([endpoint, sorted(subscriptions), sorted(managementGroups)]);
  return { format: SNAPSHOT_FORMAT, view };
}
