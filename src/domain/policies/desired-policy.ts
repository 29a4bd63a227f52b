// What an admin wants of the JIT policy of some VMs: enabled, changed or disabled, and how.

import type { PolicyCommand } from "../command/verbs/policy-verb.ts";
import { ANY_SOURCE, parseSource } from "../network/source.ts";
import type { Policy } from "../rules/policy.ts";
import { formatDuration, HOUR_MS, isoDuration, MINUTE_MS } from "../text/duration.ts";
import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { listed } from "../text/words.ts";

type Protocol = "TCP" | "UDP" | "*";

export type DesiredPolicy = {
  readonly verb: "enable" | "change" | "disable";
  /** `undefined`: the portal's own when enabling, else every port that the VM has. */
  readonly ports: readonly number[] | undefined;
  readonly protocol: Protocol | undefined;
  readonly maxDurationMs: number | undefined;
  /** IPv4 addresses and CIDRs, or `*` alone. */
  readonly sources: readonly string[] | undefined;
  /** The name of the JIT policy for VMs that are new; left out: the usual one. */
  readonly into?: string | undefined;
};

/**
 * What the portal proposes for a VM.
 * Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage
 */
export const DEFAULT_PORTS: readonly number[] = [22, 3389, 5985, 5986];
const DEFAULT_PROTOCOL: Protocol = "*";
export const DEFAULT_MAX_MS = 3 * HOUR_MS;
export const DEFAULT_SOURCES: readonly string[] = [ANY_SOURCE];

/** Azure takes 5 minutes to a day. */
const MAX_DURATION_LEAST_MS = 5 * MINUTE_MS;
const MAX_DURATION_MOST_MS = 24 * HOUR_MS;

/** Everything that can be wrong with a desired policy whatever the VMs are; a refusal names the first fault. */
export function desiredPolicyOf(
  command: Omit<PolicyCommand, "selector">,
  policy: Pick<Policy, "networks">,
): DesiredPolicy | Refusal {
  const { verb, ports, protocol, maxDurationMs } = command;
  if (maxDurationMs !== undefined) {
    const fault = durationFault(maxDurationMs);
    if (fault !== undefined) return fault;
  }
  const sources = command.source === undefined ? undefined : sourcesOf(command.source, policy);
  if (isRefusal(sources)) return sources;
  const given = [protocol, maxDurationMs, sources].filter((part) => part !== undefined);
  if (verb === "disable" && given.length > 0) {
    const one = { code: "/jit disable vm-01 22" };
    const all = { code: "/jit disable vm-01" };
    return refuse(
      "ambiguous",
    )`Disabling takes only ports: write ${one} for one port, or ${all} for the whole VM.`;
  }
  if (verb === "change" && given.length === 0 && ports === undefined) {
    const example = { code: "/jit change vm-01 22 max 2h from vpn" };
    return refuse(
      "incomplete",
    )`Which change? Give ports, a maximum or a source, for example ${example}.`;
  }
  const { into } = command;
  return { verb, ports, protocol, maxDurationMs, sources, ...(into !== undefined && { into }) };
}

function durationFault(durationMs: number): Refusal | undefined {
  const isWithin = durationMs >= MAX_DURATION_LEAST_MS && durationMs <= MAX_DURATION_MOST_MS;
  if (isWithin) return undefined;
  const least = formatDuration(MAX_DURATION_LEAST_MS);
  const most = formatDuration(MAX_DURATION_MOST_MS);
  return refuse(
    "bad-duration",
  )`${formatDuration(durationMs)} can't be a VM's maximum: Azure allows ${least} to ${most}.`;
}

/** A network of the file stands for all its ranges: unlike an access, a policy can allow several. */
function sourcesOf(
  asked: string,
  { networks }: Pick<Policy, "networks">,
): readonly string[] | Refusal {
  const wanted = asked.toLowerCase();
  const name = Object.keys(networks).find((known) => known.toLowerCase() === wanted);
  const ranges = name === undefined ? undefined : networks[name];
  if (ranges !== undefined && ranges.length > 0) return ranges;
  const source = parseSource(asked);
  if (source !== undefined && "any" in source) return [ANY_SOURCE];
  if (source !== undefined && "cidr" in source) return [source.cidr];
  const names = Object.keys(networks).slice(0, 10);
  const choice = [...names, "203.0.113.0/24", "any"].map((one) => ({ code: `from ${one}` }));
  const write = listed(choice, "or");
  if (source === undefined) {
    return refuse("bad-source")`${typed(asked)} isn't a source I know: use ${write}.`;
  }
  return "ipv6" in source
    ? refuse("bad-source")`${typed(asked)} is IPv6, and JIT takes only IPv4: write ${write}.`
    : refuse(
        "bad-source",
      )`${typed(asked)} is one person's address, and a policy is for everybody: write ${write}.`;
}

/** A port of a policy as Azure writes it. */
export type RawPort = Readonly<Record<string, unknown>>;

/** The fields of a port that hold its sources: never both. */
export const rawSources = (sources: readonly string[]): RawPort =>
  sources.length === 1
    ? { allowedSourceAddressPrefix: sources[0] }
    : { allowedSourceAddressPrefixes: sources };

/** A port that the VM didn't have. */
export const newRawPort = (number: number, desired: DesiredPolicy): RawPort => ({
  number,
  protocol: desired.protocol ?? DEFAULT_PROTOCOL,
  ...rawSources(desired.sources ?? DEFAULT_SOURCES),
  maxRequestAccessDuration: isoDuration(desired.maxDurationMs ?? DEFAULT_MAX_MS),
});
