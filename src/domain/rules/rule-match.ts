// Which rule decides about a VM and its ports, and who counts as one of the people that a rule names.

import { beginNextMs, type Hours, hoursText, isWithin } from "../hours/hours.ts";
import { type RotaKey, rotaKey } from "../on-call/rota.ts";
import type { GroupId, UserId } from "../text/ids.ts";
import { type Refusal, refuse } from "../text/refusal.ts";
import { listed, type Words, words } from "../text/words.ts";
import type { Vm } from "../vm/vm.ts";
import { tagOf } from "../vm/vm.ts";
import { anyGlob, type Glob } from "./glob.ts";
import type { Bundle, Match, People, Policy, Rule } from "./policy.ts";

/** The members of the user groups that were looked up, and who is on call by the rotas that were. */
export type Members = ReadonlyMap<GroupId | RotaKey, readonly UserId[]>;

/** Whether `user` is one of `people`. A group or rota that wasn't looked up counts as empty. */
export function includes(people: People, user: UserId, members: Members): boolean {
  return (
    people.users.includes(user) ||
    listsOf(people).some((list) => members.get(list)?.includes(user) === true)
  );
}

/** What has to be looked up to know who `people` are. */
export const listsOf = ({ groups, onCall = [] }: People): readonly (GroupId | RotaKey)[] => [
  ...groups,
  ...onCall.map(rotaKey),
];

/** Everybody whom `people` names, each once, in the order of the file. */
export function everybody(people: People, members: Members): readonly UserId[] {
  const all = [...people.users, ...listsOf(people).flatMap((list) => members.get(list) ?? [])];
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
    const is = remembering(anyGlob(match.resourceGroups));
    tests.push((vm) => is(vm.resourceGroup));
  }
  if (match.subscriptions !== undefined) {
    const is = remembering(anyGlob(match.subscriptions));
    tests.push((vm) => is(vm.subscriptionId));
  }
  for (const [name, patterns] of Object.entries(match.tags ?? {})) {
    const is = remembering(anyGlob(patterns));
    tests.push((vm) => {
      const value = tagOf(vm, name);
      return value !== undefined && is(value);
    });
  }
  return (vm) => tests.every((test) => test(vm));
}

/** More different groups, subscriptions or values of a tag than this aren't remembered at once. */
const REMEMBERED_MAX = 10_000;

/** Tens of thousands of VMs share a few groups, subscriptions and values of tags. */
function remembering(is: Glob): Glob {
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= REMEMBERED_MAX) answers.clear();
    const answer = is(text);
    answers.set(text, answer);
    return answer;
  };
}

/** Whether the rule matches this VM, on this port if one is given, on any port otherwise; at some time, if not always. */
export function matches(rule: Rule, vm: Vm, port?: number): boolean {
  const { ports } = rule.match;
  const portFits = port === undefined || ports === undefined || ports.includes(port);
  return portFits && matcherOf(rule.match)(vm);
}

/** Whether the VM belongs to the bundle. */
export const inBundle = (bundle: Bundle, vm: Vm): boolean => matcherOf(bundle)(vm);

/** Whether it is a time at which the rule is there. */
export const isInHours = ({ match: { hours } }: Rule, nowMs: number): boolean =>
  hours === undefined || isWithin(hours, nowMs);

/** The first rule that matches this VM on this port now. */
export const ruleOnPort = (
  policy: Policy,
  vm: Vm,
  { port, nowMs }: { readonly port: number; readonly nowMs: number },
): Rule | undefined =>
  policy.rules.find((rule) => matches(rule, vm, port) && isInHours(rule, nowMs));

/** The rules that decide about this port at one time or another, in their order: the last one has no hours. */
export function rulesOnPort(policy: Policy, vm: Vm, port: number): readonly Rule[] {
  const all = policy.rules.filter((rule) => matches(rule, vm, port));
  const always = all.findIndex(({ match }) => match.hours === undefined);
  return always < 0 ? all : all.slice(0, always + 1);
}

