// What the request form offers for a VM: only ports, times and sources that its JIT policy and the rule allow.

import { joinedSources } from "../network/source.ts";
import { formatDuration, HOUR_MS, MINUTE_MS, parseDuration } from "../text/duration.ts";
import type { UserId } from "../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import type { JitVmPolicy, Vm } from "../vm/vm.ts";
import { chooseDuration, longestMs, sourceOutside } from "./bounds.ts";
import { defaultPorts, jitPolicyFor, nothingToOpen } from "./check-ask.ts";
import type { AllowedSource, Policy, Rule } from "./policy.ts";
import { chooseSource, MY_IP, type MyAddress } from "./requested-source.ts";
import {
  isRequester,
  type Members,
  outsideHours,
  ruleFor,
  ruleOnPort,
  rulesOnPort,
} from "./rule-match.ts";

/** What was filled in so far, as typed or chosen. */
export type Draft = {
  /** Empty: all were taken away again. */
  readonly ports?: readonly number[] | undefined;
  readonly duration?: string | undefined;
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
  /** When to open it; left out: at once. */
  readonly opensAtMs?: number | undefined;
};

export type Choices = {
  /** Ascending; every one may be asked for by this person. */
  readonly ports: readonly number[];
  /** Empty where the person has to say. */
  readonly chosenPorts: readonly number[];
  /** For the chosen ports; a refusal where they can't be asked for together. */
  readonly terms: Terms | Refusal | undefined;
};

/** What holds for one VM and some of its ports. */
export type Terms = {
  readonly rule: Rule;
  /** As people write them, ascending. */
  readonly durations: readonly string[];
  readonly chosenDuration: string;
  /** As they can be typed after `from`; empty: an address has to be typed. */
  readonly sources: readonly string[];
  /** `undefined` where the person has to say. */
  readonly chosenSource: string | undefined;
  /** What `my-ip` among the sources stands for; `undefined`: a link will show it. */
  readonly myAddress?: string | undefined;
};

type Asker = {
  readonly policy: Policy;
  readonly user: UserId;
  readonly members: Members;
  readonly myAddress?: MyAddress | undefined;
  readonly nowMs: number;
};
type Where = { readonly vm: Vm; readonly vmPolicies: readonly JitVmPolicy[] };

/** The choices for one VM, or why there are none. */
export function choicesFor(asker: Asker, where: Where, draft: Draft): Choices | Refusal {
  const { vm, vmPolicies } = where;
  const known = [
    ...new Set(vmPolicies.flatMap((vmPolicy) => vmPolicy.ports.map((port) => port.number))),
  ];
  const ports = known
    .filter((port) => {
      const rule = ruleOnPort(asker.policy, vm, { port, nowMs: asker.nowMs });
      return rule !== undefined && isRequester(rule, asker.user, asker.members);
    })
    .sort((a, b) => a - b);
  if (known.length === 0) return nothingToOpen(vm, vmPolicies);
  if (ports.length === 0) {
    const later = outOfHours(asker, vm, known);
    if (later !== undefined) return later;
    return refuse(
      "not-a-requester",
    )`No rule lets you request a port that the JIT policy of ${{ strong: vm.name }} covers.`;
  }
  const chosenPorts =
    draft.ports?.filter((port) => ports.includes(port)) ?? usualPorts(where, ports);
  const terms =
    chosenPorts.length === 0 ? undefined : termsFor(asker, where, { chosenPorts, draft });
  return { ports, chosenPorts, terms };
}

/** Where a rule would let the person request one of the ports at another time: what it says of that. */
function outOfHours(
  { policy, user, members, nowMs }: Asker,
  vm: Vm,
  ports: readonly number[],
): Refusal | undefined {
  for (const port of ports) {
    const rule = rulesOnPort(policy, vm, port).find((one) => isRequester(one, user, members));
    if (rule !== undefined) return outsideHours(vm, { rule, ports: [port], nowMs });
  }
  return undefined;
}

