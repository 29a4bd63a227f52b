// Which VMs are there for somebody: those that some rule lets them ask for. To all others, a VM is answered
// as a name that no VM has, by every command.

import type { OnDuty } from "../../../domain/on-call/rota.ts";
import type { People, Policy } from "../../../domain/rules/policy.ts";
import { includes, type Members, mayKnow } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../../domain/text/refusal.ts";
import type { Vm } from "../../../domain/vm/vm.ts";
import { EVERY_VM } from "../../inventory/find-vm.ts";
import { type Directory, membershipsOf, orCannotCheck, rotasOf } from "../../people/people.ts";

export type KnownVms = {
  /** Who is on call by their rotas. */
  readonly onDuty: readonly OnDuty[];
  /** Of those who may ask, break the glass, or need no approval. */
  readonly members: Members;
  isKnown(vm: Vm): boolean;
};

/**
 * `everything`: anyone who looks needs no rule, as an operator at the command line. `noAgeMs`: how old a group
 * may be of which somebody is no member.
 */
export async function knownVms(
  directory: Directory,
  { policy, user, everything }: { policy: Policy; user: UserId; everything: boolean },
  noAgeMs: number,
): Promise<KnownVms | Refusal> {
  const { admins, auditors } = policy;
  const [members, own, onDuty] = await Promise.all([
    orCannotCheck(() => membershipsOf(directory, user, asking(policy), noAgeMs)),
    // Somebody whom Slack doesn't confirm as an admin may ask like everybody else.
    orCannotCheck(() => membershipsOf(directory, user, [admins, auditors])),
    directory.onCall(rotasOf(asking(policy)), noAgeMs),
  ]);
  if (isRefusal(members)) return members;
  const named = isRefusal(own) ? NOBODY : own;
  const canSeeAll = everything || includes(admins, user, named) || includes(auditors, user, named);
  if (canSeeAll) return { members, onDuty, isKnown: EVERY_VM };
  return { members, onDuty, isKnown: (vm) => mayKnow(policy, vm, { user, members }) };
}

const NOBODY: Members = new Map();

const asking = (policy: Policy): readonly People[] =>
  policy.rules.flatMap(({ requesters, breakGlass, autoApprove }) => [
    ...(requesters === "anyone" ? [] : [requesters]),
    breakGlass,
    ...(autoApprove === undefined ? [] : [autoApprove]),
  ]);
