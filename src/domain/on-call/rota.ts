// Rotas of the policy file: where it is written who is on call, and what such a place answers. Pure.

import type { RotaName, UserId } from "../text/ids.ts";

/** Where a rota's people stand among the members of groups; no group's id looks like it. */
export type RotaKey = `on-call:${string}`;

export const rotaKey = (name: RotaName): RotaKey => `on-call:${name}`;

/** By schedule alone: whole teams and escalation policies have everybody in them. */
export type RotaSource =
  | { readonly kind: "pagerduty"; readonly schedules: readonly string[] }
  | { readonly kind: "incident.io"; readonly schedules: readonly string[] }
  /** An https address, or a path as the policy file has it. */
  | { readonly kind: "calendar"; readonly at: string };

/** Somebody's time on call. */
export type Shift = {
  /** In lower case. */
  readonly address: string;
  readonly fromMs: number;
  /** The first moment at which it's over; infinite where it never is. */
  readonly untilMs: number;
};

export type OnCallPerson = {
  readonly user: UserId;
  /** Left out: no end is known. */
  readonly untilMs?: number | undefined;
};

/** What made somebody one of the people that a rule names. */
export type OnCallGround = { readonly rota: RotaName; readonly untilMs?: number | undefined };

/** Who is on call by one rota, at one moment. */
export type OnDuty = {
  readonly rota: RotaName;
  /** Full members of the workspace, each once. */
  readonly people: readonly OnCallPerson[];
  /** How many are on call whom Slack doesn't know as full members. */
  readonly strangers: number;
  /** Why nobody counts as on call, or not all do. */
  readonly trouble?: RotaFault | undefined;
};

export type RotaFault = {
  /** As a sentence begins: `PagerDuty`, `The calendar`. */
  readonly who: string;
  readonly code: string;
  readonly kind: "away" | "slow" | "throttled" | "refused" | "nonsense" | "not-set";
};
