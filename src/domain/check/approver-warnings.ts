// Rules under which somebody's request could be approved by nobody, because they must not do it themselves.

import type { Policy, Rule } from "../rules/policy.ts";
import { listsOf } from "../rules/rule-match.ts";
import type { UserId } from "../text/ids.ts";
import { type Warning, warning } from "./policy-warning.ts";

/** Only of what the file itself shows: who is in a group is known to Slack alone. */
export function tooFewApprovers(policy: Policy): readonly Warning[] {
  return policy.rules.flatMap((rule, index) => {
    const needed = Math.max(rule.approvals, rule.extend?.approvals ?? 0);
    const possible = namedApprovers(rule);
    if (needed === 0 || possible === undefined) return [];
    const stuck = possible.filter((user) => mayAsk(rule, user));
    const others = possible.length - 1;
    const [first] = stuck;
    if (first === undefined || others >= needed) return [];
    return [warning(["rules", index, "approvers"], sentence(stuck, first, { others, needed }))];
  });
}

/** Everybody who could ever approve; `undefined` where a group or rota makes that unknown. */
function namedApprovers({ approvers, escalate }: Rule): readonly UserId[] | undefined {
  const later = escalate?.to ?? { users: [], groups: [] };
  if (listsOf(approvers).length + listsOf(later).length > 0) return undefined;
  return [...new Set([...approvers.users, ...later.users])];
}

const mayAsk = ({ requesters }: Rule, user: UserId): boolean =>
  requesters === "anyone" || requesters.users.includes(user);

function sentence(
  stuck: readonly UserId[],
  first: UserId,
  { others, needed }: { others: number; needed: number },
): string {
  if (others === 0) {
    return `${first} is the only approver and can also request access: nobody could approve what ${first} asks for. Name one more approver.`;
  }
  const who = stuck.length === 1 ? first : `one of ${stuck.join(", ")}`;
  return `When ${who} asks, ${needed} must approve and only ${others} could: name more approvers.`;
}

/** One for each user group that approves somewhere, at the first place where it does. */
export function groupsThatApprove(policy: Policy): readonly Warning[] {
  const hinted = new Set<string>();
  return policy.rules.flatMap((rule, index) => {
    const places = [
      { key: ["approvers"], groups: rule.approvers.groups },
      { key: ["escalate", "to"], groups: rule.escalate?.to.groups ?? [] },
    ];
    return places.flatMap(({ key, groups }) =>
      groups.flatMap((group, at) => {
        if (hinted.has(group)) return [];
        hinted.add(group);
        const message =
          `Anyone who can edit the user group ${group} decides who approves; that's every member ` +
          "unless the workspace's settings say otherwise.";
        return [{ weight: "hint" as const, path: ["rules", index, ...key, "groups", at], message }];
      }),
    );
  });
}
