// Which JIT policies an enabling, changing or disabling touches, and which VMs cannot be done. Pure.

import { type Selector, selectorMatches } from "../command/selector.ts";
import type { VmKey } from "../ids.ts";
import { jitStateOf } from "../jit-state.ts";
import type { JitCover, Vm } from "../vm.ts";
import type { Edit } from "./merge.ts";
import { DEFAULT_PORTS, type Wish } from "./wish.ts";

/** Some VMs, and what is wanted of them. */
export type Item = { readonly selector: Selector; readonly wish: Wish };

export type Why =
  /** No network security group stands before it, nor a firewall. */
  | "unsupported"
  /** Azure keeps the names of policy and VM within 56 characters together. */
  | "name-too-long"
  /** Nothing to change or to disable. */
  | "not-configured";

export type Left = { readonly vm: Vm; readonly why: Why };

/** What is to be done to one policy, which may not be there yet. */
export type PolicyEdit = { readonly policyId: string; readonly edits: readonly Edit[] };

export type Plan = {
  /** Of all VMs that were meant. */
  readonly meant: readonly Vm[];
  readonly policies: readonly PolicyEdit[];
  readonly left: readonly Left[];
};

type Known = {
  readonly vms: ReadonlyMap<VmKey, Vm>;
  readonly covers: ReadonlyMap<VmKey, readonly JitCover[]>;
};

/** Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage */
export const NAMES_CHARACTERS_MAX = 56;
const NEW_POLICY_NAME = "default";

export function planOf(items: readonly Item[], known: Known): Plan {
  const homes = homesOf(known);
  const policies = new Map<string, { policyId: string; edits: Map<VmKey, Edit> }>();
  const left = new Map<VmKey, Left>();
  const meant = new Map<VmKey, Vm>();
  for (const { selector, wish } of items) {
    for (const vm of known.vms.values()) {
      if (!selectorMatches(selector, vm)) continue;
      meant.set(vm.key, vm);
      const found = placesOf(vm, wish, { covers: known.covers.get(vm.key) ?? [], homes });
      if (typeof found === "string") {
        left.set(vm.key, { vm, why: found });
        continue;
      }
      for (const { policyId, wish: own } of found) {
        const key = policyId.toLowerCase();
        const policy = policies.get(key) ?? { policyId, edits: new Map<VmKey, Edit>() };
        const before = policy.edits.get(vm.key)?.wishes ?? [];
        policy.edits.set(vm.key, { vmId: vm.id, wishes: [...before, own] });
        policies.set(key, policy);
      }
    }
  }
  const ordered = [...policies].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    meant: [...meant.values()],
    policies: ordered.map(([, { policyId, edits }]) => ({ policyId, edits: [...edits.values()] })),
    left: [...left.values()],
  };
}

type Place = { readonly policyId: string; readonly wish: Wish };

function placesOf(
  vm: Vm,
  wish: Wish,
  { covers, homes }: { covers: readonly JitCover[]; homes: ReadonlyMap<string, string> },
): readonly Place[] | Why {
  if (covers.length > 0) return shared(wish, covers);
  if (wish.verb !== "enable") return "not-configured";
  if (jitStateOf(vm, covers) === "unsupported") return "unsupported";
  const policyId = homes.get(homeOf(vm)) ?? newPolicyId(vm);
  const name = policyId.slice(policyId.lastIndexOf("/") + 1);
  if (name.length + vm.name.length > NAMES_CHARACTERS_MAX) return "name-too-long";
  return [{ policyId, wish }];
}

/** A VM in several policies: each is asked about the ports that it has, and the first about new ones. */
function shared(wish: Wish, covers: readonly JitCover[]): readonly Place[] {
  const [first, ...others] = covers;
  if (first === undefined) return [];
  if (others.length === 0) return [{ policyId: first.policyId, wish }];
  const has = (cover: JitCover) => cover.ports.map(({ number }) => number);
  const all = covers.flatMap(has);
  const wanted = wish.ports ?? (wish.verb === "enable" ? DEFAULT_PORTS : undefined);
  if (wanted === undefined) return covers.map(({ policyId }) => ({ policyId, wish }));
  return covers.flatMap((cover) => {
    const own = wanted.filter(
      (port) => has(cover).includes(port) || (cover === first && !all.includes(port)),
    );
    return own.length === 0 ? [] : [{ policyId: cover.policyId, wish: { ...wish, ports: own } }];
  });
}

/** Where the VMs of a resource group and region are configured: `default`, or the first by id. */
function homesOf({ covers }: Known): ReadonlyMap<string, string> {
  const homes = new Map<string, string>();
  const ids = new Set([...covers.values()].flatMap((all) => all.map(({ policyId }) => policyId)));
  for (const id of [...ids].sort(byDefaultFirst)) {
    const [, subscription, group, location] =
      /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/.*\/locations\/([^/]+)\//i.exec(id) ??
      [];
    const home = [subscription, group, location].join("/").toLowerCase();
    if (!homes.has(home)) homes.set(home, id);
  }
  return homes;
}

function byDefaultFirst(a: string, b: string): number {
  const rank = (id: string) => (/\/default$/i.test(id) ? `0${id}` : `1${id}`).toLowerCase();
  return rank(a) < rank(b) ? -1 : 1;
}

const homeOf = ({ subscriptionId, resourceGroup, location }: Vm): string =>
  [subscriptionId, resourceGroup, location].join("/").toLowerCase();

const newPolicyId = ({ subscriptionId, resourceGroup, location }: Vm): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security` +
  `/locations/${location}/jitNetworkAccessPolicies/${NEW_POLICY_NAME}`;
