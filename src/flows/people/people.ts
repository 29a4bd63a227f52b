// Who somebody is and what they may do, asked of Slack now. Where Slack can't answer, the answer is no.

import { type RotaKey, rotaKey } from "../../domain/on-call/rota.ts";
import type { Roles } from "../../domain/request/acts/person-act.ts";
import type { People, Policy } from "../../domain/rules/policy.ts";
import { includes, type Members } from "../../domain/rules/rule-match.ts";
import type { ChannelId, GroupId, RotaName, UserId } from "../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Chat, Person } from "../../ports/chat.ts";
import { isFault } from "../../ports/fault.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { OnCall } from "../../ports/rotas.ts";
import { uncheckedWords } from "../answering/fault-words.ts";

/** How old a group's membership may be for a yes: somebody removed from it decides nothing. */
export const DECIDING_AGE_MS = 0;
/** How old it may be where somebody sees by it what is others', or changes something. */
export const SEEING_AGE_MS = 10_000;
/** What is known for no longer than this suffices to say no to who had a fresh look just now: see `lookingAfresh`. */
export const KNOWN_AGE_MS = 60_000;
/** How old it may be to say no by, and for what is nobody's secret. */
export const SHOWING_AGE_MS = 5 * 60_000;

const WHY_NOT: Readonly<Record<Exclude<Person["kind"], "full">, string>> = {
  guest: "Guests can't use just-in-time access",
  stranger: "People from other workspaces can't use just-in-time access",
  "other-workspace": "People from other workspaces can't use just-in-time access",
  bot: "Bots and apps can't use just-in-time access",
  deactivated: "Deactivated accounts can't use just-in-time access",
};

/** Refuses everybody but full members of this workspace, as Slack knew them within that time. */
export async function refuseOutsiders(
  chat: Pick<Chat, "person">,
  { user, outsider }: Pick<Sender, "user" | "outsider">,
  maxAgeMs: number,
): Promise<Refusal | undefined> {
  if (outsider) {
    return refuse("other-workspace")`${WHY_NOT["other-workspace"]}: ask a full member of this one.`;
  }
  return orCannotCheck(async () => {
    const person = await chat.person(user, maxAgeMs);
    if (person === undefined) {
      return refuse("not-a-full-member")`Slack doesn't list you as a member of this workspace.`;
    }
    if (person.kind === "full") return undefined;
    const code = person.kind.startsWith("other") ? "other-workspace" : "not-a-full-member";
    return refuse(code)`${WHY_NOT[person.kind]}: ask a full member of this workspace.`;
  });
}

/** Refuses commands from channels that other organisations can read. */
export async function refuseSharedChannel(
  chat: Chat,
  channel: ChannelId | undefined,
): Promise<Refusal | undefined> {
  if (channel === undefined || !(await chat.isShared(channel))) return undefined;
  return refuse(
    "shared-channel",
  )`This channel is shared with another organisation: use ${{ code: "/jit" }} in one that isn't, or in a direct message.`;
}

/** Where it is looked up who people are. */
export type Directory = {
  readonly chat: Pick<Chat, "groupMembers">;
  readonly onCall: OnCall;
};

/**
 * Looks up the groups and rotas of `people`; a group that is gone counts as empty, a fault of Slack is thrown. A
 * rota that can't be read has nobody.
 */
export async function groupMembersOf(
  { chat, onCall }: Directory,
  people: readonly People[],
  maxAgeMs: number,
): Promise<Members> {
  const [lists, duties] = await Promise.all([
    Promise.all(
      unique(people.flatMap(({ groups }) => groups)).map(
        async (group) => [group, await chat.groupMembers(group, maxAgeMs)] as const,
      ),
    ),
    onCall(rotasOf(people), maxAgeMs),
  ]);
  return new Map<GroupId | RotaKey, readonly UserId[]>([
    ...lists,
    ...duties.map((duty) => [rotaKey(duty.rota), duty.people.map(({ user }) => user)] as const),
  ]);
}

export const rotasOf = (people: readonly People[]): readonly RotaName[] =>
  unique(people.flatMap(({ onCall = [] }) => onCall));

const unique = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

/**
 * Looks up groups and rotas for what `user` is in them: that they are in one was read a moment ago, that they
 * aren't may be older. So it costs no call to say no, and few to say yes.
 */
export async function membershipsOf(
  directory: Directory,
  user: UserId,
  people: readonly People[],
  noAgeMs = SHOWING_AGE_MS,
): Promise<Members> {
  const known = await groupMembersOf(directory, people, noAgeMs);
  const isIn = (list: GroupId | RotaKey) => known.get(list)?.includes(user) === true;
  const own = people.map(({ groups, onCall = [] }) => ({
    users: [],
    groups: groups.filter(isIn),
    onCall: onCall.filter((rota) => isIn(rotaKey(rota))),
  }));
  const yesAgeMs = Math.min(noAgeMs, SEEING_AGE_MS);
  return new Map([...known, ...(await groupMembersOf(directory, own, yesAgeMs))]);
}

export function rolesOf(
  user: UserId,
  { approvers, policy, members }: { approvers: People; policy: Policy; members: Members },
): Roles {
  return {
    isApprover: includes(approvers, user, members),
    isAdmin: includes(policy.admins, user, members),
  };
}

/** Runs a check; a fault of the world becomes a refusal that can be tried again, never a yes. */
export async function orCannotCheck<T>(check: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await check();
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return refuse("cannot-check")`${uncheckedWords(thrown)}`;
  }
}
