// One reading of everything: the VMs first, then the JIT policies of each of their subscriptions.

import type { Picture } from "../../ports/azure.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Fault, isFault } from "../../ports/fault.ts";
import type { VmKey } from "../../request/ids.ts";
import type { JitCover, Vm } from "../../request/vm.ts";
import type { Graph } from "./graph.ts";
import { readInventory } from "./inventory.ts";
import type { Jit } from "./jit.ts";
import { seldom } from "./seldom.ts";
import { type Sharing, sharing } from "./sharing.ts";
import type { Troubles } from "./troubles.ts";

/** Subscriptions that are asked at the same time. */
const AT_ONCE = 4;
/** From one look at firewalls and classic VMs to the next. */
const SELDOM_MS = 10 * 60_000;

type Listed = {
  readonly subscriptionId: string;
  readonly covers: readonly JitCover[];
  readonly fault: Fault | undefined;
};

/**
 * Makes the function that reads a new picture. It rejects where the VMs cannot be read. A subscription
 * whose policies cannot be read is named in `unread`; where that may pass, its last known policies stay.
 */
export function createReading(world: {
  graph: Graph;
  jit: Jit;
  clock: Clock;
  troubles: Troubles;
  subscriptions: readonly string[];
}): (stop: AbortSignal) => Promise<Picture> {
  const { graph, jit, clock, troubles } = world;
  const rarely = seldom(clock, SELDOM_MS);
  /** By subscription in lower case. */
  let known = new Map<string, readonly JitCover[]>();

  async function list(subscriptionId: string, same: Sharing, stop: AbortSignal): Promise<Listed> {
    const subject = `JIT policies of subscription ${subscriptionId}`;
    try {
      const covers = (await jit.list(subscriptionId, stop)).map(same.cover);
      troubles.note(subject, undefined);
      return { subscriptionId, covers, fault: undefined };
    } catch (thrown) {
      if (!isFault(thrown) || stop.aborted) throw thrown;
      troubles.note(subject, thrown);
      const last = thrown.retryable ? known.get(subscriptionId.toLowerCase()) : undefined;
      return { subscriptionId, covers: last ?? [], fault: thrown };
    }
  }

  return async (stop) => {
    const atMs = clock.nowMs();
    const same = sharing();
    const vms = await readInventory({ graph, troubles, same, seldom: rarely }, stop);
    const subscriptions = distinct([
      ...world.subscriptions,
      ...new Set(Array.from(vms.values(), (vm) => vm.subscriptionId)),
    ]);
    const listed = await eachOf(subscriptions, (one) => list(one, same, stop));
    known = new Map(listed.map((one) => [one.subscriptionId.toLowerCase(), one.covers]));
    return pictureOf(atMs, vms, listed);
  };
}

function pictureOf(atMs: number, vms: ReadonlyMap<VmKey, Vm>, listed: readonly Listed[]): Picture {
  const unread = listed.flatMap(({ subscriptionId, fault }) =>
    fault ? [Object.freeze({ subscriptionId, fault: `${fault.code}: ${fault.message}` })] : [],
  );
  const grouped = Map.groupBy(
    listed.flatMap((one) => one.covers),
    (cover) => cover.vm,
  );
  const covers = new Map<VmKey, readonly JitCover[]>();
  // Copied: a list that grew has room for more, which 50,000 VMs would pay for.
  for (const [vm, ofVm] of grouped) covers.set(vm, Object.freeze([...ofVm.sort(byPolicyId)]));
  return Object.freeze({ atMs, vms, covers, unread: Object.freeze(unread) });
}

function byPolicyId(one: JitCover, other: JitCover): number {
  const [a, b] = [one.policyId.toLowerCase(), other.policyId.toLowerCase()];
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
