// Where a VM that lacks a tag would fall to a laxer rule: a tag is forgotten more easily than a rule.

import type { AllowedSource, Match, Policy, Rule } from "../rules/policy.ts";
import { allowsSource } from "../rules/requested-source.ts";
import { rulesOnPort } from "../rules/rule-match.ts";
import { formatDuration } from "../text/duration.ts";
import { vmKey } from "../text/ids.ts";
import type { Vm } from "../vm/vm.ts";
import { type Warning, warning } from "./policy-warning.ts";

/** Every one is about a VM made up for it, which was put before the very rules: it is never a guess. */
export function laxerWithoutTag(policy: Policy): readonly Warning[] {
  const ports = portsToTry(policy);
  return policy.rules.flatMap((rule, index) =>
    Object.keys(rule.match.tags ?? {}).flatMap((tag) => {
      const found = fallsTo(policy, rule, { tag, ports: rule.match.ports ?? ports });
      return found.flatMap((other) => {
        const ways = laxerIn(rule, other);
        if (ways.length === 0) return [];
        const message =
          `A VM that this rule matches falls to ${quoted(other)} when it lacks the tag ${tag}, ` +
          `which is less strict: ${ways.join(", ")}. Put a rule for such VMs before it, or make it as strict.`;
        return [warning(["rules", index, "match", "tags", tag], message)];
      });
    }),
  );
}

const quoted = (rule: Rule): string => `"${rule.name}"`;

/** Where a rule is for every port: those that rules tell apart, and what people ask for most. */
const portsToTry = (policy: Policy): readonly number[] => [
  ...new Set([22, 3389, ...policy.rules.flatMap(({ match }) => match.ports ?? [])]),
];

/** The rules that decide about a VM of this rule's once it has lost `tag`. */
function fallsTo(
  policy: Policy,
  rule: Rule,
  { tag, ports }: { tag: string; ports: readonly number[] },
): readonly Rule[] {
  const vm = exampleOf(rule.match);
  const { [tag]: _lost, ...tags } = vm.tags;
  const others = new Set<Rule>();
  for (const port of ports) {
    if (!rulesOnPort(policy, vm, port).includes(rule)) continue;
    for (const other of rulesOnPort(policy, { ...vm, tags }, port)) {
      if (other !== rule) others.add(other);
    }
  }
  return [...others];
}

/** A VM that the rule matches: by its first patterns, and by nothing beside them. */
function exampleOf({ vms, resourceGroups, subscriptions, tags = {} }: Match): Vm {
  const id = "/example";
  return {
    key: vmKey(id),
    id,
    name: textFor(vms, "some-vm"),
    resourceGroup: textFor(resourceGroups, "some-group"),
    subscriptionId: textFor(subscriptions, "00000000-0000-0000-0000-000000000000"),
    location: "",
    tags: Object.fromEntries(Object.entries(tags).map(([name, of]) => [name, textFor(of, "")])),
    os: undefined,
    power: undefined,
    privateAddresses: [],
    publicAddresses: [],
    hasNsg: undefined,
  };
}

const textFor = (patterns: readonly string[] | undefined, usual: string): string =>
  patterns?.[0]?.replace(/\*+/g, "some").replaceAll("?", "1") ?? usual;

/** What `other` allows more than `rule` does; empty: it isn't laxer. */
function laxerIn(rule: Rule, other: Rule): readonly string[] {
  const ways: string[] = [];
  if (other.approvals < rule.approvals) {
    const fewer = other.approvals === 0 ? "no approval" : `${other.approvals} to approve`;
    ways.push(`${fewer} instead of ${rule.approvals}`);
  }
  if (other.maxDurationMs > rule.maxDurationMs) {
    const most = formatDuration(other.maxDurationMs);
    const own = formatDuration(rule.maxDurationMs);
    ways.push(`up to ${most} instead of ${own}`);
  }
  const wider = other.networks.filter((source) => !allows(rule, source)).map(sourceText);
  if (wider.length > 0) ways.push(`also from ${wider.join(", ")}`);
  if (other.requesters === "anyone" && rule.requesters !== "anyone")
    ways.push("anyone can request access");
  return ways;
}

function allows(rule: Rule, source: AllowedSource): boolean {
  switch (source.kind) {
    case "any":
    case "my-ip":
      return rule.networks.some(({ kind }) => kind === "any" || kind === source.kind);
    case "cidr":
      return allowsSource(rule, source.cidr);
    case "network":
      return source.cidrs.every((cidr) => allowsSource(rule, cidr));
  }
}

function sourceText(source: AllowedSource): string {
  switch (source.kind) {
    case "network":
      return source.name;
    case "cidr":
      return source.cidr;
    default:
      return source.kind;
  }
}
