// What VMs' JIT policies allow beyond what anybody asked for, as the commands that take it away. Pure.
//
// A port that nobody asks for keeps its place in the policy, with the shortest time that Azure takes: without it,
// JIT's deny rule would go, and another rule of the network may let everybody in.

import { vmName } from "../audit/audit-entry.ts";
import { asWord } from "../command/format-words.ts";
import { contains, joinedSources } from "../network/source.ts";
import { formatDuration, MINUTE_MS } from "../text/duration.ts";
import { type VmKey, vmKey } from "../text/ids.ts";
import { formatPorts } from "../text/ports-list.ts";
import type { JitPort, Vm } from "../vm/vm.ts";
import type { Evidence } from "./finding.ts";
import { roundedUp } from "./rule-advice.ts";
import { type Tally, tallied } from "./usage.ts";

export type JitFinding = {
  /** As it is typed in a terminal, and after a slash in Slack. */
  readonly command: string;
  readonly vms: readonly string[];
  readonly ports: readonly number[];
  /** What was never asked for. */
  readonly unused: "ports" | "time and sources" | "time" | "sources";
  /** What was: on these VMs and, unless nobody asked for them, these ports. */
  readonly asked: Tally;
  readonly longestMs?: number;
};

/** Azure takes 5 minutes at least. */
const MAX_LEAST_MS = 5 * MINUTE_MS;
/** `/jit change` takes 50 VMs; a shorter line is one that somebody reads. */
const VMS_AT_ONCE = 20;

type Asked = Tally & { readonly longestMs: number; readonly sources: Set<string> | "any" };

type Change = {
  readonly vm: Vm;
  readonly port: number;
  readonly maxMs: number | undefined;
  readonly from: string | undefined;
  /** Of the port; of the whole VM where nobody asked for the port. */
  readonly asked: Tally;
  readonly longestMs: number;
  readonly isUnused: boolean;
};

/** Only VMs that somebody asked for: of the others nobody can say what they need. */
export function jitFindings(evidence: Evidence): readonly JitFinding[] {
  const asked = askedByPort(evidence);
  const changes = [...evidence.vmPolicies].flatMap(([key, vmPolicies]) => {
    const vm = evidence.vms.get(key);
    const byPort = asked.get(key);
    if (vm === undefined || byPort === undefined) return [];
    const all = [...byPort.values()].reduce<Tally | undefined>(
      (sum, { lastAtMs, count }) => tallied(sum, lastAtMs, count),
      undefined,
    );
    // One VM in two policies is left to people: a change of one says nothing of the other.
    const [vmPolicy, ...more] = vmPolicies;
    if (all === undefined || vmPolicy === undefined || more.length > 0) return [];
    return vmPolicy.ports.flatMap((port) => changeOf(evidence, { vm, port, byPort, all }) ?? []);
  });
  return commandsFor(evidence, changes);
}

/** By VM and port. Others' openings count as well, by the VM's name: Azure's log names no more. */
function askedByPort({ usage, vms }: Evidence): ReadonlyMap<VmKey, ReadonlyMap<number, Asked>> {
  const found = new Map<VmKey, Map<number, Asked>>();
  const add = (
    key: VmKey,
    ports: readonly number[],
    one: Tally & { readonly longestMs: number | undefined; readonly source: string | undefined },
  ) => {
    const byPort = found.get(key) ?? new Map<number, Asked>();
    found.set(key, byPort);
    for (const port of ports) byPort.set(port, withAsked(byPort.get(port), one));
  };
  for (const { vmId, ports, ...use } of usage.uses) {
    if (vmId !== undefined) add(vmKey(vmId), ports, use);
  }
  if (usage.elsewhere.length > 0) {
    const keys = Map.groupBy(vms.keys(), vmName);
    for (const { vm, ports, durationMs, source, atMs } of usage.elsewhere) {
      const one = { count: 1, lastAtMs: atMs, longestMs: durationMs, source };
      for (const key of keys.get(vm) ?? []) add(key, ports, one);
    }
  }
  return found;
}

function withAsked(
  before: Asked | undefined,
  one: Tally & { readonly longestMs: number | undefined; readonly source: string | undefined },
): Asked {
  const { count, lastAtMs, longestMs, source } = one;
  const sources = before?.sources ?? new Set<string>();
  return {
    ...tallied(before, lastAtMs, count),
    // What isn't known may have been anything.
    longestMs: Math.max(before?.longestMs ?? 0, longestMs ?? Number.POSITIVE_INFINITY),
    sources:
      sources === "any" || source === undefined || source === "" ? "any" : sources.add(source),
  };
}

type On = {
  readonly vm: Vm;
  readonly port: JitPort;
  readonly byPort: ReadonlyMap<number, Asked>;
  readonly all: Tally;
};

