// Who decides about a request, and how many have to approve it: as promised, or as the rule has it now. Pure.

import type { People } from "../../rules/policy.ts";
import type { RuleNow } from "../document/phase.ts";
import type { AccessRequest } from "../request.ts";

export type WhoDecides = {
  readonly approvers: People;
  /** Those who may decide, too, once it is escalated. */
  readonly further: People;
  /** The larger of what was promised and what is in force. */
  readonly needed: number;
  /** Nobody but the requester is an approver; who is in a group isn't known here. */
  readonly nobody: boolean;
  /** Why no approval counts, no matter who gives it. */
  readonly never?: Never | undefined;
};

export type Never = Extract<RuleNow, string>;

const NOBODY: People = { users: [], groups: [] };

export function whoDecides(request: AccessRequest): WhoDecides {
  const { promised } = request;
  const { approvers, approvals, escalate } = promised;
  const now = request.state === "pending" ? request.ruleNow : undefined;
  if (now === undefined) {
    const further = escalate?.to ?? NOBODY;
    return { approvers, further, needed: approvals, nobody: promised.nobody === true };
  }
  if (typeof now === "string") {
    return { approvers: NOBODY, further: NOBODY, needed: approvals, nobody: true, never: now };
  }
  return {
    approvers: now.approvers,
    further: now.escalateTo ?? NOBODY,
    needed: Math.max(approvals, now.approvals),
    // Somebody may come on call any moment.
    nobody: isOnlyOf(now.approvers, request.ask.requester),
  };
}

const isOnlyOf = ({ users, groups, onCall = [] }: People, requester: string): boolean =>
  groups.length === 0 && onCall.length === 0 && users.every((user) => user === requester);
