// What was used, put to a file: whether its rules would let all of it be asked for and decided as it was. Pure.

import { contains, joinedSources } from "../network/source.ts";
import type { Policy, Rule } from "../rules/policy.ts";
import { allowsSource, MY_IP } from "../rules/requested-source.ts";
import { includes } from "../rules/rule-match.ts";
import { userId, vmKey } from "../text/ids.ts";
import { decidingRule, type Evidence } from "./finding.ts";
import { isSingle } from "./network-use.ts";
import type { Use } from "./usage.ts";

export type Lost = {
  readonly use: Use;
  readonly why: "rule" | "ports" | "duration" | "source" | "approver";
};

/**
 * Used requests that the present file would let through, and the advised one wouldn't, or by another rule. What
 * the present one refuses already proves nothing.
 */
export function lostBy(evidence: Evidence, advised: Policy): readonly Lost[] {
  const { policy, usage, vms } = evidence;
  return usage.uses.flatMap((use): readonly Lost[] => {
    if (!use.wasUsed) return [];
    const before = ruleOf(policy, vms, use);
    if (before === undefined) return [];
    const after = ruleOf(advised, vms, use);
    if (after?.name !== before.name) return [{ use, why: "rule" }];
    const why = refuses(after, advised, use);
    if (why !== undefined && refuses(before, policy, use) === undefined) return [{ use, why }];
    return losesApprover(evidence, use, { before, after }) ? [{ use, why: "approver" }] : [];
  });
}

/** Of a VM that is gone nobody can say what it would match: it was the rule of that name. */
function ruleOf(policy: Policy, vms: Evidence["vms"], use: Use): Rule | undefined {
  const isKnown = use.vmId !== undefined && vms.has(vmKey(use.vmId));
  return isKnown
    ? decidingRule(policy, vms, use)
    : policy.rules.find(({ name }) => name === use.rule);
}

function refuses(rule: Rule, policy: Policy, use: Use): Exclude<Lost["why"], "rule"> | undefined {
  const { ports } = rule.match;
  if (ports !== undefined && !use.ports.every((port) => ports.includes(port))) return "ports";
  if (use.longestMs > rule.maxDurationMs) return "duration";
  return allows(rule, policy, use) ? undefined : "source";
}

/** By the name that it was asked for with, where that is known; a single address may have been a person's own. */
function allows(rule: Rule, policy: Policy, { source, network }: Use): boolean {
  if (source === undefined) return true;
  const listsMyIp = rule.networks.some(({ kind }) => kind === "my-ip");
  if (network === MY_IP) return listsMyIp;
  if (network !== undefined) {
    const known = joinedSources(policy.networks[network] ?? []);
    return contains(known, source) && allowsSource(rule, source);
  }
  return allowsSource(rule, source) || (listsMyIp && isSingle(source));
}

type Both = { readonly before: Rule; readonly after: Rule };

function losesApprover({ members }: Evidence, { deciders }: Use, { before, after }: Both): boolean {
  return [...deciders.keys()].some((id) => {
    const user = userId(id);
    return includes(before.approvers, user, members) && !includes(after.approvers, user, members);
  });
}
