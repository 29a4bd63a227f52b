// Extending: a request of its own, tied to the first, whose time begins where the first one's ends.

import { extendableBy, goesOn } from "../../../domain/request/offers.ts";
import { type In, inForce } from "../../../domain/request/request.ts";
import { stateWord } from "../../../domain/request/state-words.ts";
import type { Ask } from "../../../domain/rules/ask.ts";
import { groundOf, isAutoApproved } from "../../../domain/rules/auto-approval.ts";
import { longestToSendMs } from "../../../domain/rules/bounds.ts";
import { jitPolicyFor, recheck } from "../../../domain/rules/check-ask.ts";
import type { Rule } from "../../../domain/rules/policy.ts";
import { type Members, ruleFor } from "../../../domain/rules/rule-match.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import type { RequestId, UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { words } from "../../../domain/text/words.ts";
import type { JitVmPolicy } from "../../../domain/vm/vm.ts";
import type { Sender } from "../../../ports/inbound.ts";
import { extensionLease } from "../../../ports/storage/leases.ts";
import type { Deps } from "../../deps.ts";
import { orUnread } from "../../inventory/unread-policies.ts";
import { refuseKnownOutsiders } from "../../people/look-afresh.ts";
import { DECIDING_AGE_MS, groupMembersOf, orCannotCheck, rotasOf } from "../../people/people.ts";
import { refuseUnproven, withPage } from "../../people/proven-still.ts";
import { refuseTooManyAsks } from "../asking/ask-rate.ts";
import { type CheckedAsk, type Submitted, submitRequest } from "../asking/create-request.ts";
import { canSeeRequest, refuseCommand } from "../can-see.ts";
import { noSuchRequest } from "../deciding/decide.ts";
import { type ReadNow, readNow } from "../deciding/read-now.ts";
import { approvalsToExtend, mayStillAsk } from "../in-force.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "leases"
  | "limits"
  | "rateLimits"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "random"
  | "policy"
  | "onCommitted"
  | "history"
  | "page"
  | "clock"
  | "log"
>;

export type ExtendAsk = {
  readonly id: RequestId;
  readonly durationMs: number;
  readonly reason: string;
  /** The nonce of the button, if it was one. */
  readonly nonce?: string;
};

/** A chain of extensions is followed back so far; the policy file allows at most 100. */
const CHAIN_MAX = 101;
const OWN_READ_MAX = 1_000;

export async function extend(
  deps: Needs,
  sender: Sender,
  wanted: ExtendAsk,
): Promise<Submitted | Refusal | "repeated"> {
  const found = await extendable(deps, sender, wanted);
  if (isRefusal(found)) return found;
  return oneAtATime(deps, { sender, id: wanted.id }, async () => {
    const tooMany = await refuseTooManyAsks(deps, sender.user, { breakGlass: false });
    if (tooMany !== undefined) return tooMany;
    const checked = await checkExtension(deps, { ...found, wanted });
    return isRefusal(checked) ? checked : submitRequest(deps, sender, checked);
  });
}

