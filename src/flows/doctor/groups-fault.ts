// A workspace whose plan has no user groups can't be served by a policy file that names some.

import type { Policy } from "../../domain/rules/policy.ts";
import type { Chat } from "../../ports/chat.ts";
import { Fault, isFault } from "../../ports/fault.ts";

/** Slack's word for it; it doesn't pass by itself. */
const NO_GROUPS = "plan_upgrade_required";

/** The fault to stop with, or `undefined`: there are groups, none is named, or Slack doesn't say now. */
export async function groupsFault(
  chat: Pick<Chat, "groupMembers">,
  policy: Policy,
): Promise<Fault | undefined> {
  const [group] = [policy.admins, policy.auditors, ...policy.rules.flatMap(namedIn)].flatMap(
    (people) => people.groups,
  );
  if (group === undefined) return undefined;
  try {
    await chat.groupMembers(group, 0);
    return undefined;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== NO_GROUPS) return undefined;
    return new Fault({
      source: "slack",
      code: NO_GROUPS,
      message: `The policy file names the user group ${group}, but this workspace's Slack plan has no user groups: name users instead`,
      retryable: false,
      cause: thrown,
    });
  }
}

const namedIn = (rule: Policy["rules"][number]) => [
  ...(rule.requesters === "anyone" ? [] : [rule.requesters]),
  rule.approvers,
  rule.breakGlass,
  ...(rule.autoApprove === undefined ? [] : [rule.autoApprove]),
  ...(rule.escalate === undefined ? [] : [rule.escalate.to]),
];
