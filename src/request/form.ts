// What the request form offers for a VM: only ports, times and sources that its JIT policy and the rule allow.

import { coverFor, defaultPorts } from "./ask.ts";
import { longestMs, sourceOutside } from "./bounds.ts";
import { formatDuration, HOUR_MS, MINUTE_MS, parseDuration } from "./duration.ts";
import type { UserId } from "./ids.ts";
import type { AllowedSource, Policy, Rule } from "./policy.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import { isRequester, type Members, ruleFor, ruleOnPort } from "./rules.ts";
import type { JitCover, Vm } from "./vm.ts";

/** What was filled in so far, as typed or chosen. */
export type Draft = {
  readonly ports?: readonly number[] | undefined;
  readonly duration?: string | undefined;
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
};

export type Choices = {
  readonly rule: Rule;
  /** Ascending; every one may be asked for by this person. */
  readonly ports: readonly number[];
  readonly chosenPorts: readonly number[];
  /** As people write them, ascending. */
  readonly durations: readonly string[];
  readonly chosenDuration: string;
  /** As they can be typed after `from`; `my-ip` among them. */
  readonly sources: readonly string[];
  readonly chosenSource: string | undefined;
};

type Asker = { readonly policy: Policy; readonly user: UserId; readonly members: Members };

/** The choices for one VM, or why there are none. */
export function choicesFor(
  { policy, user, members }: Asker,
  { vm, covers }: { vm: Vm; covers: readonly JitCover[] },
  draft: Draft,
): Choices | Refusal {
  const known = [...new Set(covers.flatMap((cover) => cover.ports.map((port) => port.number)))];
  const ports = known
    .filter((port) => {
      const rule = ruleOnPort(policy, vm, port);
      return rule !== undefined && isRequester(rule, user, members);
    })
    .sort((a, b) => a - b);
  const [first] = ports;
  if (first === undefined) {
    return known.length === 0
      ? refuse(
          "not-configured",
        )`${{ strong: vm.name }} has no JIT policy (Not configured), so there is nothing to open: an admin can enable JIT on it first.`
      : refuse("not-a-requester")`No rule lets you ask for ${{ strong: vm.name }}.`;
  }
  const chosenPorts = chosen(vm, covers, { ports, first, draft });
  const rule = ruleFor(policy, vm, chosenPorts);
  if (isRefusal(rule)) return rule;
  const cover = coverFor(vm, covers, chosenPorts);
  if (isRefusal(cover)) return cover;
  const mostMs = Math.min(rule.maxDurationMs, longestMs(cover, chosenPorts));
  const usual = formatDuration(Math.min(rule.defaultDurationMs, mostMs));
  const durations = durationsUpTo(mostMs, [usual, draft.duration]);
  const sources = rule.networks
    .flatMap(typable)
    .filter(({ source }) => {
      if (source === undefined) return true;
      return sourceOutside(vm, cover, { ports: chosenPorts, source }) === undefined;
    })
    .map(({ typed }) => typed);
  return {
    rule,
    ports,
    chosenPorts,
    durations,
    chosenDuration: durations.find((one) => one === draft.duration) ?? usual,
    sources,
    chosenSource: sources.find((one) => one === draft.source) ?? sources[0],
  };
}

function chosen(
  vm: Vm,
  covers: readonly JitCover[],
  { ports, first, draft }: { ports: readonly number[]; first: number; draft: Draft },
): readonly number[] {
  const wanted = draft.ports?.filter((port) => ports.includes(port)) ?? [];
  if (wanted.length > 0) return wanted;
  const usual = defaultPorts(vm, covers);
  return isRefusal(usual) || !usual.every((port) => ports.includes(port)) ? [first] : usual;
}

const OFFERED_MS = [
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  ...[1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * HOUR_MS),
];

/** The usual steps, the longest that is allowed, and what is chosen already; ascending. */
function durationsUpTo(mostMs: number, more: readonly (string | undefined)[]): readonly string[] {
  const steps = [...OFFERED_MS.filter((ms) => ms <= mostMs), mostMs].map(formatDuration);
  const wanted = more.filter((one) => one !== undefined && isWithin(one, mostMs));
  const all = new Set([...steps, ...wanted]);
  return [...all].map((text) => String(text)).sort((a, b) => msOf(a) - msOf(b));
}

const msOf = (text: string): number => parseDuration(text) ?? Number.POSITIVE_INFINITY;
const isWithin = (text: string, mostMs: number): boolean =>
  msOf(text) >= MINUTE_MS && msOf(text) <= mostMs;

/** How an allowed source is typed, and what it stands for where that is known already. */
function typable(
  allowed: AllowedSource,
): readonly { readonly typed: string; readonly source: string | undefined }[] {
  switch (allowed.kind) {
    case "network":
      return allowed.cidrs.length === 1
        ? [{ typed: allowed.name, source: allowed.cidrs[0] }]
        : allowed.cidrs.map((cidr) => ({ typed: cidr, source: cidr }));
    case "cidr":
      return [{ typed: allowed.cidr, source: allowed.cidr }];
    case "any":
      return [{ typed: "any", source: "*" }];
    case "my-ip":
      return [{ typed: "my-ip", source: undefined }];
  }
}
