// What is in force for a request now: its rule, its approvers, whether its requester may still ask.

import type { People, Policy, Rule } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import type { AccessRequest } from "../request/request.ts";
import { includes, ruleFor } from "../request/rules.ts";
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
