// Which rules were looked at on the way to the one that decides, and why they didn't.

import type { Vm } from "../vm/vm.ts";
import { tagOf } from "../vm/vm.ts";
import { anyGlob } from "./glob.ts";
import type { Policy, Rule } from "./policy.ts";
import { matches } from "./rule-match.ts";

export type Considered =
  | { readonly rule: Rule; readonly decides: readonly number[] }
  | { readonly rule: Rule; readonly mismatch: Mismatch };

/** The first key of the rule's `match` that the VM, or the ports, don't fit. */
type Mismatch = {
  /** `tags.env`, `subscriptions`, `resourceGroups`, `vms` or `ports`. */
  readonly key: string;
  readonly wanted: readonly string[];
  /** `undefined`: the VM has no such tag. */
  readonly is: string | undefined;
};

/** The rules in the order of the file, up to the one after which no port is left to decide about. */
export function considered(
  policy: Policy,
  vm: Vm,
  ports: readonly number[],
): readonly Considered[] {
  const found: Considered[] = [];
  let left = ports;
  for (const rule of policy.rules) {
    if (left.length === 0) break;
    const decides = left.filter((port) => matches(rule, vm, port));
    const one = decides.length > 0 ? { decides } : { mismatch: mismatch(rule, vm, left) };
    found.push({ rule, ...one });
    left = left.filter((port) => !decides.includes(port));
  }
  return found;
}

/** Call with a rule that doesn't match. */
function mismatch({ match }: Rule, vm: Vm, ports: readonly number[]): Mismatch {
  const { tags = {}, subscriptions, resourceGroups, vms } = match;
  const keys: readonly (Omit<Mismatch, "wanted"> & { wanted: readonly string[] | undefined })[] = [
    ...Object.entries(tags).map(([name, wanted]) => ({
      key: `tags.${name}`,
      wanted,
      is: tagOf(vm, name),
    })),
    { key: "subscriptions", wanted: subscriptions, is: vm.subscriptionId },
    { key: "resourceGroups", wanted: resourceGroups, is: vm.resourceGroup },
    { key: "vms", wanted: vms, is: vm.name },
  ];
  for (const { key, wanted, is } of keys) {
    if (wanted === undefined || (is !== undefined && anyGlob(wanted)(is))) continue;
    return { key, wanted, is };
  }
  return { key: "ports", wanted: (match.ports ?? []).map(String), is: ports.join(", ") };
}