/** What a command without ports would ask for, if it may be asked for. */
function usualPorts({ vm, vmPolicies }: Where, ports: readonly number[]): readonly number[] {
  if (ports.length === 1) return ports;
  const usual = defaultPorts(vm, vmPolicies);
  return isRefusal(usual) || !usual.every((port) => ports.includes(port)) ? [] : usual;
}

function termsFor(
  { policy, myAddress, nowMs }: Asker,
  { vm, vmPolicies }: Where,
  { chosenPorts: ports, draft }: { chosenPorts: readonly number[]; draft: Draft },
): Terms | Refusal {
  const rule = ruleFor(policy, vm, { ports, nowMs });
  if (isRefusal(rule)) return rule;
  const vmPolicy = jitPolicyFor(vm, vmPolicies, ports);
  if (isRefusal(vmPolicy)) return vmPolicy;
  const usualMs = chooseDuration(rule, vmPolicy, { vm, ports, wantedMs: undefined });
  if (isRefusal(usualMs)) return usualMs;
  const mostMs = Math.min(rule.maxDurationMs, longestMs(vmPolicy, ports));
  const wantedMs = durationWithin(draft.duration, mostMs);
  const all = rule.networks.map((allowed) => typable(policy, allowed, myAddress));
  // Only what can't be chosen here is allowed: the answer to a command says what to do.
  if (all.every((one) => one.length === 0)) {
    const none = chooseSource(policy, rule, undefined, myAddress);
    if (isRefusal(none)) return none;
  }
  const offered = all.map((one) =>
    one.filter(
      ({ source }) =>
        source === undefined || sourceOutside(vm, vmPolicy, { ports, source }) === undefined,
    ),
  );
  const sources = offered.flat().map(({ typed }) => typed);
  const wanted = draft.source?.toLowerCase();
  return {
    rule,
    durations: durationsUpTo(mostMs, wantedMs === undefined ? [usualMs] : [usualMs, wantedMs]),
    chosenDuration: formatDuration(wantedMs ?? usualMs),
    sources: [...new Set(sources)],
    chosenSource: sources.find((one) => one.toLowerCase() === wanted) ?? usualSource(all, offered),
    myAddress: myAddress?.address,
  };
}

type Typable = { readonly typed: string; readonly source: string | undefined };

/** The rule's first network; where it has several ranges, the person has to say which. */
function usualSource(
  all: readonly (readonly Typable[])[],
  offered: readonly (readonly Typable[])[],
): string | undefined {
  const at = offered.findIndex((one) => one.length > 0);
  const [only] = offered[at] ?? [];
  return all[at]?.length === 1 ? only?.typed : undefined;
}

const OFFERED_MS = [
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  ...[1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * HOUR_MS),
];

/** The usual steps, the longest that is allowed, and `more`; ascending. */
function durationsUpTo(mostMs: number, more: readonly number[]): readonly string[] {
  const all = [...OFFERED_MS.filter((ms) => ms <= mostMs), mostMs, ...more];
  return [...new Set(all.sort((a, b) => a - b).map(formatDuration))];
}

function durationWithin(text: string | undefined, mostMs: number): number | undefined {
  const durationMs = parseDuration(text ?? "");
  return durationMs !== undefined && durationMs >= MINUTE_MS && durationMs <= mostMs
    ? durationMs
    : undefined;
}

/** How an allowed source is typed, and what it stands for, as far as that is known. */
function typable(
  { azure }: Policy,
  allowed: AllowedSource,
  mine: MyAddress | undefined,
): readonly Typable[] {
  switch (allowed.kind) {
    case "network":
      return allowed.cidrs.length === 1 || azure.sourceLists === true
        ? [{ typed: allowed.name, source: joinedSources(allowed.cidrs) }]
        : allowed.cidrs.map((cidr) => ({ typed: cidr, source: cidr }));
    case "cidr":
      return [{ typed: allowed.cidr, source: allowed.cidr }];
    case "any":
      return [{ typed: "any", source: "*" }];
    case "my-ip":
      return mine?.provable === true ? [{ typed: MY_IP, source: mine.address }] : [];
  }
}
