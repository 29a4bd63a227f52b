// The policy file has changed while a request waits: the cards name who decides now. Who may is read at each click.

import type { People } from "../../rules/policy.ts";
import type { RuleNow } from "../document/phase.ts";
import type { Moved } from "../moved.ts";
import { quietly, same } from "../moves.ts";
import type { AccessRequest, Promised } from "../request.ts";

/** Kept only where it isn't what was promised: so it goes when the file goes back. */
export function ruleChanged(request: AccessRequest, inForce: RuleNow): Moved {
  if (request.state !== "pending") return same(request);
  const { ruleNow: before, ...rest } = request;
  const ruleNow = isAsPromised(request.promised, inForce) ? undefined : inForce;
  if (keyOf(before) === keyOf(ruleNow)) return same(request);
  // Everybody sees it on the cards, and nobody is called by it.
  const revision = request.revision + 1;
  return quietly({ ...rest, revision, ...(ruleNow !== undefined && { ruleNow }) });
}

const isAsPromised = ({ approvers, approvals, escalate }: Promised, inForce: RuleNow): boolean =>
  typeof inForce !== "string" &&
  inForce.approvals <= approvals &&
  peopleKey(inForce.approvers) === peopleKey(approvers) &&
  peopleKey(inForce.escalateTo) === peopleKey(escalate?.to);

const keyOf = (rule: RuleNow | undefined): string =>
  rule === undefined || typeof rule === "string"
    ? String(rule)
    : [rule.approvals, peopleKey(rule.approvers), peopleKey(rule.escalateTo)].join("/");

/** In whatever order the file names them. */
const peopleKey = ({ users, groups, onCall = [] }: People = { users: [], groups: [] }): string =>
  JSON.stringify([users, groups, onCall].map((ids) => [...new Set<string>(ids)].sort()));
