// Changes a JIT policy as raw JSON: the VMs that are meant, and nothing else. Pure.
//
// A policy is written whole, and the SDK's typed model drops what it doesn't know: other people's VMs would
// lose fields or their protection. So it is read, merged and written as it came.

import { createHash } from "node:crypto";
import { ANY_SOURCE } from "../network/source.ts";
import { isoDuration } from "../text/duration.ts";
import {
  isJson,
  type Json,
  listOf,
  maxMsOf,
  portNumber,
  protocolOf,
  sourcesOf,
} from "../vm/jit-policy-fields.ts";
import {
  DEFAULT_PORTS,
  type DesiredPolicy,
  newRawPort,
  type RawPort,
  rawSources,
} from "./desired-policy.ts";

/** The changes to one VM of a policy, applied in order. */
export type Edit = { readonly vmId: string; readonly changes: readonly DesiredPolicy[] };

/** What Azure fills in: not sent back. */
const READ_ONLY: ReadonlySet<string> = new Set(["id", "name", "type", "location", "systemData"]);

const propertiesOf = (policy: Json | undefined): Json =>
  isJson(policy?.properties) ? policy.properties : {};

/** The VMs of a policy, whatever they are. */
const vmsIn = (policy: Json | undefined): readonly unknown[] =>
  listOf(propertiesOf(policy).virtualMachines);

const isVm = (value: unknown, vmId: string): value is Json =>
  isJson(value) && typeof value.id === "string" && value.id.toLowerCase() === vmId.toLowerCase();

/** The ids of a policy's VMs, in lower case. */
export const vmIdsIn = (policy: Json | undefined): readonly string[] =>
  vmsIn(policy)
    .filter(isJson)
    .map(({ id }) => String(id).toLowerCase());

/** A VM's own part of a policy; `undefined`: it has none. */
export const partOf = (policy: Json | undefined, vmId: string): Json | undefined =>
  vmsIn(policy).find((one): one is Json => isVm(one, vmId));

const portsIn = (part: Json | undefined): readonly RawPort[] => listOf(part?.ports).filter(isJson);

/**
 * The policy with the edits in it, as it gets written; `undefined`: no VM is left, so there should be no
 * such policy. `policy` is as Azure gave it, `undefined` where there is none yet.
 */
export function editJitPolicy(policy: Json | undefined, edits: readonly Edit[]): Json | undefined {
  const before = vmsIn(policy);
  const changed = new Map(edits.map((edit) => [edit.vmId.toLowerCase(), edit]));
  const kept = before.flatMap((one) => {
    const edit = isJson(one) && changed.get(String(one.id).toLowerCase());
    if (!edit || !isJson(one)) return [one];
    changed.delete(edit.vmId.toLowerCase());
    const ports = edit.changes.reduce(portsAfter, listOf(one.ports));
    return ports.length === 0 ? [] : [{ ...one, ports }];
  });
  const added = [...changed.values()].flatMap(({ vmId, changes }) => {
    const ports = changes.reduce<readonly unknown[]>(portsAfter, []);
    return ports.length === 0 ? [] : [{ id: vmId, ports }];
  });
  const virtualMachines = [...kept, ...added];
  if (virtualMachines.length === 0) return undefined;
  const { provisioningState: _, ...properties } = propertiesOf(policy);
  const rest = Object.entries(policy ?? {}).filter(([name]) => !READ_ONLY.has(name));
  return {
    kind: "Basic",
    ...Object.fromEntries(rest),
    properties: { ...properties, virtualMachines },
  };
}

const numberOf = ({ number }: RawPort): number | undefined => portNumber(number);

/** The ports of a VM after one change. What is no port stays as it is. */
function portsAfter(all: readonly unknown[], desired: DesiredPolicy): readonly unknown[] {
  const ports = all.filter(isJson);
  const numbers = new Set(ports.map(numberOf));
  const isNamed = (port: RawPort) => desired.ports?.some((one) => one === numberOf(port)) === true;
  switch (desired.verb) {
    case "enable": {
      // What is configured stays as it is: changing it is asked for by that name.
      const wanted = desired.ports ?? (ports.length === 0 ? DEFAULT_PORTS : []);
      const missing = wanted.filter((number) => !numbers.has(number));
      return [...all, ...missing.map((number) => newRawPort(number, desired))];
    }
    case "change": {
      // A VM that isn't configured is enabled, and not changed.
      if (ports.length === 0) return all;
      const isMeant = (port: RawPort) => desired.ports === undefined || isNamed(port);
      const missing = (desired.ports ?? []).filter((number) => !numbers.has(number));
      return [
        ...all.map((port) => (isJson(port) && isMeant(port) ? changedPort(port, desired) : port)),
        ...missing.map((number) => newRawPort(number, desired)),
      ];
    }
    case "disable":
      return desired.ports === undefined
        ? []
        : all.filter((port) => !isJson(port) || !isNamed(port));
  }
}

