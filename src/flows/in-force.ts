// What is in force for a request now: its rule, its approvers, whether its requester may still ask.

import type { People, Policy, Rule } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { type AccessRequest, inForce } from "../request/request.ts";
import { includes, ruleFor } from "../request/rules.ts";
import { allowsAsked } from "../request/sources.ts";
import type { Deps } from "./deps.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck } from "./people.ts";

/**
 * The approvers of the rule in force; where its VM or rule is gone, those that were promised, who may then
 * deny or end but not approve, because the re-check refuses.
 */
export function approversInForce(deps: Deps, policy: Policy, request: AccessRequest): People {
  const rule = ruleInForce(deps, policy, request);
  const usual = rule?.approvers ?? request.promised.approvers;
  const escalated = request.state === "pending" && request.escalatedAtMs !== undefined;
  const further = escalated ? rule?.escalate?.to : undefined;
  if (further === undefined) return usual;
  return {
    users: [...usual.users, ...further.users],
    groups: [...usual.groups, ...further.groups],
  };
}

function ruleInForce(deps: Deps, policy: Policy, request: AccessRequest): Rule | undefined {
  const vm = deps.azure.picture().vms.get(request.ask.vm.key);
  const rule = vm === undefined ? undefined : ruleFor(policy, vm, request.ask.ports);
  if (rule !== undefined && !isRefusal(rule) && rule.name === request.promised.rule) {
    return rule;
  }
  return policy.rules.find((one) => one.name === request.promised.rule);
}

/** How many have to approve an extension: what was opened unapproved has not had the rule's own approvals yet. */
export const approvalsToExtend = (
  { ask }: AccessRequest,
  { approvals }: Rule,
  extend: NonNullable<Rule["extend"]>,
): number => (ask.breakGlass === true ? Math.max(approvals, extend.approvals) : extend.approvals);

/** Whether the requester is still somebody who may ask, looked up afresh. */
export async function mayStillAsk(
  deps: Deps,
  policy: Policy,
  request: AccessRequest,
): Promise<Refusal | undefined> {
  const { requester } = request.ask;
  return orCannotCheck(async () => {
    const person = await deps.chat.person(requester, 0);
    if (person?.kind !== "full") {
      return refuse(
        "not-a-requester",
      )`${{ user: requester }} is not a full member of this workspace any more, so ${request.id} cannot be granted.`;
    }
    const rule = policy.rules.find((one) => one.name === request.promised.rule);
    if (rule === undefined) {
      return refuse(
        "no-rule",
      )`The rule ${{ code: request.promised.rule }} does not exist any more, so ${request.id} has to be asked for again.`;
    }
    const allowed = request.ask.breakGlass === true ? rule.breakGlass : rule.requesters;
    const groups = allowed === "anyone" ? [] : allowed.groups;
    const members = await membersOf(deps.chat, groups, DECIDING_AGE_MS);
    return allowed === "anyone" || includes(allowed, requester, members)
      ? undefined
      : refuse(
          "not-a-requester",
        )`${{ user: requester }} may not ask under the rule ${{ code: rule.name }} any more, so ${request.id} cannot be granted.`;
  });
}

/**
 * Refuses where another rule decides about the VM by now, or its rule does not allow the source any more:
 * what was granted under the old one is not begun anew. The VM's JIT policy is Azure's to enforce.
 */
export function refuseOtherRule(
  deps: Deps,
  policy: Policy,
  request: AccessRequest,
): Refusal | undefined {
  const { ask, promised, id } = request;
  const vm = deps.azure.picture().vms.get(ask.vm.key);
  if (vm === undefined) {
    return refuse(
      "no-such-vm",
    )`${{ strong: ask.vm.name }} cannot be seen in Azure, so ${id} cannot be granted.`;
  }
  const rule = ruleFor(policy, vm, ask.ports);
  if (isRefusal(rule)) return rule;
  if (rule.name !== promised.rule) {
    return refuse(
      "no-rule",
    )`The rules have changed: ${{ code: rule.name }} decides about ${{ strong: vm.name }} now, not ${{ code: promised.rule }}, so ${id} has to be asked for again.`;
  }
  const { source } = inForce(request);
  return allowsAsked(rule, { ...ask, source })
    ? undefined
    : refuse(
        "source-not-allowed",
      )`The rule ${{ code: rule.name }} does not allow the source ${{ code: source }} any more, so ${id} has to be asked for again.`;
}
