// One reading of everything: the VMs first, then the JIT policies of each of their subscriptions.

import type { ClaimedOpening } from "../../../domain/request/recovered.ts";
import type { VmKey } from "../../../domain/text/ids.ts";
import type { LivePorts } from "../../../domain/vm/live-openings.ts";
import type { JitVmPolicy, Vm } from "../../../domain/vm/vm.ts";
import type { InventorySnapshot, Unread } from "../../../ports/azure.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { resourceIdParts } from "../client/resource-id.ts";
import type { Jit, ListedSubscription } from "../policies/jit-policies.ts";
import { cached } from "./cached.ts";
import { createIntern, type Intern } from "./intern.ts";
import { readInventory } from "./inventory.ts";
import type { Graph } from "./resource-graph.ts";
import { withFindings } from "./vm-networks.ts";

/** Subscriptions that are asked at the same time. */
const AT_ONCE = 4;
/** From one look at firewalls, classic VMs and scale sets to the next. */
const CACHED_MS = 10 * 60_000;

/** A subscription whose VMs aren't seen and whose policies are refused for this long is gone. */
const GONE_AFTER_MS = 5 * 60_000;

type Listed = {
  readonly subscriptionId: string;
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly live: LivePorts;
  readonly claimed: readonly ClaimedOpening[];
  readonly fault: Fault | undefined;
};

const NONE_LIVE: LivePorts = new Map();

/**
 * Makes the function that reads a new snapshot. It rejects where the VMs can't be read. A subscription
 * whose policies can't be read is named in `unread`, and keeps those that it had before. So do its VMs
 * where they aren't seen any more either, until that is certain.
 */
export function createInventoryReader(needs: {
  graph: Graph;
  jit: Jit;
  clock: Clock;
  faultLog: FaultLog;
  subscriptions: readonly string[];
}): (stop: AbortSignal, before: InventorySnapshot) => Promise<InventorySnapshot> {
  const { graph, jit, clock, faultLog } = needs;
  const cachedQuery = cached(clock, CACHED_MS);
  const named = new Set(needs.subscriptions.map((id) => id.toLowerCase()));

  async function list(
    of: ListedSubscription,
    { same, atMs, stop }: { same: Intern; atMs: number; stop: AbortSignal },
  ): Promise<Listed> {
    const { subscriptionId } = of;
    const subject = `JIT policies of subscription ${subscriptionId}`;
    try {
      const { vmPolicies, live, claimed } = await jit.list(of, { atMs, stop });
      faultLog.note(subject, undefined);
      const shared = vmPolicies.map(same.vmPolicy);
      return { subscriptionId, vmPolicies: shared, live, claimed, fault: undefined };
    } catch (thrown) {
      if (!isFault(thrown) || stop.aborted) throw thrown;
      faultLog.note(subject, thrown);
      return { subscriptionId, vmPolicies: [], live: NONE_LIVE, claimed: [], fault: thrown };
    }
  }

  return async (stop, before) => {
    const atMs = clock.nowMs();
    const same = createIntern();
    const { vms, find } = await readInventory(
      { graph, faultLog, same, cachedQuery, before: before.vms },
      stop,
    );
    const seen = subscriptionsOf(vms);
    const known = [
      ...needs.subscriptions,
      ...seen.values(),
      ...subscriptionsOf(before.vms).values(),
    ];
    const locations = locationsOf(vms);
    const listed = await eachOf(distinct(known), (subscriptionId) => {
      const regions = [...(locations.get(subscriptionId.toLowerCase()) ?? [])]
        .filter(Boolean)
        .sort();
      return list({ subscriptionId, locations: regions }, { same, atMs, stop });
    });
    const carried = carriedOver(before, { atMs, seen, listed });
    for (const vm of carried.vms) vms.set(vm.key, vm);
    const vmPolicies = vmPoliciesOf([
      ...listed.flatMap((one) => one.vmPolicies),
      ...carried.vmPolicies,
    ]);
    if (find !== undefined) {
      const live: LivePorts = new Map(listed.flatMap((one) => [...one.live]));
      await withFindings(vms, { find, vmPolicies, live, isKept: isIn(carried.unread) });
    }
    const unread = carried.unread.filter(({ subscriptionId, isGone }) => {
      // What somebody wrote into the file stays to be said; the rest has been.
      return !isGone || named.has(subscriptionId.toLowerCase());
    });
    const claimed = listed.flatMap((one) => one.claimed);
    const read = { atMs, vms, vmPolicies, unread: unread.map(({ isGone, ...one }) => one) };
    return snapshotOf({ ...read, claimed });
  };
}