/** The one rule that decides about all of `ports` now; never several, and never one of them silently. */
export function ruleFor(
  policy: Policy,
  vm: Vm,
  { ports, nowMs }: { readonly ports: readonly number[]; readonly nowMs: number },
): Rule | Refusal {
  const found = new Map<Rule, number[]>();
  const unruled: number[] = [];
  for (const port of ports) {
    const rule = ruleOnPort(policy, vm, { port, nowMs });
    if (rule === undefined) unruled.push(port);
    else found.set(rule, [...(found.get(rule) ?? []), port]);
  }
  if (unruled.length > 0) {
    const others = [...new Set(unruled.flatMap((port) => rulesOnPort(policy, vm, port)))];
    const [other] = others;
    if (other !== undefined) return outsideHours(vm, { rule: other, ports: unruled, nowMs });
    return refuse(
      "no-rule",
    )`No rule lets anybody request ${{ strong: vm.name }} on ${portsInWords(unruled)}: an admin can add one to the policy file.`;
  }
  const rules = [...found];
  const [only] = rules;
  if (only === undefined) {
    return refuse("no-rule")`No rule matches ${{ strong: vm.name }}.`;
  }
  if (rules.length === 1) return only[0];
  const named = rules.map(([rule, own]) => [`${portsInWords(own)} under `, { code: rule.name }]);
  return refuse(
    "several-rules",
  )`These ports fall under different rules (${listed(named)}): request them one by one.`;
}

/** What is said of a rule that isn't there now. */
export function outsideHours(
  vm: Vm,
  { rule, ports, nowMs }: { rule: Rule; ports: readonly number[]; nowMs: number },
): Refusal {
  const { hours = [] } = rule.match;
  const nextMs = beginNextMs(hours, nowMs);
  return refuse(
    "outside-hours",
  )`Rule ${{ code: rule.name }} allows ${portsInWords(ports)} on ${{ strong: vm.name }} only in its hours (${hoursWords(hours)})${nextMs === undefined ? "" : words`, next from ${{ atMs: nextMs }}`}: request it then.`;
}

/** Rules have few; of many, these say enough. */
const HOURS_SAID_MAX = 5;

export const hoursWords = (hours: readonly Hours[]): Words =>
  listed(
    hours.slice(0, HOURS_SAID_MAX).map((one) => ({ code: hoursText(one) })),
    "or",
  );

/** `port 22` or `ports 22, 3389`. */
export const portsInWords = (ports: readonly number[]): string =>
  `${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")}`;

/** The rules that decide about some port of this VM at some time: each is the first to match there then. */
export function decidersOf(policy: Policy, vm: Vm): readonly Rule[] {
  const deciders: Rule[] = [];
  const decided = new Set<number>();
  for (const rule of policy.rules) {
    if (!matches(rule, vm)) continue;
    const { ports, hours } = rule.match;
    if (ports === undefined || ports.some((port) => !decided.has(port))) deciders.push(rule);
    // Out of its hours, others decide.
    if (hours !== undefined) continue;
    // What follows is never reached: this rule decides about every port that is left.
    if (ports === undefined) break;
    for (const port of ports) decided.add(port);
  }
  return deciders;
}

/** Whether `user` may ask for this VM on some port: whether some rule that decides there lets them. */
export const mayAskFor = (
  policy: Policy,
  vm: Vm,
  who: { user: UserId; members: Members },
): boolean => decidersOf(policy, vm).some((rule) => isRequester(rule, who.user, who.members));

/** Whether the VM is there for `user`: whether some rule that decides there lets them ask or break the glass. */
export const mayKnow = (
  policy: Policy,
  vm: Vm,
  { user, members }: { user: UserId; members: Members },
): boolean =>
  decidersOf(policy, vm).some(
    (rule) => isRequester(rule, user, members) || includes(rule.breakGlass, user, members),
  );

/** Whether the rule lets `user` ask. `anyone` means any full member, which the caller has made sure of. */
export function isRequester(rule: Rule, user: UserId, members: Members): boolean {
  return rule.requesters === "anyone" || includes(rule.requesters, user, members);
}
