// Who decides for whom while they are away. Pure: what is in force at a moment is told by the caller.
//
// A delegation reaches one step: it is of somebody whom the rule names, to one person. The delegate isn't named by the
// rule, so nobody can pass it on, and two who name each other gain nothing.

import type { UserId } from "../text/ids.ts";
import type { People, Policy } from "./policy.ts";
import { includes, type Members } from "./rule-match.ts";

/** Somebody who said that they are away. */
export type Away = {
  readonly user: UserId;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Who is to decide for them, where a rule lets them say so. */
  readonly to?: UserId | undefined;
};

/** An approver who is away, as a request that waits knows it. */
export type Absent = {
  readonly user: UserId;
  readonly untilMs: number;
  /** Who may decide for them meanwhile, where the rule lets them say so. */
  readonly to?: UserId | undefined;
};

/** Nobody plans to be away for longer; a slip of the year is found so. */
export const AWAY_MAX_MS = 60 * 24 * 3_600_000;

export const isInForce = ({ sinceMs, untilMs }: Away, nowMs: number): boolean =>
  sinceMs <= nowMs && nowMs < untilMs;

/** Whether the rule lets its approvers name somebody for while they are away. */
export const delegates = ({ rules }: Pick<Policy, "rules">, rule: string): boolean =>
  rules.some(({ name, delegation }) => name === rule && delegation === true);

/**
 * Those of `delegators` for whom somebody may decide about what `requester` asked: approvers by name or group,
 * and never the requester.
 */
export const standsInFor = (
  delegators: readonly UserId[],
  { approvers, members, requester }: Named,
): readonly UserId[] =>
  delegators.filter((one) => one !== requester && includes(approvers, one, members));

type Named = {
  readonly approvers: People;
  readonly members: Members;
  readonly requester: UserId;
};
