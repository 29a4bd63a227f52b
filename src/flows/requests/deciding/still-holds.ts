// Everything that a decision about a request checks, read now: from Slack, from Azure, from the rules in force.

import type { Narrowed } from "../../../domain/request/request.ts";
import { type AccessRequest, inForce } from "../../../domain/request/request.ts";
import { isAutoApproved } from "../../../domain/rules/auto-approval.ts";
import { longestToSendMs } from "../../../domain/rules/bounds.ts";
import { jitPolicyFor, recheck } from "../../../domain/rules/check-ask.ts";
import type { People, Policy, Rule } from "../../../domain/rules/policy.ts";
import { includes, type Members, ruleFor } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { Deps } from "../../deps.ts";
import { standsStill } from "../../people/delegations.ts";
import { DECIDING_AGE_MS, groupMembersOf, orCannotCheck } from "../../people/people.ts";
import { approvalsToExtend, approversInForce, mayStillAsk } from "../in-force.ts";
import { type ReadNow, readNow } from "./read-now.ts";

type Needs = Pick<Deps, "requests" | "absences" | "azure" | "chat" | "onCall">;

type At = { readonly policy: Policy; readonly nowMs: number };

/** What holds before anybody has said what to open. */
export type Grounds = ReadNow & {
  readonly rule: Rule;
  /** Of those whom the rule lets ask, or asks no approval of. */
  readonly members: Members;
  readonly nowMs: number;
};

type Case = {
  readonly policy: Policy;
  readonly request: AccessRequest;
  /** Of those who may approve. */
  readonly members: Members;
};

/** The rule that decides about the VM now, if the requester may still ask and the VM is still there. */
export async function groundsNow(
  deps: Needs,
  { policy, nowMs }: At,
  request: AccessRequest,
): Promise<Grounds | Refusal> {
  const mayNot = await mayStillAsk(deps, policy, request);
  if (mayNot !== undefined) return mayNot;
  const now = await readNow(deps, request.ask);
  if (isRefusal(now)) return now;
  const rule = ruleFor(policy, now.vm, { ports: request.ask.ports, nowMs });
  if (isRefusal(rule)) return rule;
  const allowed = request.ask.breakGlass === true ? rule.breakGlass : rule.requesters;
  const people = [allowed, rule.autoApprove].filter((one) => one !== undefined && one !== "anyone");
  const members = await orCannotCheck(() => groupMembersOf(deps, people, DECIDING_AGE_MS));
  return isRefusal(members) ? members : { ...now, rule, members, nowMs };
}

export type Holds = {
  /** The larger of what was promised and what is in force. */
  readonly needed: number;
  /** Of those who approved before, the ones who still may. */
  readonly stillApprovers: readonly UserId[];
  /** The longest that may be sent to Azure now. */
  readonly longestMs: number;
  /** Where an extension's time begins. */
  readonly fromMs?: number;
  /** Where that is another JIT policy than the one that was asked for. */
  readonly jitPolicyId?: string;
};

/**
 * Everything that a decision checks, as it is at `nowMs`, of a request whose decision was made before: its
 * requester, its rule, its approvers, its VM and JIT policy.
 */