/** Only what was said changes; what already means the same stays as it is written. */
function changedPort(port: RawPort, desired: DesiredPolicy): RawPort {
  const { maxDurationMs, sources, protocol } = desired;
  let changed = port;
  if (protocol !== undefined && meantProtocol(port) !== protocol)
    changed = { ...changed, protocol };
  if (maxDurationMs !== undefined && maxMsOf(port) !== maxDurationMs) {
    changed = { ...changed, maxRequestAccessDuration: isoDuration(maxDurationMs) };
  }
  if (sources !== undefined && meantSources(port) !== textOf(sources.toSorted())) {
    const { allowedSourceAddressPrefix: _, allowedSourceAddressPrefixes: __, ...rest } = changed;
    changed = { ...rest, ...rawSources(sources) };
  }
  const number = numberOf(port);
  // Azure may have shown the number as text, and is sent one.
  return changed === port || number === undefined ? changed : { ...changed, number };
}

/** In capitals; whatever stands there where that can't be read. */
const meantProtocol = (port: RawPort): unknown => protocolOf(port)?.toUpperCase() ?? port.protocol;

/** The same text for the same sources, in whatever order and spelling; a port without any is open to all. */
function meantSources(port: RawPort): string {
  const { sources, odd } = sourcesOf(port);
  const isOpenToAll = sources.length + odd.length === 0;
  return textOf([...(isOpenToAll ? [ANY_SOURCE] : sources.toSorted()), ...odd]);
}

/** Whether the edits would change nothing of a policy. */
export const isUnchanged = (policy: Json | undefined, edits: readonly Edit[]): boolean => {
  const next = editJitPolicy(policy, edits);
  return edits.every(({ vmId }) => textOf(partOf(policy, vmId)) === textOf(partOf(next, vmId)));
};

/**
 * Whether a policy that was read back says of every VM what was written: Azure may order fields, ports and
 * VMs again, write durations in another way, and fills in the firewall's address.
 */
export function isAsWritten(read: Json | undefined, written: Json | undefined): boolean {
  const said = (policy: Json | undefined) => vmsIn(policy).map(meaningOf).sort().join("\n");
  return said(read) === said(written);
}

function meaningOf(vm: unknown): string {
  if (!isJson(vm)) return textOf(vm);
  const { publicIpAddress: _, id, ports, ...rest } = vm;
  const meant = listOf(ports).map((port) => {
    if (!isJson(port)) return textOf(port);
    const {
      number,
      protocol: _protocol,
      allowedSourceAddressPrefix: _one,
      allowedSourceAddressPrefixes: _several,
      maxRequestAccessDuration: duration,
      ...more
    } = port;
    const terms = [meantProtocol(port), meantSources(port), maxMsOf(port) ?? duration];
    return textOf([portNumber(number) ?? number, ...terms, withoutNull(more)]);
  });
  return textOf([String(id).toLowerCase(), meant.sort(), withoutNull(rest)]);
}

const withoutNull = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** What a policy says of some VMs, in short: the same as long as nobody changed these. */
export function fingerprint(policy: Json | undefined, vmIds: readonly string[]): string {
  const parts = vmIds.map((id) => partOf(policy, id)).map((part) => part && meaningOf(part));
  return createHash("sha256").update(textOf(parts)).digest("base64url").slice(0, 22);
}

/** JSON with its fields in order, so that two that say the same are the same text. */
function textOf(value: unknown): string {
  const ordered = (_key: string, one: unknown) =>
    isJson(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one;
  return JSON.stringify(value, ordered) ?? "";
}

/** How much access a policy holds open now, on any VM: Azure doesn't say what a write does to it. */
export function openAccesses(policy: Json | undefined, nowMs: number): number {
  const requests = listOf(propertiesOf(policy).requests).filter(isJson);
  return requests.filter((request) =>
    listOf(request.virtualMachines)
      .filter(isJson)
      .flatMap(portsIn)
      .some(({ endTimeUtc, status }) => {
        const endsAtMs = Date.parse(String(endTimeUtc));
        return String(status).toLowerCase() !== "revoked" && endsAtMs > nowMs;
      }),
  ).length;
}
