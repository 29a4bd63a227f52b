// Whether a person may act on a request: worked out afresh at every click, from the rules in force.

import type { Kept } from "../ports/store.ts";
import { coverFor, longestToSendMs, recheck } from "../request/ask.ts";
import { askedDuration } from "../request/command/fields.ts";
import type { UserId } from "../request/ids.ts";
import type { PersonAct, Standing } from "../request/people-acts.ts";
import type { People, Policy, Rule } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { type AccessRequest, inForce, type Narrowed } from "../request/request.ts";
import { includes, type Members, ruleFor } from "../request/rules.ts";
import { chooseSource } from "../request/sources.ts";
import type { JitCover } from "../request/vm.ts";
import type { Deps } from "./deps.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck } from "./people.ts";

/** What somebody wants to do; `reason` is that of a denial, or what a review says. */
export type Intent = {
  readonly act: PersonAct["act"];
  readonly reason?: string;
  readonly verdict?: "ok" | "concern";
  readonly narrow?: { readonly duration: string; readonly source: string };
};

type Case = { readonly kept: Kept; readonly intent: Intent };

/** Works out what the person is to the request, and for an approval whether everything still holds. */
export async function authorise(
  deps: Deps,
  user: UserId,
  { kept, intent }: Case,
): Promise<PersonAct | Refusal> {
  const { request } = kept;
  const policy = deps.policy();
  const approvers = approversInForce(deps, policy, request);
  const groups = [...approvers.groups, ...policy.admins.groups];
  const members = await orCannotCheck(() => membersOf(deps.chat, groups, DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  const standing: Standing = {
    isApprover: includes(approvers, user, members),
    isAdmin: includes(policy.admins, user, members),
  };
  switch (intent.act) {
    case "approve":
      return approval(deps, { user, standing, policy, members, intent }, request);
    case "deny":
      return { act: "deny", by: user, standing, reason: intent.reason ?? "" };
    case "retry": {
      const refusal = await mayStillAsk(deps, policy, request);
      return refusal ?? { act: "retry", by: user, standing };
    }
    case "end":
      return policy.endEarly === "off"
        ? refuse(
            "switched-off",
          )`Ending early is switched off in the policy file: ${request.id} ends by itself at its time.`
        : { act: "end", by: user, standing };
    case "review": {
      const { verdict = "ok", reason = "" } = intent;
      return { act: "review", by: user, standing, verdict, text: reason };
    }
    default:
      return { act: intent.act, by: user, standing };
  }
}

/**
 * The approvers of the rule in force; where its VM or rule is gone, those that were promised, who may then
 * deny or end but not approve, because the re-check refuses.
 */
function approversInForce(deps: Deps, policy: Policy, request: AccessRequest): People {
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

type Approver = {
  readonly user: UserId;
  readonly standing: Standing;
  readonly policy: Policy;
  readonly members: Members;
  readonly intent: Intent;
};

async function approval(
  deps: Deps,
  { user, standing, policy, members, intent }: Approver,
  request: AccessRequest,
): Promise<PersonAct | Refusal> {
  // Whoever may not approve anyway costs Azure nothing and learns nothing.
  const allowed = standing.isApprover && user !== request.ask.requester;
  if (!allowed || request.state !== "pending") {
    const nothing = { needed: Number.POSITIVE_INFINITY, stillApprovers: [], longestMs: 0 };
    return { act: "approve", by: user, standing, ...nothing, policyHash: policy.hash };
  }
  const standingFault = await mayStillAsk(deps, policy, request);
  if (standingFault !== undefined) return standingFault;
  const fresh = await freshCover(deps, request);
  if (isRefusal(fresh)) return fresh;
  const vm = deps.azure.picture().vms.get(request.ask.vm.key);
  if (vm === undefined) return vmGone(request);
  const rule = ruleFor(policy, vm, request.ask.ports);
  if (isRefusal(rule)) return rule;
  const requesterMembers = await orCannotCheck(() =>
    membersOf(
      deps.chat,
      rule.requesters === "anyone" ? [] : rule.requesters.groups,
      DECIDING_AGE_MS,
    ),
  );
  if (isRefusal(requesterMembers)) return requesterMembers;
  const narrow = narrowing(policy, rule, intent.narrow);
  if (isRefusal(narrow)) return narrow;
  const asked = { ...request.ask, ...inForce(request), ...narrow };
  const refusal = recheck(asked, {
    policy,
    vm,
    cover: fresh,
    promisedRule: request.promised.rule,
    members: requesterMembers,
  });
  if (refusal !== undefined) return refusal;
  const cover = coverFor(vm, [fresh], request.ask.ports);
  if (isRefusal(cover)) return cover;
  const approvers = approversInForce(deps, policy, request);
  const still = await stillApprovers(deps, { approvers, members }, request);
  if (isRefusal(still)) return still;
  return {
    act: "approve",
    by: user,
    standing,
    needed: Math.max(request.promised.approvals, rule.approvals),
    stillApprovers: still,
    longestMs: longestToSendMs(cover, request.ask.ports),
    policyHash: policy.hash,
    ...(narrow && { narrow }),
  };
}

/** What an approver typed, read as a request's own parts are. */
function narrowing(
  policy: Policy,
  rule: Rule,
  typed: Intent["narrow"],
): Pick<Narrowed, "durationMs" | "source" | "sourceName"> | undefined | Refusal {
  if (typed === undefined) return undefined;
  const durationMs = askedDuration(typed.duration);
  if (isRefusal(durationMs)) return durationMs;
  const chosen = chooseSource(policy, rule, typed.source);
  if (isRefusal(chosen)) return chosen;
  const { source, name } = chosen;
  return { durationMs, source, ...(name !== undefined && { sourceName: name }) };
}

/** Those who approved before and still may: in the rule's list, and full members of the workspace. */
async function stillApprovers(
  deps: Deps,
  { approvers, members }: { approvers: People; members: Members },
  request: AccessRequest,
): Promise<readonly UserId[] | Refusal> {
  return orCannotCheck(async () => {
    const checked = await Promise.all(
      request.approvals.map(async ({ by }) => {
        const person = await deps.chat.person(by, 0);
        return person?.kind === "full" && includes(approvers, by, members) ? [by] : [];
      }),
    );
    return checked.flat();
  });
}

/** Whether the requester is still somebody who may ask, looked up afresh. */
async function mayStillAsk(
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

/** What the VM's JIT policy allows, read from Azure now. */
async function freshCover(deps: Deps, request: AccessRequest): Promise<JitCover | Refusal> {
  return orCannotCheck(async () => {
    const policy = await deps.azure.readPolicy(request.ask.jitPolicyId);
    const cover = policy?.covers.find((one) => one.vm === request.ask.vm.key);
    return (
      cover ??
      refuse(
        "not-configured",
      )`${{ strong: request.ask.vm.name }} is not in its JIT policy any more, so there is nothing to open: it has to be enabled and asked for again.`
    );
  });
}

const vmGone = (request: AccessRequest): Refusal =>
  refuse(
    "no-such-vm",
  )`${{ strong: request.ask.vm.name }} cannot be seen in Azure any more, so ${request.id} cannot be granted.`;
