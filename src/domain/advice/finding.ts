// What an advice is made of: what is never used, what is, and the edits of the policy file that follow. Pure.

import type { KeyPath } from "../check/policy-warning.ts";
import type { Policy, Rule } from "../rules/policy.ts";
import { ruleFor } from "../rules/rule-match.ts";
import { type GroupId, type UserId, type VmKey, vmKey } from "../text/ids.ts";
import { isRefusal } from "../text/refusal.ts";
import type { JitVmPolicy, Vm } from "../vm/vm.ts";
import { type Tally, tallied, type Usage, type Use } from "./usage.ts";

/** An edit of the file as it is written; paths are of the present file, before any edit. */
export type Edit =
  /** Leaves these items of a list, and no other. */
  | { readonly act: "keep"; readonly path: KeyPath; readonly items: readonly number[] }
  /** Sets a key, or adds it. */
  | {
      readonly act: "set";
      readonly path: KeyPath;
      readonly value: string | readonly number[];
    }
  /** Takes out a key, or an item of a list. */
  | { readonly act: "remove"; readonly path: KeyPath };

type FindingKind =
  | "ports"
  | "duration"
  | "networks"
  | "approvers"
  | "matches-nothing"
  | "rule-unused"
  | "ranges"
  | "network-unused";

/** Something that is in use, by its name in the file. */
export type Seen = Tally & { readonly what: string };

export type Finding = {
  readonly kind: FindingKind;
  /** The rule's name, or the network's. */
  readonly about: string;
  readonly path: KeyPath;
  /** What can go, as the file writes it. */
  readonly unused: readonly string[];
  /** What stays, and why. */
  readonly used: readonly Seen[];
  /** Of a duration: what is allowed, the longest that was used, what would do. */
  readonly duration?: {
    readonly allowedMs: number;
    readonly longestMs: number;
    readonly advisedMs: number;
  };
  /** How many VMs the rule decides about. */
  readonly vms?: number;
  /** Why nothing is edited: a later rule that would decide instead. */
  readonly heir?: string;
  /** Empty: somebody has to decide what to do. */
  readonly edits: readonly Edit[];
};

/** What advice rests on. */
export type Evidence = {
  readonly policy: Policy;
  readonly usage: Usage;
  readonly vms: ReadonlyMap<VmKey, Vm>;
  readonly vmPolicies: ReadonlyMap<VmKey, readonly JitVmPolicy[]>;
  /** Every subscription was read. */
  readonly isWhole: boolean;
  /** The members of the groups that could be looked up. */
  readonly members: ReadonlyMap<GroupId, readonly UserId[]>;
};

/** The requests of each rule: by what decides about their VM today, and by the name of the rule that did. */
export function usesByRule({ policy, usage, vms }: Evidence): ReadonlyMap<Rule, readonly Use[]> {
  const found = new Map<Rule, Use[]>();
  for (const use of usage.uses) {
    const named = policy.rules.find(({ name }) => name === use.rule);
    const deciding = decidingRule(policy, vms, use);
    for (const rule of new Set([named, deciding])) {
      if (rule === undefined) continue;
      const known = found.get(rule);
      if (known === undefined) found.set(rule, [use]);
      else known.push(use);
    }
  }
  return found;
}

/** At the time of day at which it was used last. `undefined`: none does today, or the VM is gone. */
export function decidingRule(
  policy: Policy,
  vms: Evidence["vms"],
  { vmId, ports, lastAtMs }: Pick<Use, "vmId" | "ports" | "lastAtMs">,
): Rule | undefined {
  const vm = vmId === undefined ? undefined : vms.get(vmKey(vmId));
  const rule = vm === undefined ? undefined : ruleFor(policy, vm, { ports, nowMs: lastAtMs });
  return rule === undefined || isRefusal(rule) ? undefined : rule;
}

export const total = (uses: readonly Tally[]): Tally | undefined =>
  uses.reduce<Tally | undefined>(
    (sum, { count, lastAtMs }) => tallied(sum, lastAtMs, count),
    undefined,
  );

/** `undefined` where nothing of it is in use. */
export function seen(what: string, uses: readonly Tally[]): Seen | undefined {
  const tally = total(uses);
  return tally && { what, ...tally };
}
