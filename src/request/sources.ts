// Where access shall come from: what was typed, or the rule's first network, held against what the rule allows.

import type { AllowedSource, Policy, Rule } from "./policy.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { ANY_SOURCE, contains, parseSource } from "./source.ts";
import { typed } from "./typed.ts";
import { listed, type Part, type Words, words } from "./words.ts";

export type ChosenSource = {
  /** IPv4 address or CIDR, or `*`. */
  readonly source: string;
  readonly name: string | undefined;
  readonly notes: readonly Words[];
};

/** `asked` is as typed: a named network first, since the file may call one anything; else an address. */
export function chooseSource(
  policy: Policy,
  rule: Rule,
  asked: string | undefined,
): ChosenSource | Refusal {
  if (asked === undefined) return firstOf(rule);
  const wanted = asked.toLowerCase();
  const name = Object.keys(policy.networks).find((known) => known.toLowerCase() === wanted);
  if (name !== undefined) return named(rule, name, policy.networks[name] ?? []);
  const source = parseSource(asked);
  if (source === undefined) {
    return refuse("bad-source")`${typed(asked)} is no source that I know: write ${offers(rule)}.`;
  }
  if ("ipv6" in source) {
    return refuse(
      "bad-source",
    )`${typed(asked)} is an IPv6 source, and JIT takes only IPv4: write ${offers(rule)}.`;
  }
  if ("myIp" in source) return myIp(rule);
  if ("any" in source) {
    return rule.networks.some((allowed) => allowed.kind === "any")
      ? { source: ANY_SOURCE, name: undefined, notes: [] }
      : refuse(
          "source-not-allowed",
        )`The rule ${{ code: rule.name }} does not allow access from anywhere: write ${offers(rule)}.`;
  }
  if (!allowsSource(rule, source.cidr)) {
    return refuse(
      "source-not-allowed",
    )`The rule ${{ code: rule.name }} does not allow ${{ code: source.cidr }}: write ${offers(rule)}.`;
  }
  const cleared = words`${typed(asked)} was read as the network ${{ code: source.cidr }}.`;
  return { source: source.cidr, name: undefined, notes: source.clearedHostBits ? [cleared] : [] };
}

/** Whether the rule allows an address, a CIDR or `*`, however it was named. */
export const allowsSource = (rule: Rule, source: string): boolean =>
  rule.networks.some((allowed) => allows(allowed, source));

function allows(allowed: AllowedSource, source: string): boolean {
  switch (allowed.kind) {
    case "any":
      return true;
    case "network":
      return allowed.cidrs.some((own) => contains(own, source));
    case "cidr":
      return contains(allowed.cidr, source);
    case "my-ip":
      // An address that somebody merely typed proves nothing about where they are.
      return false;
  }
}

function firstOf(rule: Rule): ChosenSource | Refusal {
  const [first] = rule.networks;
  switch (first?.kind) {
    case "network":
      return named(rule, first.name, first.cidrs);
    case "cidr":
      return { source: first.cidr, name: undefined, notes: [] };
    case "any":
      return { source: ANY_SOURCE, name: undefined, notes: [] };
    case "my-ip":
      return myIp(rule);
    case undefined:
      return refuse("source-not-allowed")`The rule ${{ code: rule.name }} allows no source.`;
  }
}

/** By name one may ask for whatever one may ask for by address: the name is only easier to type. */
function named(rule: Rule, name: string, cidrs: readonly string[]): ChosenSource | Refusal {
  if (cidrs.length === 0) {
    return refuse(
      "source-not-allowed",
    )`The network ${{ code: name }} is empty: an admin has to fill it.`;
  }
  const allowed = cidrs.filter((cidr) => allowsSource(rule, cidr));
  const [first] = allowed;
  if (first === undefined) {
    return refuse(
      "source-not-allowed",
    )`The rule ${{ code: rule.name }} does not allow the network ${{ code: name }}: write ${offers(rule)}.`;
  }
  if (cidrs.length === 1) return { source: first, name, notes: [] };
  const choice = allowed.slice(0, 20).map((cidr) => ({ code: `from ${cidr}` }));
  return refuse(
    "ambiguous",
  )`The network ${{ code: name }} has several ranges, and one can be opened at a time: write ${listed(choice, "or")}.`;
}

/** The page that proves one's address is not built yet, so the answer says what to do instead. */
function myIp(rule: Rule): Refusal {
  const others = rule.networks.filter((allowed) => allowed.kind !== "my-ip");
  return others.length === 0
    ? refuse(
        "switched-off",
      )`${{ code: "my-ip" }} cannot be used here yet, and the rule ${{ code: rule.name }} allows nothing else: an admin can add a network to it.`
    : refuse(
        "switched-off",
      )`${{ code: "my-ip" }} cannot be used here yet: write ${offers({ ...rule, networks: others })}.`;
}

/** What one may write instead: `from vpn or an address within 203.0.113.0/24`. */
const offers = (rule: Rule): Words => listed(rule.networks.slice(0, 10).map(offer), "or");

function offer(allowed: AllowedSource): Part | Words {
  switch (allowed.kind) {
    case "network":
      return { code: `from ${allowed.name}` };
    case "cidr":
      return words`an address within ${{ code: allowed.cidr }}`;
    case "any":
      return { code: "from any" };
    case "my-ip":
      return { code: "from my-ip" };
  }
}
