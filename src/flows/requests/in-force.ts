// What is in force for a request now: its rule, its approvers, whether its requester may still ask.

import { type AccessRequest, isEscalated } from "../../domain/request/request.ts";
import type { People, Policy, Rule } from "../../domain/rules/policy.ts";
import { includes } from "../../domain/rules/rule-match.ts";
import { type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Deps } from "../deps.ts";
import { DECIDING_AGE_MS, groupMembersOf, orCannotCheck } from "../people/people.ts";

type Needs = Pick<Deps, "chat" | "onCall">;

/**
 * The approvers of the rule that the request was made under, as it is now; where it is gone, those that were
 * promised, who may then deny or end but not approve, because the re-check refuses.
 */
export function approversInForce(policy: Policy, request: AccessRequest): People {
  const rule = policy.rules.find((one) => one.name === request.promised.rule);
  const usual = rule?.approvers ?? request.promised.approvers;
  const further = isEscalated(request) ? rule?.escalate?.to : undefined;
  if (further === undefined) return usual;
  return {
    users: [...usual.users, ...further.users],
    groups: [...usual.groups, ...further.groups],
    onCall: [...(usual.onCall ?? []), ...(further.onCall ?? [])],
  };
}

/** How many have to approve an extension: what was opened unapproved hasn't had the rule's own approvals yet. */
export const approvalsToExtend = (
  { ask }: AccessRequest,
  { approvals }: Rule,
  extend: NonNullable<Rule["extend"]>,
): number =>
  ask.breakGlass === true || ask.autoApproved === true
    ? Math.max(approvals, extend.approvals)
    : extend.approvals;

/** Whether the requester is still somebody who may ask, looked up afresh. */
export async function mayStillAsk(
  deps: Needs,
  policy: Policy,
  request: AccessRequest,
): Promise<Refusal | undefined> {
  const { requester } = request.ask;
  return orCannotCheck(async () => {
    const person = await deps.chat.person(requester, 0);
    if (person?.kind !== "full") {
      return refuse(
        "not-a-requester",
      )`${{ user: requester }} is no longer a full member of this workspace, so ${request.id} can't be opened.`;
    }
    const rule = policy.rules.find((one) => one.name === request.promised.rule);
    if (rule === undefined) {
      return refuse(
        "no-rule",
      )`Rule ${{ code: request.promised.rule }} no longer exists, so ${request.id} has to be requested again.`;
    }
    const allowed = request.ask.breakGlass === true ? rule.breakGlass : rule.requesters;
    const named = allowed === "anyone" ? [] : [allowed];
    const members = await groupMembersOf(deps, named, DECIDING_AGE_MS);
    return allowed === "anyone" || includes(allowed, requester, members)
      ? undefined
      : refuse(
          "not-a-requester",
        )`${{ user: requester }} can no longer request access under rule ${{ code: rule.name }}, so ${request.id} can't be opened.`;
  });
}
