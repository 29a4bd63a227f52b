// Which rules were looked at on the way to the one that decides, and why they didn't.

import { clockNow, hoursText } from "../hours/hours.ts";
import { anyGlob } from "../rules/glob.ts";
import type { Policy, Rule } from "../rules/policy.ts";
import { isInHours, matches } from "../rules/rule-match.ts";
import type { Vm } from "../vm/vm.ts";
import { tagOf } from "../vm/vm.ts";

export type Considered =
  | { readonly rule: Rule; readonly decides: readonly number[] }
  | { readonly rule: Rule; readonly mismatch: Mismatch };

/** The first key of the rule's `match` that the VM, or the ports, don't fit. */
type Mismatch = {
  /** `tags.env`, `subscriptions`, `resourceGroups`, `vms`, `ports` or `hours`. */
  readonly key: string;
  readonly wanted: readonly string[];
  /** `undefined`: the VM has no such tag. */
  readonly is: string | undefined;
};

/** The rules in the order of the file, up to the one after which no port is left to decide about. */
export function considered(
  policy: Policy,
  vm: Vm,
  { ports, nowMs }: { readonly ports: readonly number[]; readonly nowMs: number },
): readonly Considered[] {
  const found: Considered[] = [];
  let left = ports;
  for (const rule of policy.rules) {
    if (left.length === 0) break;
    const fits = left.filter((port) => matches(rule, vm, port));
    const decides = isInHours(rule, nowMs) ? fits : [];
    const missing = fits.length > 0 ? hoursOver(rule, nowMs) : mismatch(rule, vm, left);
    const one = decides.length > 0 ? { decides } : { mismatch: missing };
    found.push({ rule, ...one });
    left = left.filter((port) => !decides.includes(port));
  }
  return found;
}

/** Each zone's clocks show their own time. */
function hoursOver({ match: { hours = [] } }: Rule, nowMs: number): Mismatch {
  const zones = [...new Set(hours.map(({ zone }) => zone))];
  return {
    key: "hours",
    wanted: hours.map(hoursText),
    is: zones.map((zone) => clockNow(zone, nowMs)).join(", "),
  };
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
