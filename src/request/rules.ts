// Which rule decides about a VM and its ports, and who counts as one of the people that a rule names.

import { anyGlob } from "./glob.ts";
import type { GroupId, UserId } from "./ids.ts";
import type { Match, People, Policy, Rule } from "./policy.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Vm } from "./vm.ts";
import { listed } from "./words.ts";

/** The members of the user groups that were looked up. */
export type Members = ReadonlyMap<GroupId, readonly UserId[]>;

/** Whether `user` is one of `people`. A group that was not looked up counts as empty. */
export function includes(people: People, user: UserId, members: Members): boolean {
  return (
    people.users.includes(user) ||
    people.groups.some((group) => members.get(group)?.includes(user) === true)
  );
}

/** Everybody whom `people` names, each once, in the order of the file. */
export function everybody(people: People, members: Members): readonly UserId[] {
  const all = [...people.users, ...people.groups.flatMap((group) => members.get(group) ?? [])];
  return [...new Set(all)];
}

type Matcher = (vm: Vm) => boolean;

const matchers = new WeakMap<Match, Matcher>();

/** Compiled once for each rule of a file: the search asks it for tens of thousands of VMs. */
function matcherOf(match: Match): Matcher {
  const known = matchers.get(match);
  if (known !== undefined) return known;
  const made = compile(match);
  matchers.set(match, made);
  return made;
}

function compile(match: Match): Matcher {
  const tests: Matcher[] = [];
  if (match.vms !== undefined) {
    const is = anyGlob(match.vms);
    tests.push((vm) => is(vm.name));
  }
  if (match.resourceGroups !== undefined) {
    const is = anyGlob(match.resourceGroups);
    tests.push((vm) => is(vm.resourceGroup));
  }
  if (match.subscriptions !== undefined) {
    const is = anyGlob(match.subscriptions);
    tests.push((vm) => is(vm.subscriptionId));
  }
  for (const [name, patterns] of Object.entries(match.tags ?? {})) {
    const is = anyGlob(patterns);
    tests.push((vm) => {
      const value = tagOf(vm, name);
      return value !== undefined && is(value);
    });
  }
  return (vm) => tests.every((test) => test(vm));
}

/** Azure compares tag names without regard to case. */
export function tagOf(vm: Vm, name: string): string | undefined {
  if (Object.hasOwn(vm.tags, name)) return vm.tags[name];
  const wanted = name.toLowerCase();
  return Object.entries(vm.tags).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** Whether the rule matches this VM, on this port if one is given, on any port otherwise. */
export function matches(rule: Rule, vm: Vm, port?: number): boolean {
  const { ports } = rule.match;
  const portFits = port === undefined || ports === undefined || ports.includes(port);
  return portFits && matcherOf(rule.match)(vm);
}

/** The first rule that matches this VM on this port. */
export const ruleOnPort = (policy: Policy, vm: Vm, port: number): Rule | undefined =>
  policy.rules.find((rule) => matches(rule, vm, port));

/** The one rule that decides about all of `ports`; never several, and never one of them silently. */
export function ruleFor(policy: Policy, vm: Vm, ports: readonly number[]): Rule | Refusal {
  const found = new Map<Rule, number[]>();
  const unruled: number[] = [];
  for (const port of ports) {
    const rule = ruleOnPort(policy, vm, port);
    if (rule === undefined) unruled.push(port);
    else found.set(rule, [...(found.get(rule) ?? []), port]);
  }
  if (unruled.length > 0) {
    return refuse(
      "no-rule",
    )`No rule lets anybody ask for ${{ strong: vm.name }} on ${portWords(unruled)}: an admin can add one to the policy file.`;
  }
  const rules = [...found];
  const [only] = rules;
  if (only === undefined) {
    return refuse("no-rule")`No rule matches ${{ strong: vm.name }}.`;
  }
  if (rules.length === 1) return only[0];
  const named = rules.map(([rule, own]) => [`${portWords(own)} under `, { code: rule.name }]);
  return refuse(
    "several-rules",
  )`These ports fall under different rules (${listed(named)}): ask for them one by one.`;
}

/** `port 22` or `ports 22, 3389`. */
export const portWords = (ports: readonly number[]): string =>
  `${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")}`;

/**
 * Whether `user` may ask for this VM on some port: whether some rule that decides about one of its ports,
 * being the first to match there, lets them.
 */
export function mayAskFor(
  policy: Policy,
  vm: Vm,
  who: { user: UserId; members: Members },
): boolean {
  const decided = new Set<number>();
  for (const rule of policy.rules) {
    if (!matches(rule, vm)) continue;
    const { ports } = rule.match;
    const decides = ports === undefined || ports.some((port) => !decided.has(port));
    if (decides && isRequester(rule, who.user, who.members)) return true;
    // What follows is never reached: this rule decides about every port that is left.
    if (ports === undefined) return false;
    for (const port of ports) decided.add(port);
  }
  return false;
}

/** Whether the rule lets `user` ask. `anyone` means any full member, which the caller has made sure of. */
export function isRequester(rule: Rule, user: UserId, members: Members): boolean {
  return rule.requesters === "anyone" || includes(rule.requesters, user, members);
}
