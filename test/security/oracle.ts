// What is right, worked out a second time and in another way than the bot does: slowly, from what really is.

import type { AccessRequest } from "../../src/domain/request/request.ts";
import type { AllowedSource, People, Policy, Rule } from "../../src/domain/rules/policy.ts";
import type { GroupId, UserId } from "../../src/domain/text/ids.ts";
import type { Vm } from "../../src/domain/vm/vm.ts";
import type { World } from "./world.ts";

/** The state of the world that decides about a click, at one moment. */
export type Moment = {
  readonly policy: Policy;
  readonly full: ReadonlySet<UserId>;
  readonly groups: ReadonlyMap<GroupId, readonly UserId[]>;
  readonly vms: readonly Vm[];
};

export const momentOf = (world: World): Moment => ({
  policy: world.policy.now(),
  full: new Set([...world.people].filter(([, kind]) => kind.now() === "full").map(([id]) => id)),
  groups: new Map([...world.groups].map(([group, users]) => [group, users.now()])),
  vms: world.vms.now(),
});

const isNamed = ({ groups }: Moment, people: People, user: UserId): boolean =>
  people.users.indexOf(user) >= 0 ||
  people.groups.filter((group) => (groups.get(group) ?? []).indexOf(user) >= 0).length > 0;

const expressions = new Map<string, RegExp>();

/** Few, and asked for at every step. */
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  const expression = known ?? new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "i");
  if (known === undefined) expressions.set(pattern, expression);
  return expression;
}

const fits = (patterns: readonly string[] | undefined, text: string | undefined): boolean =>
  patterns === undefined ||
  (text !== undefined && patterns.some((one) => expressionOf(one).test(text)));

function matches({ match }: Rule, vm: Vm, port: number): boolean {
  const tags = Object.entries(match.tags ?? {});
  return (
    fits(match.vms, vm.name) &&
    fits(match.resourceGroups, vm.resourceGroup) &&
    tags.every(([name, values]) => fits(values, vm.tags[name])) &&
    (match.ports === undefined || match.ports.includes(port))
  );
}

/** The one rule that decides about all these ports; `undefined`: none, or several. */
export function ruleOf({ policy }: Moment, vm: Vm, ports: readonly number[]): Rule | undefined {
  const rules = ports.map((port) => policy.rules.find((rule) => matches(rule, vm, port)));
  return rules.every((rule) => rule === rules[0]) ? rules[0] : undefined;
}

const vmOf = (moment: Moment, request: AccessRequest): Vm | undefined =>
  moment.vms.find((vm) => vm.key === request.ask.vm.key);

/** The rule in force for a request: of the same name as the one that it was asked under. */
export function ruleNow(moment: Moment, request: AccessRequest): Rule | undefined {
  const vm = vmOf(moment, request);
  const rule = vm && ruleOf(moment, vm, request.ask.ports);
  return rule?.name === request.promised.rule ? rule : undefined;
}

/** Once others are asked, what they decide counts for good. */
const isEscalated = ({ wasEscalated }: AccessRequest): boolean => wasEscalated === true;

/** Whether this person may approve or deny it, the requester aside. */
export function mayDecide(moment: Moment, request: AccessRequest, user: UserId): boolean {
  const rule = moment.policy.rules.find((one) => one.name === request.promised.rule);
  if (!moment.full.has(user)) return false;
  if (isNamed(moment, rule?.approvers ?? request.promised.approvers, user)) return true;
  return (
    isEscalated(request) && rule?.escalate !== undefined && isNamed(moment, rule.escalate.to, user)
  );
}

export const isAdmin = (moment: Moment, user: UserId): boolean =>
  isNamed(moment, moment.policy.admins, user);

export function canSee(moment: Moment, request: AccessRequest, user: UserId): boolean {
  if (request.ask.requester === user) return true;
  const { admins, auditors, rules } = moment.policy;
  if (isNamed(moment, admins, user) || isNamed(moment, auditors, user)) return true;
  const rule = rules.find((one) => one.name === request.promised.rule);
  const further = rule?.escalate?.to ?? { users: [], groups: [] };
  return (
    isNamed(moment, rule?.approvers ?? request.promised.approvers, user) ||
    (isEscalated(request) && isNamed(moment, further, user))
  );
}

export function mayAskUnder(moment: Moment, rule: Rule, user: UserId, breakGlass: boolean) {
  if (!moment.full.has(user)) return false;
  if (breakGlass) return isNamed(moment, rule.breakGlass, user);
  return rule.requesters === "anyone" || isNamed(moment, rule.requesters, user);
}

/** Ports that are in the rules of the cases, and one that is in none. */
const TRIED_PORTS = [22, 443, 3389, 1000];

/** Whether some rule lets them ask for the VM on some port, or break the glass there. */
export const mayAskFor = (moment: Moment, vm: Vm, user: UserId): boolean =>
  TRIED_PORTS.some((port) => {
    const rule = ruleOf(moment, vm, [port]);
    return (
      rule !== undefined &&
      [false, true].some((breakGlass) => mayAskUnder(moment, rule, user, breakGlass))
    );
  });

/** Admins and auditors list all VMs. */
export const seesEverything = (moment: Moment, user: UserId): boolean =>
  isAdmin(moment, user) || isNamed(moment, moment.policy.auditors, user);

type Range = { readonly from: number; readonly to: number };

function rangeOf(source: string): Range {
  const [address = "", bits = "32"] = source === "*" ? ["0.0.0.0", "0"] : source.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const from = Math.floor(number / size) * size;
  return { from, to: from + size - 1 };
}

export function isWithin(outer: string, inner: string): boolean {
  const [outside, inside] = [rangeOf(outer), rangeOf(inner)];
  return outside.from <= inside.from && inside.to <= outside.to;
}

const allowed = (source: AllowedSource): readonly string[] => {
  if (source.kind === "any") return ["*"];
  if (source.kind === "cidr") return [source.cidr];
  return source.kind === "network" ? source.cidrs : [];
};

export const allows = (rule: Rule, source: string): boolean =>
  rule.networks.flatMap(allowed).some((own) => isWithin(own, source));

/** For what is only shown, people and groups may be read five minutes old. */
const SHOWN_MS = 5 * 60_000;

/** Everybody who was in a group, or a full member, at some time of the last minutes. */
export function lately(world: World): Moment {
  const groups = [...world.groups].map(
    ([group, users]) => [group, users.within(SHOWN_MS).flat()] as const,
  );
  const full = [...world.people].filter(([, kind]) => kind.within(SHOWN_MS).includes("full"));
  return {
    ...momentOf(world),
    groups: new Map(groups),
    full: new Set(full.map(([user]) => user)),
  };
}
