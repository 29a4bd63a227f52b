// Where access shall come from: what was typed, or the rule's first network, held against what the rule allows.

import { ANY_SOURCE, contains, joinedSources, parseSource } from "../network/source.ts";
import { type Fix, type Refusal, refuse, withFixes } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { listed, type Part, type Words, words } from "../text/words.ts";
import type { AllowedSource, Policy, Rule } from "./policy.ts";

export type ChosenSource = {
  /** IPv4 address or CIDR, or `*`. */
  readonly source: string;
  readonly name: string | undefined;
  /** The bot's page saw the person there. */
  readonly proven?: true;
  readonly notes: readonly Words[];
};

/** What is known of the address that a person connects from. */
export type MyAddress = {
  /** Seen by the bot's page, and not too long ago. */
  readonly address: string | undefined;
  /** Whether there is a page that could see it. */
  readonly provable: boolean;
};

const NOWHERE: MyAddress = { address: undefined, provable: false };

/** The name of a source that was proven. */
export const MY_IP = "my-ip";

/** `asked` is as typed: a named network first, since the file may call one anything; else an address. */
export function chooseSource(
  policy: Policy,
  rule: Rule,
  asked: string | undefined,
  mine: MyAddress = NOWHERE,
): ChosenSource | Refusal {
  if (asked === undefined) return firstOf(policy, rule, mine);
  const wanted = asked.toLowerCase();
  const name = Object.keys(policy.networks).find((known) => known.toLowerCase() === wanted);
  if (name !== undefined) {
    return named(policy, rule, { name, cidrs: policy.networks[name] ?? [] });
  }
  const source = parseSource(asked);
  if (source === undefined) {
    return offering(
      rule,
      refuse("bad-source")`${typed(asked)} isn't a source I know: use ${offers(rule)}.`,
    );
  }
  if ("ipv6" in source) {
    return offering(
      rule,
      refuse(
        "bad-source",
      )`${typed(asked)} is an IPv6 source, and JIT takes only IPv4: write ${offers(rule)}.`,
    );
  }
  if ("myIp" in source) return myIp(rule, mine);
  if ("any" in source) {
    return rule.networks.some((allowed) => allowed.kind === "any")
      ? { source: ANY_SOURCE, name: undefined, notes: [] }
      : offering(
          rule,
          refuse(
            "source-not-allowed",
          )`The rule ${{ code: rule.name }} doesn't allow access from anywhere: write ${offers(rule)}.`,
        );
  }
  if (!allowsSource(rule, source.cidr)) {
    if (source.cidr === mine.address && listsMyIp(rule)) return myIp(rule, mine);
    return offering(
      rule,
      refuse(
        "source-not-allowed",
      )`The rule ${{ code: rule.name }} doesn't allow ${{ code: source.cidr }}: write ${offers(rule)}.`,
    );
  }
  const cleared = words`${typed(asked)} was read as the network ${{ code: source.cidr }}.`;
  return { source: source.cidr, name: undefined, notes: source.clearedHostBits ? [cleared] : [] };
}

export const listsMyIp = (rule: Rule): boolean =>
  rule.networks.some((allowed) => allowed.kind === "my-ip");

/** Whether the rule allows what was asked for: by its address, or because that was proven. */
export const allowsAsked = (
  rule: Rule,
  { source, proven }: { readonly source: string; readonly proven?: true | undefined },
): boolean => allowsSource(rule, source) || (proven === true && listsMyIp(rule));

/** Whether the rule allows an address, a CIDR or `*`, however it was named. */
export const allowsSource = (rule: Rule, source: string): boolean =>
  rule.networks.some((allowed) => allows(allowed, source));

function allows(allowed: AllowedSource, source: string): boolean {
  switch (allowed.kind) {
    case "any":
      return true;
    case "network":
      return contains(joinedSources(allowed.cidrs), source);
    case "cidr":
      return contains(allowed.cidr, source);
    case "my-ip":
      // An address that somebody merely typed proves nothing about where they are.
      return false;
  }
}