/** The access if it is this person's to extend: asked before a form is opened for it, and again after. */
export async function extendable(
  deps: Needs,
  sender: Sender,
  { id, nonce }: Pick<ExtendAsk, "id" | "nonce">,
): Promise<Pick<Case, "first" | "nowMs"> | Refusal> {
  const byButton = nonce !== undefined;
  const mayNot = byButton
    ? await refuseKnownOutsiders(deps, sender)
    : await refuseCommand(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const stored = await deps.requests.read(id);
  const seen = byButton
    ? nonce === stored?.request.nonce
    : await canSeeRequest(deps, sender.user, stored?.request);
  if (isRefusal(seen)) return seen;
  if (stored === undefined || !seen) return noSuchRequest(id);
  const first = extendableBy(stored.request, sender.user, stored.nowMs);
  return isRefusal(first) ? first : { first, nowMs: stored.nowMs };
}

/** Long enough for every look-up to run into its time-out. */
export const TURN_MS = 30_000;

async function oneAtATime<T>(
  { leases }: Needs,
  { sender, id }: { sender: Sender; id: RequestId },
  work: () => Promise<T>,
): Promise<T | Refusal> {
  const turn = extensionLease(id);
  if (!(await leases.take(turn, sender.delivery, TURN_MS))) {
    return refuse("cannot-check")`${id} is being extended right now: check it, then try again.`;
  }
  try {
    return await work();
  } finally {
    // Where Redis is away the turn runs out by itself.
    await leases.give(turn, sender.delivery).catch(() => undefined);
  }
}

type Case = { readonly first: In<"open">; readonly wanted: ExtendAsk; readonly nowMs: number };

/** The ask for more time, checked against everything as it is now. */
export async function checkExtension(
  deps: Needs,
  { first, wanted, nowMs }: Case,
): Promise<CheckedAsk | Refusal> {
  const policy = deps.policy();
  const still = await mayStillAsk(deps, policy, first);
  if (still !== undefined) return still;
  const now = await readNow(deps, first.ask);
  if (isRefusal(now)) return now;
  const { vm } = now;
  const rule = ruleFor(policy, vm, { ports: first.ask.ports, nowMs });
  if (isRefusal(rule)) return rule;
  if (rule.extend === undefined) {
    return refuse(
      "switched-off",
    )`Rule ${{ code: rule.name }} doesn't allow extensions: request access again when ${first.id} has ended.`;
  }
  const vmPolicy = policyToExtendBy(deps, first, now);
  if (isRefusal(vmPolicy)) return vmPolicy;
  const { requesters, autoApprove } = rule;
  const named = [requesters, autoApprove].filter((one) => one !== undefined && one !== "anyone");
  const members = await orCannotCheck(() => groupMembersOf(deps, named, DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  const refusal = recheck(
    { ...first.ask, ...inForce(first), durationMs: wanted.durationMs, breakGlass: undefined },
    { policy, vm, vmPolicy, promisedRule: first.promised.rule, members, nowMs },
  );
  if (refusal !== undefined) return refusal;
  const longestMs = Math.min(longestToSendMs(vmPolicy, first.ask.ports), rule.maxDurationMs);
  const fromMs = first.grant.endsAtMs;
  const unproven = await refuseUnproven(deps, first);
  if (unproven !== undefined) {
    return withPage(deps, first, { refusal: unproven, next: `extend ${first.id}` });
  }
  const tooLong = refuseTooLong(first, { wanted, roomMs: nowMs + longestMs - fromMs });
  const tooOften = tooLong ?? (await refuseTooOften(deps, { first, nowMs }, rule));
  if (tooOften !== undefined) return tooOften;
  const trust = await autoApproval(deps, { rule, requester: first.ask.requester, members });
  return {
    ask: {
      ...first.ask,
      ...inForce(first),
      jitPolicyId: vmPolicy.policyId,
      opensAtMs: undefined,
      extends: first.id,
      extendsFromMs: fromMs,
      durationMs: wanted.durationMs,
      reason: wanted.reason.trim() === "" ? first.ask.reason : wanted.reason.trim(),
      breakGlass: undefined,
      autoApproved: undefined,
      onCall: undefined,
      ...trust,
    },
    rule,
    policy,
    longestMs,
    approvals: trust === undefined ? approvalsToExtend(first, rule, rule.extend) : 0,
    fromMs,
    notes: [],
  };
}

/** What it was opened through may have been replaced by another policy. */
function policyToExtendBy(
  { azure }: Pick<Needs, "azure">,
  { ask }: In<"open">,
  { vm, vmPolicy }: ReadNow,
): JitVmPolicy | Refusal {
  const snapshot = azure.snapshot();
  const others = (snapshot.vmPolicies.get(vm.key) ?? []).filter(
    ({ policyId }) => policyId !== ask.jitPolicyId,
  );
  const found = jitPolicyFor(vm, vmPolicy === undefined ? others : [vmPolicy], ask.ports);
  return orUnread(snapshot, vm, found);
}

/** What the rule approves by itself when it is asked, it approves when it is extended. */
async function autoApproval(
  { onCall }: Needs,
  { rule, requester, members }: { rule: Rule; requester: UserId; members: Members },
): Promise<Pick<Ask, "autoApproved" | "onCall"> | undefined> {
  const { autoApprove } = rule;
  if (autoApprove === undefined || !isAutoApproved(rule, requester, members)) return undefined;
  const onDuty = await onCall(rotasOf([autoApprove]), DECIDING_AGE_MS);
  const ground = groundOf(autoApprove, requester, { members, onDuty });
  return { autoApproved: true, ...(ground !== undefined && { onCall: ground }) };
}

/** `roomMs`: how much more Azure and the rule allow from now on. */
function refuseTooLong(
  first: In<"open">,
  { wanted, roomMs }: { wanted: ExtendAsk; roomMs: number },
): Refusal | undefined {
  if (wanted.durationMs <= roomMs) return undefined;
  const room = Math.floor(roomMs / 60_000) * 60_000;
  return room < 60_000
    ? refuse(
        "too-long",
      )`${first.id} already lasts as long as one request can: extend it closer to its end.`
    : refuse(
        "too-long",
      )`${first.id} can be extended by at most ${formatDuration(room)} now: request that or less.`;
}

async function refuseTooOften(
  deps: Needs,
  { first, nowMs }: Pick<Case, "first" | "nowMs">,
  rule: Rule,
): Promise<Refusal | undefined> {
  const most = rule.extend?.max ?? 0;
  let times = 0;
  let earlier = first.ask.extends;
  while (earlier !== undefined && times < CHAIN_MAX) {
    times += 1;
    earlier = (await deps.requests.read(earlier))?.request.ask.extends;
  }
  if (times >= most) {
    return refuse(
      "switched-off",
    )`${first.id} has been extended ${times === 1 ? "once" : `${times} times`}, the limit of rule ${{ code: rule.name }}: request access again when it has ended.`;
  }
  const own = await deps.requests.list({ of: first.ask.requester }, OWN_READ_MAX);
  const waiting = own.find((one) => one.ask.extends === first.id && goesOn(one, nowMs));
  if (waiting === undefined) return undefined;
  const next = waiting.state === "failed" ? words`: retry that one.` : words`.`;
  return refuse(
    "wrong-state",
  )`${waiting.id} already extends ${first.id} and is ${{ strong: stateWord(waiting) }}${next}`;
}
