// Somebody asks for access: from the command to a stored request, or a refusal that leaves nothing behind.

import type { RequestCommand } from "../../../domain/command/verbs/request-verb.ts";
import type { VmRef } from "../../../domain/command/vm-ref.ts";
import type { OnDuty } from "../../../domain/on-call/rota.ts";
import { rotaFaultLines } from "../../../domain/on-call/source-words.ts";
import { isHad } from "../../../domain/request/birth/same-ask.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { filledIn } from "../../../domain/rules/bounds.ts";
import { type Checked, checkAsk, opensAtOnce } from "../../../domain/rules/check-ask.ts";
import { decidersOf } from "../../../domain/rules/rule-match.ts";
import { forThen, isRefusal, type Refusal, saying } from "../../../domain/text/refusal.ts";
import type { Words } from "../../../domain/text/words.ts";
import type { Sender } from "../../../ports/inbound.ts";
import type { Deps } from "../../deps.ts";
import { noSuchVm } from "../../inventory/find-vm.ts";
import { askedToProve, renewal } from "../../people/my-address.ts";
import {
  DECIDING_AGE_MS,
  groupMembersOf,
  orCannotCheck,
  refuseOutsiders,
  rotasOf,
} from "../../people/people.ts";
import { refuseCommand } from "../can-see.ts";
import { readNow } from "../deciding/read-now.ts";
import { refuseTooManyAsks } from "./ask-rate.ts";
import { type Submitted, submitRequest } from "./create-request.ts";
import { withDate } from "./moment-of.ts";
import { type Tried, tryAsk } from "./try-ask.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "deliveries"
  | "rateLimits"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "page"
  | "limits"
  | "onCommitted"
>;

/** They have it already, or it waits for its decision: nothing new was made. */
export type Had = { readonly had: AccessRequest };

/** Nothing is asked for before the person has shown where they are. */
export type Unproven = { readonly prove: readonly Words[] };

type Submitting = {
  readonly isSeen?: boolean;
  /** What they have already is answered instead of asked for: a command that was typed out in full means it. */
  readonly notTwice?: boolean;
};

/**
 * Makes a request, or refuses, or sends the person to the page that sees their address (`isSeen`: it
 * just did). After `Submitted` the request is kept and its card is on the way; "repeated" means that
 * this very delivery was handled before.
 */
export async function submit(
  deps: Needs,
  sender: Sender,
  command: RequestCommand,
  { isSeen = false, notTwice = false }: Submitting = {},
): Promise<Submitted | Refusal | Unproven | Had | "repeated"> {
  const mayNotHere = await refuseCommand(deps, sender);
  if (mayNotHere !== undefined) return mayNotHere;
  const tried = await tryAsk(deps, sender.user, command);
  if (isRefusal(tried)) return tried;
  const { outcome } = tried;
  const { page } = deps;
  if (isRefusal(outcome)) {
    if (outcome.refused === "not-a-requester" && command.verb === "breakglass") {
      return saying(outcome, rotaFaultLines(tried.input.onDuty ?? []));
    }
    if (outcome.refused !== "address-unproven" || page === undefined) return outcome;
    const dated = await withDate(deps, sender.user, command);
    // It is recorded by this delivery, which mustn't be taken before.
    if (isRefusal(dated)) return dated;
    if (!(await deps.deliveries.take(sender.delivery))) return "repeated";
    const beside = { notTwice };
    return { prove: await askedToProve(deps, page, { sender, ask: dated, beside }) };
  }
  const breakGlass = command.verb === "breakglass";
  const mayNot =
    (await refuseTooManyAsks(deps, sender.user, { breakGlass })) ??
    (await refuseOutsiders(deps.chat, sender, DECIDING_AGE_MS));
  if (mayNot !== undefined) return mayNot;
  const checked = await asOfNow(deps, tried, { checked: outcome, ref: command.vm });
  if (isRefusal(checked)) return checked;
  const { ask, rule } = checked;
  const had = notTwice ? await alreadyHad(deps, ask) : undefined;
  if (had !== undefined) return { had };
  const filled = command.durationMs === undefined ? [filledIn(ask.durationMs, rule)] : [];
  const notes = [...filled, ...checked.notes];
  const submitted = await submitRequest(deps, sender, {
    ...checked,
    notes,
    policy: tried.input.policy,
  });
  if (submitted === "repeated" || isRefusal(submitted)) return submitted;
  if (ask.proven !== true || isSeen || page === undefined) return submitted;
  const note = await renewal(deps, page, { sender, address: ask.source });
  return { ...submitted, notes: [...submitted.notes, ...note] };
}

/** As many as anybody has pending or open at once, and then some. */
const OWN_MAX = 50;

/** The newest of the person's own that is what they ask for. */
export async function alreadyHad(
  deps: Pick<Needs, "requests" | "storeClock">,
  ask: Checked["ask"],
): Promise<AccessRequest | undefined> {
  if (ask.breakGlass === true) return undefined;
  const [own, nowMs] = await Promise.all([
    deps.requests.list({ of: ask.requester }, OWN_MAX),
    deps.storeClock.nowMs(),
  ]);
  return own.find((request) => isHad(request, ask, nowMs));
}

/**
 * What opens without anybody's click rests on what is so now: who is in a group, how the VM is tagged, what
 * its JIT policy allows. Where that brings it under another rule, that rule decides.
 */
export async function asOfNow(
  deps: Needs,
  { input, isKnown }: Tried,
  { checked, ref }: { checked: Checked; ref: VmRef | undefined },
): Promise<Checked | Refusal> {
  // A person who has just come on call might not be known as such yet.
  if (!opensAtOnce(checked) && checked.rule.autoApprove === undefined) return checked;
  const { ask } = checked;
  const read = await readNow(deps, ask);
  if (isRefusal(read)) return read;
  const { vm, vmPolicy } = read;
  if (ref !== undefined && !isKnown(vm)) return noSuchVm(deps.azure.snapshot(), ref, isKnown);
  const known = new Set([ask.jitPolicyId, vmPolicy?.policyId]);
  const others = input.vmPolicies.filter(({ policyId }) => !known.has(policyId));
  const vmPolicies = vmPolicy === undefined ? others : [vmPolicy, ...others];
  const rules = decidersOf(input.policy, vm);
  const people = rules.flatMap(({ requesters, breakGlass, autoApprove }) => {
    if (ask.breakGlass === true) return [breakGlass];
    return [requesters, autoApprove].filter((one) => one !== undefined && one !== "anyone");
  });
  const members = await orCannotCheck(() => groupMembersOf(deps, people, DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  const onDuty = await deps.onCall(rotasOf(people), DECIDING_AGE_MS);
  const wanted = { ...input.wanted, ports: ask.ports };
  const now = checkAsk({ ...input, vm, vmPolicies, members, onDuty, wanted });
  return isRefusal(now)
    ? forThen(now, input.opensAtMs)
    : { ...now, notes: [...now.notes, ...notOnCall(now, onDuty)] };
}

/** Why nobody needed no approval: the requester may be on call, and it can't be told. */
const notOnCall = (
  { ask, rule, approvals }: Checked,
  onDuty: readonly OnDuty[],
): readonly Words[] =>
  ask.breakGlass === true || approvals === 0
    ? []
    : rotaFaultLines(onDuty.filter(({ rota }) => rule.autoApprove?.onCall?.includes(rota)));
