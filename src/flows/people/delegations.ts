// Who decides for whom, read at the moment at which it matters: delegations are of people who are away now.

import type { AccessRequest } from "../../domain/request/request.ts";
import { type Absent, delegates, standsInFor } from "../../domain/rules/delegation.ts";
import type { People, Policy } from "../../domain/rules/policy.ts";
import { includes, type Members } from "../../domain/rules/rule-match.ts";
import type { UserId } from "../../domain/text/ids.ts";
import type { Deps } from "../deps.ts";
import { aliasesOf } from "./aliases.ts";

type Needs = Pick<Deps, "chat" | "absences">;

/**
 * For whom this person may decide at all: full members who are away now and named them. What each of them may
 * decide is for the rules. Throws a `Fault` where Redis or Slack doesn't tell.
 */
export async function delegatorsTo(
  { absences, chat }: Needs,
  user: UserId,
  ageMs: number,
): Promise<readonly UserId[]> {
  const { away } = await absences.now();
  const named = away.filter((one) => one.to === user && one.user !== user).map((one) => one.user);
  const kinds = await Promise.all(named.map((one) => chat.person(one, ageMs)));
  return named.filter((_, index) => kinds[index]?.kind === "full");
}

type Case = {
  readonly policy: Policy;
  readonly request: AccessRequest;
  readonly approvers: People;
  readonly members: Members;
};

/**
 * Those for whom this person may decide about the request now, where the rule lets its approvers name somebody.
 * Nobody who asked for it, or has approved it, under whatever id.
 */
export async function standInFor(
  deps: Needs,
  user: UserId,
  { policy, request, approvers, members }: Case,
  ageMs: number,
): Promise<readonly UserId[]> {
  const { requester } = request.ask;
  if (user === requester || !delegates(policy, request.promised.rule)) return [];
  const delegators = await delegatorsTo(deps, user, ageMs);
  const named = standsInFor(delegators, { approvers, members, requester });
  const aliases = await Promise.all(named.map((one) => aliasesOf(deps, one, request)));
  return named.filter((_, index) => aliases[index]?.length === 0);
}

/** Whether an approval that was given for somebody still counts: they are away still, and named who gave it. */
export async function standsStill(
  deps: Needs,
  { by, for: away }: AccessRequest["approvals"][number],
  about: Case,
): Promise<boolean> {
  if (away === undefined) return false;
  const { policy, request, approvers, members } = about;
  if (!delegates(policy, request.promised.rule)) return false;
  const delegators = await delegatorsTo(deps, by, 0);
  const { requester } = request.ask;
  return standsInFor(delegators, { approvers, members, requester }).includes(away);
}

/** Which of the approvers are away now, for the cards: who may decide is found out at each click. */
export async function absentNow(
  { absences, chat }: Needs,
  about: {
    readonly policy: Policy;
    readonly rule: string;
    readonly requester: UserId;
    readonly approvers: People;
    /** Read only where somebody is away. */
    readonly members: () => Promise<Members>;
  },
  ageMs: number,
): Promise<readonly Absent[]> {
  const { away } = await absences.now();
  if (away.length === 0) return [];
  const { policy, rule, requester, approvers } = about;
  const members = await about.members();
  const isNamed = (user: UserId) => user !== requester && includes(approvers, user, members);
  const mayName = delegates(policy, rule);
  const absent = away
    .filter(({ user }) => isNamed(user))
    .slice(0, ABSENT_MAX)
    .map(async ({ user, untilMs, to }): Promise<Absent> => {
      const stands = mayName && to !== undefined && to !== requester && !isNamed(to);
      const person = stands ? await chat.person(to, ageMs) : undefined;
      return { user, untilMs, ...(person?.kind === "full" && { to }) };
    });
  return Promise.all(absent);
}

/** How many are named on a card, and asked; a rule whose approvers are all away has other problems. */
const ABSENT_MAX = 20;