export async function holdsNow(
  deps: Needs & Pick<Deps, "policy">,
  request: AccessRequest,
  nowMs: number,
): Promise<HoldsNow | Refusal> {
  const policy = deps.policy();
  const approvers = approversInForce(policy, request);
  const members = await orCannotCheck(() => groupMembersOf(deps, [approvers], DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  const grounds = await groundsNow(deps, { policy, nowMs }, request);
  if (isRefusal(grounds)) return grounds;
  const holds = await stillHolds(deps, { policy, request, members }, { grounds });
  if (isRefusal(holds)) return holds;
  return { ...holds, policyHash: policy.hash, rule: grounds.rule };
}

type HoldsNow = Holds & { readonly policyHash: string; readonly rule: Rule };

type Terms = Pick<Narrowed, "durationMs" | "source">;

/** Refuses where the request, or what an approver makes of it, couldn't be granted as things are now. */
export async function stillHolds(
  deps: Needs,
  { policy, request, members }: Case,
  { grounds, narrow }: { grounds: Grounds; narrow?: Terms | undefined },
): Promise<Holds | Refusal> {
  const { vm, rule, nowMs } = grounds;
  const { ask, promised, id } = request;
  if (grounds.vmPolicy === undefined) {
    return refuse(
      "not-configured",
    )`${{ strong: ask.vm.name }} is no longer in a JIT policy, so it can't be opened: it has to be enabled and requested again.`;
  }
  const refusal = recheck(
    { ...ask, ...inForce(request), ...narrow },
    {
      policy,
      vm,
      vmPolicy: grounds.vmPolicy,
      promisedRule: promised.rule,
      members: grounds.members,
      nowMs,
    },
  );
  if (refusal !== undefined) return refusal;
  const vmPolicy = jitPolicyFor(vm, [grounds.vmPolicy], ask.ports);
  if (isRefusal(vmPolicy)) return vmPolicy;
  if (narrow !== undefined && ask.extends !== undefined) {
    if (narrow.source !== inForce(request).source) {
      return refuse(
        "source-not-allowed",
      )`${id} extends ${ask.extends} and keeps its source: you can only shorten it.`;
    }
  }
  const extension = await extensionOf(deps, request, rule);
  if (isRefusal(extension)) return extension;
  const approvers = approversInForce(policy, request);
  const about = { policy, request, approvers, members };
  const still = await orCannotCheck(() => stillApprovers(deps, about));
  if (isRefusal(still)) return still;
  const longestMs = longestToSendMs(vmPolicy, ask.ports);
  // What its rule approved by itself has an approval only while that rule still gives it.
  const isAuto = ask.autoApproved === true && isAutoApproved(rule, ask.requester, grounds.members);
  const needed = isAuto ? 0 : (extension?.approvals ?? rule.approvals);
  return {
    needed: Math.max(promised.approvals, needed),
    stillApprovers: still,
    longestMs: Math.min(longestMs, extension?.longestMs ?? Number.POSITIVE_INFINITY),
    ...(extension && { fromMs: extension.fromMs }),
    ...(vmPolicy.policyId.toLowerCase() !== ask.jitPolicyId.toLowerCase() && {
      jitPolicyId: vmPolicy.policyId,
    }),
  };
}

type Extension = {
  readonly fromMs: number;
  readonly approvals: number;
  readonly longestMs: number;
};

/** An extension begins where the access that it extends ends, if that is still open; else it is none. */
async function extensionOf(
  deps: Needs,
  { id, ask }: AccessRequest,
  rule: Rule,
): Promise<Extension | undefined | Refusal> {
  if (ask.extends === undefined) return undefined;
  if (rule.extend === undefined) {
    return refuse(
      "switched-off",
    )`Rule ${{ code: rule.name }} no longer allows extensions, so ${id} can't be approved.`;
  }
  const first = await orCannotCheck(() => deps.requests.read(ask.extends ?? id));
  if (isRefusal(first)) return first;
  if (first?.request.state !== "open") {
    return refuse(
      "too-late",
    )`${ask.extends}, which ${id} extends, is no longer open: it has to be requested again.`;
  }
  const fromMs = first.request.grant.endsAtMs;
  return first.nowMs + rule.maxDurationMs <= fromMs
    ? refuse(
        "too-long",
      )`${ask.extends} already lasts as long as the rule ${{ code: rule.name }} allows from now: try again closer to its end.`
    : {
        fromMs,
        approvals: approvalsToExtend(first.request, rule, rule.extend),
        longestMs: rule.maxDurationMs,
      };
}

/** Those who approved before and still may: named by the rule or standing in, and full members of the workspace. */
async function stillApprovers(
  deps: Needs,
  about: Case & { readonly approvers: People },
): Promise<readonly UserId[]> {
  const { request, approvers, members } = about;
  const checked = await Promise.all(
    request.approvals.map(async (approval) => {
      const { by } = approval;
      const person = await deps.chat.person(by, 0);
      const isApprover =
        approval.for === undefined
          ? includes(approvers, by, members)
          : await standsStill(deps, approval, about);
      return person?.kind === "full" && isApprover ? [by] : [];
    }),
  );
  return checked.flat();
}
