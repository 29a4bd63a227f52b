// Which VMs are there for somebody: those that some rule lets them ask for. To all others, a VM is answered
// as a name that no VM has, by every command.

import type { Policy } from "../../../domain/rules/policy.ts";
import { includes, type Members, mayKnow } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../../domain/text/refusal.ts";
import type { Vm } from "../../../domain/vm/vm.ts";
import type { Chat } from "../../../ports/chat.ts";
import { EVERY_VM } from "../../inventory/find-vm.ts";
import { membershipsOf, orCannotCheck } from "../../people/people.ts";

export type KnownVms = {
  /** Of the groups that decide who may ask or break the glass. */
  readonly members: Members;
  isKnown(vm: Vm): boolean;
};

/**
 * `everything`: anyone who looks needs no rule, as an operator at the command line. `noAgeMs`: how old a group
 * may be of which somebody is no member.
 */
export async function knownVms(
  { chat }: { readonly chat: Pick<Chat, "groupMembers"> },
  { policy, user, everything }: { policy: Policy; user: UserId; everything: boolean },
  noAgeMs: number,
): Promise<KnownVms | Refusal> {
  const { admins, auditors } = policy;
  const [members, own] = await Promise.all([
    orCannotCheck(() => membershipsOf(chat, user, askingGroups(policy), noAgeMs)),
    // Somebody whom Slack doesn't confirm as an admin may ask like everybody else.
    orCannotCheck(() => membershipsOf(chat, user, [...admins.groups, ...auditors.groups])),
  ]);
  if (isRefusal(members)) return members;
  const named = isRefusal(own) ? NOBODY : own;
  const seesAll = everything || includes(admins, user, named) || includes(auditors, user, named);
  if (seesAll) return { members, isKnown: EVERY_VM };
  return { members, isKnown: (vm) => mayKnow(policy, vm, { user, members }) };
}

const NOBODY: Members = new Map();

const askingGroups = (policy: Policy) =>
  policy.rules.flatMap(({ requesters, breakGlass }) => [
    ...(requesters === "anyone" ? [] : requesters.groups),
    ...breakGlass.groups,
  ]);