function firstOf(policy: Policy, rule: Rule, mine: MyAddress): ChosenSource | Refusal {
  const [first] = rule.networks;
  switch (first?.kind) {
    case "network":
      return named(policy, rule, first);
    case "cidr":
      return { source: first.cidr, name: undefined, notes: [] };
    case "any":
      return { source: ANY_SOURCE, name: undefined, notes: [] };
    case "my-ip":
      return myIp(rule, mine);
    case undefined:
      return refuse("source-not-allowed")`The rule ${{ code: rule.name }} allows no source.`;
  }
}

/** By name one may ask for whatever one may ask for by address: the name is only easier to type. */
function named(
  { azure }: Policy,
  rule: Rule,
  { name, cidrs }: { readonly name: string; readonly cidrs: readonly string[] },
): ChosenSource | Refusal {
  if (cidrs.length === 0) {
    return refuse(
      "source-not-allowed",
    )`The network ${{ code: name }} is empty: an admin has to fill it.`;
  }
  const allowed = cidrs.filter((cidr) => allowsSource(rule, cidr));
  const [first] = allowed;
  if (first === undefined) {
    return offering(
      rule,
      refuse(
        "source-not-allowed",
      )`The rule ${{ code: rule.name }} doesn't allow the network ${{ code: name }}: write ${offers(rule)}.`,
    );
  }
  if (cidrs.length === 1) return { source: first, name, notes: [] };
  if (azure.sourceLists === true && allowed.length === cidrs.length) {
    return { source: joinedSources(cidrs), name, notes: [] };
  }
  const choice = allowed.slice(0, 20).map((cidr) => ({ code: `from ${cidr}` }));
  const which = refuse(
    "ambiguous",
  )`The network ${{ code: name }} has several ranges, and only one can be opened at a time: write ${listed(choice, "or")}.`;
  return withFixes(
    which,
    allowed.map((cidr) => from(cidr)),
  );
}

function myIp(rule: Rule, { address, provable }: MyAddress): ChosenSource | Refusal {
  if (!listsMyIp(rule)) {
    return offering(
      rule,
      refuse(
        "source-not-allowed",
      )`The rule ${{ code: rule.name }} doesn't allow ${{ code: MY_IP }}: write ${offers(rule)}.`,
    );
  }
  if (address !== undefined) {
    return { source: address, name: MY_IP, proven: true, notes: [] };
  }
  if (provable) {
    return refuse(
      "address-unproven",
    )`I don't know the address you connect from: use ${{ code: `from ${MY_IP}` }}, and I'll send you a link to a page that detects it.`;
  }
  const others = rule.networks.filter((allowed) => allowed.kind !== "my-ip");
  return others.length === 0
    ? refuse(
        "switched-off",
      )`${{ code: MY_IP }} can't be used here, and the rule ${{ code: rule.name }} allows nothing else: an admin can give the bot's page an address (${{ code: "PUBLIC_URL" }}), or add a network to the rule.`
    : offering(
        { ...rule, networks: others },
        refuse(
          "switched-off",
        )`${{ code: MY_IP }} can't be used here, because the bot's page has no address (${{ code: "PUBLIC_URL" }}): write ${offers({ ...rule, networks: others })}.`,
      );
}

const from = (source: string, called = source): Fix => ({
  label: `From ${called}`,
  change: { source },
});

/** What isn't called by its name in a sentence. */
const CALLED = { any: "any address", "my-ip": "my IP" } as const;

/** With what can be requested from in one press; an address within a network can't be guessed. */
const offering = ({ networks }: Pick<Rule, "networks">, refusal: Refusal): Refusal =>
  withFixes(
    refusal,
    networks.flatMap((allowed) => {
      if (allowed.kind === "cidr") return [];
      if (allowed.kind === "network") return [from(allowed.name)];
      return [from(allowed.kind, CALLED[allowed.kind])];
    }),
  );

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
