// Which JIT policies an enabling, changing or disabling touches, and which VMs can't be done. Pure.

import { type Selector, selectorMatches } from "../command/vm-selector.ts";
import type { VmKey } from "../text/ids.ts";
import { goneVms } from "../vm/gone-vms.ts";
import { jitStateOf } from "../vm/jit-state.ts";
import type { JitVmPolicy, Vm } from "../vm/vm.ts";
import { DEFAULT_PORTS, type DesiredPolicy } from "./desired-policy.ts";
import type { Edit } from "./merge-policy.ts";

/** Some VMs, and what is wanted of them. */
export type Item = { readonly selector: Selector; readonly desired: DesiredPolicy };

export type Why =
  /** It has no network security group, nor a firewall. */
  | "unsupported"
  /** Azure keeps the names of policy and VM within 56 characters together. */
  | "name-too-long"
  /** Nothing to change or to disable. */
  | "not-configured";

export type Left = { readonly vm: Vm; readonly why: Why };

/** What to do to one policy, which may not exist yet. */
export type PolicyEdit = { readonly policyId: string; readonly edits: readonly Edit[] };

export type Plan = {
  /** Of all VMs that were meant. */
  readonly meant: readonly Vm[];
  readonly policies: readonly PolicyEdit[];
  readonly left: readonly Left[];
};

type Known = {
  readonly vms: ReadonlyMap<VmKey, Vm>;
  readonly vmPolicies: ReadonlyMap<VmKey, readonly JitVmPolicy[]>;
};

/** Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage */
const NAMES_CHARACTERS_MAX = 56;
const NEW_POLICY_NAME = "default";

export function planOf(items: readonly Item[], known: Known): Plan {
  const spelled = spelledIn(known);
  const policies = new Map<string, { policyId: string; edits: Map<VmKey, Edit> }>();
  const left = new Map<VmKey, Left>();
  const meant = new Map<VmKey, Vm>();
  const gone = goneVms(known);
  for (const { selector, desired } of items) {
    // What is gone can be taken out, and nothing else be done to it.
    for (const vm of desired.verb === "disable"
      ? [...known.vms.values(), ...gone]
      : known.vms.values()) {
      if (!selectorMatches(selector, vm)) continue;
      meant.set(vm.key, vm);
      const found = placesOf(vm, desired, {
        vmPolicies: known.vmPolicies.get(vm.key) ?? [],
        spelled,
      });
      if (typeof found === "string") {
        left.set(vm.key, { vm, why: found });
        continue;
      }
      for (const { policyId, desired: own } of found) {
        const key = policyId.toLowerCase();
        const policy = policies.get(key) ?? { policyId, edits: new Map<VmKey, Edit>() };
        const before = policy.edits.get(vm.key)?.changes ?? [];
        policy.edits.set(vm.key, { vmId: vm.id, changes: [...before, own] });
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

type Place = { readonly policyId: string; readonly desired: DesiredPolicy };

function placesOf(
  vm: Vm,
  desired: DesiredPolicy,
  {
    vmPolicies,
    spelled,
  }: { vmPolicies: readonly JitVmPolicy[]; spelled: ReadonlyMap<string, string> },
): readonly Place[] | Why {
  const own = vmPolicies.filter(
    ({ policyId }) => desired.into === undefined || isCalled(policyId, desired.into),
  );
  const isEmpty = vmPolicies.every(({ ports }) => ports.length === 0);
  if (desired.verb === "change" && isEmpty) return "not-configured";
  if (own.length > 0) return shared(desired, own);
  if (desired.verb !== "enable") return "not-configured";
  if (jitStateOf(vm, []) === "unsupported") return "unsupported";
  const name = desired.into ?? NEW_POLICY_NAME;
  const made = newPolicyId(vm, name);
  if (name.length + vm.name.length > NAMES_CHARACTERS_MAX) return "name-too-long";
  return [{ policyId: spelled.get(made.toLowerCase()) ?? made, desired }];
}

const isCalled = (policyId: string, name: string): boolean =>
  policyId.toLowerCase().endsWith(`/${name.toLowerCase()}`);

/** A VM in several policies: each is asked about the ports that it has, and the first about new ones. */
function shared(desired: DesiredPolicy, vmPolicies: readonly JitVmPolicy[]): readonly Place[] {
  const [first, ...others] = vmPolicies;
  if (first === undefined) return [];
  if (others.length === 0) return [{ policyId: first.policyId, desired }];
  const has = (vmPolicy: JitVmPolicy) => vmPolicy.ports.map(({ number }) => number);
  const all = vmPolicies.flatMap(has);
  const wanted = desired.ports ?? (desired.verb === "enable" ? DEFAULT_PORTS : undefined);
  if (wanted === undefined) return vmPolicies.map(({ policyId }) => ({ policyId, desired }));
  return vmPolicies.flatMap((vmPolicy) => {
    const own = wanted.filter(
      (port) => has(vmPolicy).includes(port) || (vmPolicy === first && !all.includes(port)),
    );
    return own.length === 0
      ? []
      : [{ policyId: vmPolicy.policyId, desired: { ...desired, ports: own } }];
  });
}

/** The policies that are there, as Azure spells their ids, by these in lower case. */
function spelledIn({ vmPolicies }: Known): ReadonlyMap<string, string> {
  const ids = [...vmPolicies.values()].flatMap((all) => all.map(({ policyId }) => policyId));
  return new Map(ids.map((id) => [id.toLowerCase(), id]));
}

/** In the VM's own group and region. Other people's policies there are left alone: scripts often make one for each VM. */
const newPolicyId = ({ subscriptionId, resourceGroup, location }: Vm, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security` +
  `/locations/${location}/jitNetworkAccessPolicies/${name}`;