function changeOf(evidence: Evidence, { vm, port, byPort, all }: On): Change | undefined {
  const asked = byPort.get(port.number);
  const none = { vm, port: port.number, maxMs: undefined, from: undefined };
  if (port.unreadable !== undefined) return undefined;
  if (asked === undefined) {
    const isUnused = port.maxDurationMs > MAX_LEAST_MS;
    if (!isUnused) return undefined;
    return { ...none, maxMs: MAX_LEAST_MS, asked: all, longestMs: 0, isUnused };
  }
  const neededMs = Math.max(MAX_LEAST_MS, roundedUp(asked.longestMs));
  const maxMs = neededMs < port.maxDurationMs ? neededMs : undefined;
  const from = narrower(evidence, port, asked.sources);
  if (maxMs === undefined && from === undefined) return undefined;
  const { count, lastAtMs, longestMs } = asked;
  return { ...none, maxMs, from, asked: { count, lastAtMs }, longestMs, isUnused: false };
}

/** The smallest network of the file that all came from, where the policy allows more than that. */
function narrower(
  { policy }: Evidence,
  port: JitPort,
  sources: Asked["sources"],
): string | undefined {
  if (sources === "any") return undefined;
  const allowed = joinedSources(port.sources);
  const fitting = Object.entries(policy.networks)
    .map(([name, cidrs]) => ({ name, all: joinedSources(cidrs) }))
    .filter(
      ({ all }) =>
        [...sources].every((source) => contains(all, source)) &&
        contains(allowed, all) &&
        !contains(all, allowed),
    );
  return fitting.toSorted((a, b) =>
    contains(a.all, b.all) ? 1 : contains(b.all, a.all) ? -1 : 0,
  )[0]?.name;
}

/** Of one VM, ports that need the same stand together; VMs that need the same, too. */
function commandsFor({ vms }: Evidence, changes: readonly Change[]): readonly JitFinding[] {
  const nameOf = namesOf(vms);
  const alike = ({ isUnused, maxMs, from }: Change) => JSON.stringify([isUnused, maxMs, from]);
  const perVm = [...Map.groupBy(changes, (one) => `${one.vm.key} ${alike(one)}`).values()];
  const groups = Map.groupBy(perVm, (its) => {
    const [first] = its;
    return first === undefined ? "" : `${alike(first)} ${its.map(({ port }) => port).join()}`;
  });
  return [...groups.values()].flatMap((its) =>
    Array.from({ length: Math.ceil(its.length / VMS_AT_ONCE) }, (_, n) =>
      findingOf(its.slice(n * VMS_AT_ONCE, (n + 1) * VMS_AT_ONCE), nameOf),
    ),
  );
}

function findingOf(its: readonly (readonly Change[])[], nameOf: (vm: Vm) => string): JitFinding {
  const all = its.flat();
  const [first] = all;
  if (first === undefined) throw new Error("no command is for no VM");
  const names = its.flatMap(([one]) => (one === undefined ? [] : [nameOf(one.vm)]));
  const ports = [...new Set(all.map(({ port }) => port))].toSorted((a, b) => a - b);
  const { isUnused, maxMs, from } = first;
  const command = [
    "jit change",
    asWord(names.join(",")),
    formatPorts(ports),
    ...(maxMs === undefined ? [] : [`max ${formatDuration(maxMs)}`]),
    ...(from === undefined ? [] : [`from ${asWord(from)}`]),
  ].join(" ");
  const counted = its.flatMap(([one]) => (one === undefined ? [] : [one.asked]));
  const tally = counted.reduce<Tally | undefined>(
    (sum, { count, lastAtMs }) => tallied(sum, lastAtMs, count),
    undefined,
  );
  const both =
    maxMs !== undefined && from !== undefined ? ("time and sources" as const) : undefined;
  return {
    command,
    vms: names,
    ports,
    unused: isUnused ? "ports" : (both ?? (from === undefined ? "time" : "sources")),
    asked: tally ?? { count: 0, lastAtMs: 0 },
    ...(!isUnused && { longestMs: Math.max(...all.map(({ longestMs }) => longestMs)) }),
  };
}

/** As short as it stays one VM's alone. */
function namesOf(vms: Evidence["vms"]): (vm: Vm) => string {
  const counts = new Map<string, number>();
  const names = ({ name, resourceGroup }: Vm): readonly [string, string] => [
    name,
    `${resourceGroup}/${name}`,
  ];
  for (const vm of vms.values()) {
    for (const name of names(vm)) {
      const key = name.toLowerCase();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return (vm) => names(vm).find((name) => counts.get(name.toLowerCase()) === 1) ?? vm.id;
}
