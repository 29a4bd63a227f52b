// What a waiting request's rule asks now, kept with what waits: so that its cards name who decides, and how many.

import type { SurroundingsAct } from "../../domain/request/acts/world-act.ts";
import type { RuleNow } from "../../domain/request/document/phase.ts";
import type { Moved } from "../../domain/request/moved.ts";
import type { AccessRequest, In } from "../../domain/request/request.ts";
import { transition } from "../../domain/request/transition.ts";
import type { Rule } from "../../domain/rules/policy.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { withoutUnable } from "../people/able-people.ts";
import { newsFor } from "./change-request.ts";
import { approvalsToExtend } from "./in-force.ts";

type Needs = Pick<Deps, "requests" | "chat" | "policy">;

/** As the policy file in force has it, without those who couldn't decide: as when it was requested. */
export async function ruleInForce(deps: Needs, request: In<"pending">): Promise<RuleNow> {
  const policy = deps.policy();
  const { promised, ask, sinceMs } = request;
  // What was decided once and waits again was promised some of it later.
  if (policy.hash === promised.policyHash && sinceMs === undefined) {
    const { approvers, approvals, escalate } = promised;
    return { approvers, approvals, ...(escalate && { escalateTo: escalate.to }) };
  }
  const rule = policy.rules.find(({ name }) => name === promised.rule);
  if (rule === undefined) return "gone";
  const approvals = await approvalsNow(deps, request, rule);
  if (approvals === undefined) return "no-extensions";
  const { approvers, escalate } = rule;
  return {
    approvers: await withoutUnable(deps, approvers, ask.requester),
    approvals,
    ...(escalate && { escalateTo: await withoutUnable(deps, escalate.to, ask.requester) }),
  };
}

/** `undefined`: it is an extension, and the rule allows none. */
async function approvalsNow(
  deps: Needs,
  { ask }: AccessRequest,
  rule: Rule,
): Promise<number | undefined> {
  if (ask.extends === undefined) return rule.approvals;
  if (rule.extend === undefined) return undefined;
  try {
    const first = await deps.requests.read(ask.extends);
    if (first !== undefined) return approvalsToExtend(first.request, rule, rule.extend);
  } catch (thrown) {
    // One that can't be read harms no other.
    if (!isFault(thrown) || thrown.retryable) throw thrown;
  }
  return rule.extend.approvals;
}

/** What its rule asks now is news to a waiting request; mostly it isn't, and nothing is to be written. */
export async function ruleNews(
  deps: Needs,
  request: AccessRequest,
): Promise<SurroundingsAct | undefined> {
  if (request.state !== "pending") return undefined;
  const news = { act: "rule-now", inForce: await ruleInForce(deps, request) } as const;
  return transition(request, news, 0).request === request ? undefined : news;
}

/** What waits after a click, or waits again, names who decides now. */
export async function withRuleNow(deps: Needs, moved: Moved, nowMs: number): Promise<Moved> {
  const news = await ruleNews(deps, moved.request);
  return news === undefined
    ? moved
    : { ...moved, request: transition(moved.request, news, nowMs).request };
}

/** Tells a waiting request what its rule asks now. */
export async function followRule(
  deps: Needs & Pick<Deps, "onCommitted">,
  request: AccessRequest,
): Promise<void> {
  const news = await ruleNews(deps, request);
  if (news !== undefined) await newsFor(deps, request.id, news);
}
