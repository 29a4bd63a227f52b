// A policy test: somebody asks for something, and what should come of it is held against what does.

import { checkAsk, defaultPorts, type Wanted } from "../rules/check-ask.ts";
import type { Policy, Rule } from "../rules/policy.ts";
import { listsOf, type Members, ruleFor, rulesOnPort } from "../rules/rule-match.ts";
import { formatDuration } from "../text/duration.ts";
import type { GroupId, RotaName, UserId } from "../text/ids.ts";
import { isRefusal, type RefusalCode } from "../text/refusal.ts";
import { plain } from "../text/words.ts";
import type { JitVmPolicy, Vm } from "../vm/vm.ts";

export type PolicyTest = {
  readonly name: string;
  /** A full member of the workspace. */
  readonly person: {
    readonly id: UserId;
    readonly groups: readonly GroupId[];
    readonly onCall?: readonly RotaName[];
  };
  readonly vm: Vm;
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly wanted: Wanted;
  readonly breakGlass: boolean;
  /** When they ask; it matters where rules have hours. */
  readonly atMs?: number | undefined;
  readonly expect: Expected;
};

/** What is left out isn't looked at. */
type Expected = {
  /** `asked`: a card waits for a decision; `opens`: nobody has to decide; else the refusal's code. */
  readonly outcome: "asked" | "opens" | RefusalCode;
  readonly rule?: string | undefined;
  readonly approvals?: number | undefined;
  /** Users, groups and rotas as the rule names them, in any order, without the person who asks. */
  readonly approvers?: readonly string[] | undefined;
  readonly durationMs?: number | undefined;
  /** What Azure would be sent, or the name of the network. */
  readonly source?: string | undefined;
};

/** One line for each thing that isn't as expected, and what was said; none: the test passes. */
export function differences(policy: Policy, test: PolicyTest): readonly string[] {
  const { expect, vm, vmPolicies, wanted, person, breakGlass } = test;
  const lists = listsOf({ users: [], groups: person.groups, onCall: person.onCall });
  const members: Members = new Map(lists.map((list) => [list, [person.id]]));
  const asked = {
    policy,
    vm,
    vmPolicies,
    wanted,
    breakGlass,
    members,
    requester: person.id,
    nowMs: test.atMs ?? 0,
  };
  const timed = test.atMs === undefined && ruleWithHours(policy, test);
  if (timed) return [`at: expected, because rule ${timed.name} has hours; say when they ask`];
  const checked = checkAsk(asked);
  if (isRefusal(checked)) {
    const got: Got = { outcome: checked.refused, rule: decidingRule(policy, test)?.name };
    const found = compared(expect, got);
    return found.length === 0 ? [] : [...found, `It said: ${plain(checked.say)}`];
  }
  const { ask, rule, approvals } = checked;
  return compared(expect, {
    outcome: breakGlass || approvals === 0 ? "opens" : "asked",
    rule: rule.name,
    approvals: String(approvals),
    approvers: inOrder(
      [...rule.approvers.users, ...rule.approvers.groups, ...(rule.approvers.onCall ?? [])],
      person.id,
    ),
    duration: formatDuration(ask.durationMs),
    source: expect.source === ask.sourceName ? ask.sourceName : ask.source,
  });
}

/** A rule that would decide at some time, and not at another. */
function ruleWithHours(policy: Policy, { vm, vmPolicies, wanted }: PolicyTest): Rule | undefined {
  const ports = wanted.ports ?? defaultPorts(vm, vmPolicies);
  if (isRefusal(ports)) return undefined;
  const rules = ports.flatMap((port) => rulesOnPort(policy, vm, port));
  return rules.find(({ match }) => match.hours !== undefined);
}

/** The rule that decides, also where it refuses. */
function decidingRule(
  policy: Policy,
  { vm, vmPolicies, wanted, atMs = 0 }: PolicyTest,
): Rule | undefined {
  const ports = wanted.ports ?? defaultPorts(vm, vmPolicies);
  if (isRefusal(ports)) return undefined;
  const rule = ruleFor(policy, vm, { ports, nowMs: atMs });
  return isRefusal(rule) ? undefined : rule;
}

type Got = {
  readonly outcome: Expected["outcome"];
  readonly rule: string | undefined;
  readonly approvals?: string;
  readonly approvers?: string;
  readonly duration?: string;
  readonly source?: string | undefined;
};

function compared(expect: Expected, got: Got): readonly string[] {
  const { outcome, rule, approvals, approvers, durationMs, source } = expect;
  const wanted: Readonly<Record<keyof Got, string | undefined>> = {
    outcome,
    rule,
    approvals: approvals === undefined ? undefined : String(approvals),
    approvers: approvers === undefined ? undefined : inOrder(approvers),
    duration: durationMs === undefined ? undefined : formatDuration(durationMs),
    source,
  };
  return Object.entries(wanted).flatMap(([key, want]) => {
    const is = Object.entries(got).find(([known]) => known === key)?.[1] ?? "none";
    return want === undefined || want === is ? [] : [`${key}: expected ${want}, got ${is}`];
  });
}

const inOrder = (ids: readonly string[], without?: string): string =>
  [...new Set(ids)]
    .filter((id) => id !== without)
    .sort()
    .join(", ") || "nobody";
