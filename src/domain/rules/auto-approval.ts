// Whom a rule asks no approval of, and what let somebody do what only a rota names them for. Pure.

import type { OnCallGround, OnDuty } from "../on-call/rota.ts";
import type { UserId } from "../text/ids.ts";
import { type Words, words } from "../text/words.ts";
import type { Ask } from "./ask.ts";
import type { People, Rule } from "./policy.ts";
import { includes, type Members } from "./rule-match.ts";

/** Whether the rule approves what this person asks by itself; never where it wants no approval of anybody. */
export const isAutoApproved = (
  { approvals, autoApprove }: Pick<Rule, "approvals" | "autoApprove">,
  requester: UserId,
  members: Members,
): boolean =>
  approvals > 0 && autoApprove !== undefined && includes(autoApprove, requester, members);

/** The rota by which somebody is one of `people`; `undefined` where they are named without it. */
export function groundOf(
  people: People,
  user: UserId,
  { members, onDuty = [] }: { members: Members; onDuty?: readonly OnDuty[] | undefined },
): OnCallGround | undefined {
  if (includes({ users: people.users, groups: people.groups }, user, members)) return undefined;
  for (const { rota, people: due } of onDuty) {
    const own = due.find((one) => one.user === user);
    if (own === undefined || people.onCall?.includes(rota) !== true) continue;
    return { rota, ...(own.untilMs !== undefined && { untilMs: own.untilMs }) };
  }
  return undefined;
}

/** `on call for payments until 6:00 PM`. */
export const groundWords = ({ rota, untilMs }: OnCallGround): Words =>
  untilMs === undefined
    ? words`on call for ${{ code: rota }}`
    : words`on call for ${{ code: rota }} until ${{ atMs: untilMs }}`;

/** Why a rule approved it by itself. */
export function autoApprovedWords({ requester, autoApproved, onCall }: Ask, rule: string): Words {
  const by = words`Auto-approved by rule ${{ code: rule }}`;
  if (autoApproved !== true) return words`${by}.`;
  return onCall === undefined
    ? words`${by}, which asks no approval of ${{ user: requester }}.`
    : words`${by} because ${{ user: requester }} is ${groundWords(onCall)}.`;
}
