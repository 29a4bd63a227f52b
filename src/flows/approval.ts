// An approval: everything is checked afresh, and only what still holds is handed to the transition.

import { coverFor, recheck } from "../request/ask.ts";
import { longestToSendMs } from "../request/bounds.ts";
import { askedDuration } from "../request/command/fields.ts";
import type { UserId } from "../request/ids.ts";
import type { PersonAct, Standing } from "../request/person-act.ts";
import type { People, Policy, Rule } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { type AccessRequest, inForce, type Narrowed } from "../request/request.ts";
import { includes, type Members, ruleFor } from "../request/rules.ts";
import { chooseSource, type MyAddress } from "../request/sources.ts";
import type { JitCover } from "../request/vm.ts";
import type { Intent } from "./authorise.ts";
import type { Deps } from "./deps.ts";
import { firstPicture } from "./find-vm.ts";
import { approvalsToExtend, approversInForce, mayStillAsk } from "./in-force.ts";
import { JUST_READ_AGE_MS, membersOf, orCannotCheck } from "./people.ts";

type Approver = {
  readonly user: UserId;
  readonly standing: Standing;
  readonly policy: Policy;
  readonly members: Members;
  readonly intent: Intent;
};

export async function approval(
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
  const picture = await firstPicture(deps);
  if (isRefusal(picture)) return picture;
  const vm = picture.vms.get(request.ask.vm.key);
  if (vm === undefined) return vmGone(request);
  const rule = ruleFor(policy, vm, request.ask.ports);
  if (isRefusal(rule)) return rule;
  const requesterMembers = await orCannotCheck(() =>
    membersOf(
      deps.chat,
      rule.requesters === "anyone" ? [] : rule.requesters.groups,
      JUST_READ_AGE_MS,
    ),
  );
  if (isRefusal(requesterMembers)) return requesterMembers;
  // Where the requester was proven to be needs no second proof, and may be typed as what it is.
  const { proven, source } = request.ask;
  const mine = { address: proven === true ? source : undefined, provable: false };
  const cutDown = narrowing({ policy, rule, mine }, intent.narrow);
  if (isRefusal(cutDown)) return cutDown;
  const narrow = isCut(request, cutDown) ? cutDown : undefined;
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
  const extension = await extensionOf(deps, { request, rule, narrow });
  if (isRefusal(extension)) return extension;
  const still = await stillApprovers(deps, { approvers, members }, request);
  if (isRefusal(still)) return still;
  return {
    act: "approve",
    by: user,
    standing,
    needed: Math.max(request.promised.approvals, extension?.approvals ?? rule.approvals),
    stillApprovers: still,
    longestMs: Math.min(
      longestToSendMs(cover, request.ask.ports),
      extension?.longestMs ?? Number.POSITIVE_INFINITY,
    ),
    policyHash: policy.hash,
    ...(narrow && { narrow }),
    ...(extension && { fromMs: extension.fromMs }),
  };
}

type Extension = {
  readonly fromMs: number;
  readonly approvals: number;
  readonly longestMs: number;
};

/** An extension begins where the access that it extends ends, if that is still open; else it is none. */
async function extensionOf(
  deps: Deps,
  about: {
    request: AccessRequest;
    rule: Rule;
    narrow: { readonly source: string } | undefined;
  },
): Promise<Extension | undefined | Refusal> {
  const { request, rule, narrow } = about;
  const { id, ask } = request;
  if (ask.extends === undefined) return undefined;
  if (rule.extend === undefined) {
    return refuse(
      "switched-off",
    )`The rule ${{ code: rule.name }} does not allow extensions any more, so ${id} cannot be granted.`;
  }
  if (narrow !== undefined && narrow.source !== inForce(request).source) {
    return refuse(
      "source-not-allowed",
    )`${id} carries on ${ask.extends}, which is open from where it is: only its time can be cut down.`;
  }
  const first = await orCannotCheck(() => deps.store.read(ask.extends ?? id));
  if (isRefusal(first)) return first;
  if (first?.request.state !== "open") {
    return refuse(
      "too-late",
    )`${ask.extends}, which ${id} extends, is not open any more: it has to be asked for anew.`;
  }
  const fromMs = first.request.grant.endsAtMs;
  return first.nowMs + rule.maxDurationMs <= fromMs
    ? refuse(
        "too-long",
      )`${ask.extends} already lasts as long as the rule ${{ code: rule.name }} allows from now: try again nearer to its end.`
    : {
        fromMs,
        approvals: approvalsToExtend(first.request, rule, rule.extend),
        longestMs: rule.maxDurationMs,
      };
}

/** What an approver typed, read as a request's own parts are. */
function narrowing(
  { policy, rule, mine }: { policy: Policy; rule: Rule; mine: MyAddress },
  typed: Intent["narrow"],
): Pick<Narrowed, "durationMs" | "source" | "sourceName"> | undefined | Refusal {
  if (typed === undefined) return undefined;
  const durationMs = askedDuration(typed.duration);
  if (isRefusal(durationMs)) return durationMs;
  const chosen = chooseSource(policy, rule, typed.source, mine);
  if (isRefusal(chosen)) return chosen;
  const { source, name } = chosen;
  return { durationMs, source, ...(name !== undefined && { sourceName: name }) };
}

/** The form sent as it was opened changes nothing, and nobody is told that it did. */
function isCut(request: AccessRequest, to: Pick<Narrowed, "durationMs" | "source"> | undefined) {
  const { durationMs, source } = inForce(request);
  return to !== undefined && (to.durationMs !== durationMs || to.source !== source);
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
