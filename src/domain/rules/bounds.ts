// How far a VM's JIT policy and the rule let an ask go: for how long, and from where.

import { contains, joinedSources } from "../network/source.ts";
import { formatDuration, MINUTE_MS } from "../text/duration.ts";
import { type Fix, type Refusal, refuse, withFixes } from "../text/refusal.ts";
import { listed, type Words, words } from "../text/words.ts";
import type { JitPort, JitVmPolicy, Vm } from "../vm/vm.ts";
import type { Rule } from "./policy.ts";
import { allowsSource, listsMyIp } from "./requested-source.ts";

/** What the policy says of one port; `undefined`: it doesn't know it. */
export const portOf = (vmPolicy: JitVmPolicy, number: number): JitPort | undefined =>
  vmPolicy.ports.find((port) => port.number === number);

/** The longest that all of `ports` may be opened together. */
export function longestMs(vmPolicy: JitVmPolicy, ports: readonly number[]): number {
  return Math.min(...ports.map((port) => portOf(vmPolicy, port)?.maxDurationMs ?? 0));
}

/** Azure's clock may run behind ours; asking for exactly the maximum could then exceed it. */
const SPARE_MS = 15_000;

/** The longest that may be sent to Azure: its maximum with some seconds to spare. */
export const longestToSendMs = (vmPolicy: JitVmPolicy, ports: readonly number[]): number =>
  longestMs(vmPolicy, ports) - SPARE_MS;

/** The latest end that Azure takes for a port from now on; what the policy doesn't cover, Azure itself refuses. */
export function latestEndMs(
  vmPolicy: JitVmPolicy | undefined,
  port: number,
  nowMs: number,
): number {
  const isCovered = vmPolicy !== undefined && portOf(vmPolicy, port) !== undefined;
  return isCovered ? nowMs + longestToSendMs(vmPolicy, [port]) : Number.POSITIVE_INFINITY;
}

/** The duration, or that of the rule where none is wanted; never longer than rule and policy allow. */
export function chooseDuration(
  rule: Rule,
  vmPolicy: JitVmPolicy,
  { vm, ports, wantedMs }: { vm: Vm; ports: readonly number[]; wantedMs: number | undefined },
): number | Refusal {
  const azureMaxMs = longestMs(vmPolicy, ports);
  if (azureMaxMs < MINUTE_MS) {
    return refuse(
      "too-long",
    )`${{ strong: vm.name }} allows less than a minute on ${ports.join(", ")}: an admin has to change its JIT policy.`;
  }
  if (wantedMs === undefined) {
    return Math.min(rule.defaultDurationMs, rule.maxDurationMs, azureMaxMs);
  }
  if (wantedMs < MINUTE_MS) {
    const no = refuse(
      "bad-duration",
    )`${{ code: formatDuration(wantedMs) }} is too short: request 1m or more.`;
    return withFixes(no, [lasting(MINUTE_MS)]);
  }
  if (wantedMs > azureMaxMs && azureMaxMs <= rule.maxDurationMs) {
    const most = formatDuration(azureMaxMs);
    const no = refuse(
      "too-long",
    )`${{ strong: vm.name }} allows at most ${most} on ${ports.join(", ")}: request ${most} or less.`;
    return withFixes(no, [lasting(azureMaxMs)]);
  }
  if (wantedMs > rule.maxDurationMs) {
    const most = formatDuration(rule.maxDurationMs);
    const no = refuse(
      "too-long",
    )`The rule ${{ code: rule.name }} allows at most ${most}: request ${most} or less.`;
    return withFixes(no, [lasting(rule.maxDurationMs)]);
  }
  return wantedMs;
}

const lasting = (durationMs: number): Fix => ({
  label: `Use ${formatDuration(durationMs)}`,
  change: { durationMs },
});

/**
 * Whether the policy lets nobody in from `source` on one of the ports; `undefined`: it does on all. With a rule,
 * only what it allows is named as a way out.
 */
export function sourceOutside(
  vm: Vm,
  vmPolicy: JitVmPolicy,
  { ports, source, rule }: { ports: readonly number[]; source: string; rule?: Rule | undefined },
): Refusal | undefined {
  for (const number of ports) {
    const allowed = portOf(vmPolicy, number)?.sources ?? [];
    if (contains(joinedSources(allowed), source)) continue;
    // Nobody can ask from within a service tag or an IPv6 range, so neither is offered.
    const within = allowed.filter((prefix) => contains(prefix, prefix)).slice(0, 10);
    const both = rule === undefined ? within : allowedWithin(rule, within);
    const offered = both.map((prefix) => ({ code: prefix }));
    const from = source === "*" ? "any" : source;
    if (rule !== undefined && within.length > 0 && both.length === 0) {
      const only = within.map((prefix) => ({ code: prefix }));
      return refuse(
        "source-not-allowed",
      )`The JIT policy of ${{ strong: vm.name }} allows only ${listed(only, "or")} on port ${number}, and the rule ${{ code: rule.name }} allows nothing within it: an admin has to change one of them.`;
    }
    return offered.length === 0
      ? refuse(
          "source-not-allowed",
        )`The JIT policy of ${{ strong: vm.name }} allows no IPv4 source on port ${number}: an admin has to change it.`
      : refuse(
          "source-not-allowed",
        )`The JIT policy of ${{ strong: vm.name }} doesn't allow ${{ code: from }} on port ${number}: use a source within ${listed(offered, "or")}.`;
  }
  return undefined;
}

/** What of `prefixes` the rule allows, too: the smaller of two networks where one holds the other. */
function allowedWithin(rule: Rule, prefixes: readonly string[]): readonly string[] {
  const ofRule = rule.networks.flatMap((allowed) =>
    allowed.kind === "network" ? allowed.cidrs : allowed.kind === "cidr" ? [allowed.cidr] : [],
  );
  const both = prefixes.flatMap((prefix) =>
    allowsSource(rule, prefix) ? [prefix] : ofRule.filter((cidr) => contains(prefix, cidr)),
  );
  // Somebody's own address may be within any of them.
  return both.length === 0 && listsMyIp(rule) ? prefixes : [...new Set(both)].slice(0, 10);
}

/** What was filled in is said: the end must surprise nobody. */
export function filledIn(durationMs: number, rule: Rule): Words {
  const from = { code: rule.name };
  const duration = formatDuration(durationMs);
  return durationMs === rule.defaultDurationMs
    ? words`You gave no duration, so it's ${duration}, the default of rule ${from}.`
    : words`You gave no duration, so it's ${duration}: the default of rule ${from}, cut to what is allowed.`;
}