function isIn(unread: readonly Unread[]): (vm: Vm) => boolean {
  const failed = new Set(unread.map(({ subscriptionId }) => subscriptionId.toLowerCase()));
  return (vm) => failed.has(vm.subscriptionId.toLowerCase());
}

type CarriedOver = {
  readonly vms: readonly Vm[];
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly unread: readonly (Unread & { readonly isGone: boolean })[];
};

/** What is kept of the snapshot before, for subscriptions that couldn't be read this time. */
function carriedOver(
  before: InventorySnapshot,
  now: {
    readonly atMs: number;
    readonly seen: ReadonlyMap<string, string>;
    readonly listed: readonly Listed[];
  },
): CarriedOver {
  const failed = now.listed.flatMap(({ subscriptionId, fault }) => {
    return fault === undefined ? [] : [{ subscriptionId, fault }];
  });
  if (failed.length === 0) return { vms: [], vmPolicies: [], unread: [] };
  const had = subscriptionsOf(before.vms);
  const unread = failed.map(({ subscriptionId, fault }) => {
    const id = subscriptionId.toLowerCase();
    const said = `${fault.code}: ${fault.message}`;
    const last = before.unread.find((one) => one.subscriptionId.toLowerCase() === id);
    // Where the answer may be another one in a minute, nothing is certain yet.
    const since = last?.goneSinceMs ?? (fault.retryable ? undefined : now.atMs);
    if (now.seen.has(id) || !had.has(id) || since === undefined) {
      return { subscriptionId, fault: said, isGone: false };
    }
    return now.atMs - since < GONE_AFTER_MS
      ? { subscriptionId, fault: said, goneSinceMs: since, isGone: false }
      : { subscriptionId, fault: said, isGone: true };
  });
  const kept = new Set(
    unread.filter(({ isGone }) => !isGone).map((one) => one.subscriptionId.toLowerCase()),
  );
  return {
    unread,
    vms: [...before.vms.values()].filter(({ subscriptionId }) => {
      const id = subscriptionId.toLowerCase();
      return kept.has(id) && !now.seen.has(id);
    }),
    vmPolicies: [...before.vmPolicies.values()].flat().filter(({ policyId }) => {
      return kept.has(resourceIdParts(policyId).subscriptionId.toLowerCase());
    }),
  };
}

/** By their ids in lower case, as they are first spelled. */
function subscriptionsOf(vms: ReadonlyMap<VmKey, Vm>): ReadonlyMap<string, string> {
  const spelled = new Set(Array.from(vms.values(), (vm) => vm.subscriptionId));
  return new Map([...spelled].reverse().map((id) => [id.toLowerCase(), id]));
}

/** Where each subscription, in lower case, has VMs. */
function locationsOf(vms: ReadonlyMap<VmKey, Vm>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { subscriptionId, location } of vms.values()) {
    const id = subscriptionId.toLowerCase();
    const known = found.get(id) ?? new Set();
    found.set(id, known.add(location));
  }
  return found;
}

function snapshotOf(read: {
  readonly atMs: number;
  readonly vms: ReadonlyMap<VmKey, Vm>;
  readonly vmPolicies: ReadonlyMap<VmKey, readonly JitVmPolicy[]>;
  readonly unread: readonly Unread[];
  readonly claimed: readonly ClaimedOpening[];
}): InventorySnapshot {
  const { atMs, vms, vmPolicies, claimed } = read;
  const unread = Object.freeze(read.unread.map(frozen));
  return Object.freeze({ atMs, vms, vmPolicies, unread, claimed });
}

function vmPoliciesOf(all: readonly JitVmPolicy[]): ReadonlyMap<VmKey, readonly JitVmPolicy[]> {
  const vmPolicies = new Map<VmKey, readonly JitVmPolicy[]>();
  // Copied: a list that grew has room for more, which 50,000 VMs would pay for.
  for (const [vm, ofVm] of Map.groupBy(all, (vmPolicy) => vmPolicy.vm)) {
    vmPolicies.set(vm, Object.freeze([...ofVm.sort(byPolicyId)]));
  }
  return vmPolicies;
}

const frozen = (unread: Unread): Unread => Object.freeze(unread);

function byPolicyId(one: JitVmPolicy, other: JitVmPolicy): number {
  const a = one.policyId.toLowerCase();
  const b = other.policyId.toLowerCase();
  return a < b ? -1 : Number(a > b);
}

/** The first spelling of each. */
function distinct(subscriptionIds: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const id of subscriptionIds) {
    if (id !== "" && !found.has(id.toLowerCase())) found.set(id.toLowerCase(), id);
  }
  return [...found.values()];
}

/** The results in the order of `items`, a few at a time. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
