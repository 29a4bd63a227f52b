// A refusal: a rule, or a person's mistake, says no. It is a value, never thrown.

import type { GroupId, RotaName, UserId } from "./ids.ts";
import { type Part, type Words, words } from "./words.ts";

/** Every reason for which the bot says no. The audit and the tests know refusals by this code. */
export type RefusalCode =
  // what was typed
  | "unknown-command"
  | "incomplete"
  | "bad-ports"
  | "bad-duration"
  | "bad-source"
  | "bad-reason"
  | "bad-id"
  | "bad-time"
  | "ambiguous"
  // the VM and its JIT policy
  | "no-such-vm"
  | "too-many-vms"
  | "several-vms"
  | "not-configured"
  | "port-not-in-policy"
  | "too-long"
  | "source-not-allowed"
  | "address-unproven"
  | "two-policies"
  // the rules
  | "no-rule"
  | "several-rules"
  | "outside-hours"
  | "not-a-requester"
  | "reason-required"
  | "too-many-pending"
  | "too-many-open"
  | "too-many-asks"
  // the person
  | "not-a-full-member"
  | "other-workspace"
  | "shared-channel"
  | "too-fast"
  | "own-request"
  | "not-an-approver"
  | "not-yours"
  | "already-approved"
  | "already-requested"
  | "not-approved-by-you"
  | "already-claimed"
  | "bad-delegate"
  | "not-away"
  | "too-many-questions"
  // the request
  | "no-such-request"
  | "wrong-state"
  | "stale-card"
  | "too-late"
  | "cannot-check"
  | "switched-off"
  | "frozen"
  | "not-frozen";

export type Refusal = {
  readonly refused: RefusalCode;
  /** One sentence that names the fault, and the fix where there is one. */
  readonly say: Words;
  /** Who can do it: they can be asked at once. */
  readonly others?: Others;
  /** What would be requested instead, each in one press. */
  readonly fixes?: readonly Fix[];
  /** For when that was requested: pressed on another day, `at 23:00` would be another time. */
  readonly opensAtMs?: number | undefined;
};

/** A part of a request that would do in place of the one that was refused. */
export type Fix = {
  /** What a button says. */
  readonly label: string;
  /** `vm` and `source` as they are typed. */
  readonly change: {
    readonly vm?: string;
    readonly ports?: readonly number[];
    readonly durationMs?: number;
    readonly source?: string;
  };
};

/** More are no choice at a glance. */
const FIXES_MAX = 5;

export const withFixes = (refusal: Refusal, fixes: readonly Fix[]): Refusal =>
  fixes.length === 0 ? refusal : { ...refusal, fixes: fixes.slice(0, FIXES_MAX) };

/** The refusal as that of a request for a set time. */
export const forThen = (refusal: Refusal, opensAtMs: number | undefined): Refusal =>
  refusal.fixes === undefined || opensAtMs === undefined ? refusal : { ...refusal, opensAtMs };

export type Others = {
  readonly users: readonly UserId[];
  readonly groups: readonly GroupId[];
  /** Those by which somebody is on call now. */
  readonly onCall?: readonly RotaName[] | undefined;
};

/**
 * What stands beside several refusals as it does beside one: all who can, and what would do for each of them. That a
 * VM is called otherwise does for no other.
 */
export function besideAll(
  all: readonly Refusal[],
): Pick<Refusal, "others" | "fixes" | "opensAtMs"> {
  const others = all.flatMap((one) => one.others ?? []);
  const [first, ...more] = all.map(({ fixes = [] }) => fixes.filter(({ change }) => !change.vm));
  const fixes = (first ?? []).filter((fix) =>
    more.every((offered) => offered.some((one) => isSameChange(one, fix))),
  );
  return {
    ...(others.length > 0 && { others: joined(others) }),
    ...(fixes.length > 0 && { fixes }),
    ...(fixes.length > 0 && all[0]?.opensAtMs !== undefined && { opensAtMs: all[0].opensAtMs }),
  };
}

const isSameChange = ({ change: one }: Fix, { change: other }: Fix): boolean =>
  one.durationMs === other.durationMs &&
  one.source === other.source &&
  String(one.ports) === String(other.ports);

const joined = (all: readonly Others[]): Others => ({
  users: distinct(all.flatMap(({ users }) => users)),
  groups: distinct(all.flatMap(({ groups }) => groups)),
  onCall: distinct(all.flatMap(({ onCall = [] }) => onCall)),
});

const distinct = <Id>(ids: readonly Id[]): readonly Id[] => [...new Set(ids)];

export function refuse(
  code: RefusalCode,
): (texts: TemplateStringsArray, ...values: readonly (Part | Words | number)[]) => Refusal {
  return (texts, ...values) => ({ refused: code, say: words(texts, ...values) });
}

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === "object" && value !== null && "refused" in value;

/** The refusal with more to say after it. */
export const saying = ({ say, ...refusal }: Refusal, more: readonly Words[]): Refusal => ({
  ...refusal,
  say: more.reduce<Words>((all, one) => words`${all} ${one}`, say),
});
