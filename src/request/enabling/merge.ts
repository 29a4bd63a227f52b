// Changes a JIT policy as raw JSON: the VMs that are meant, and to the letter nothing else. Pure.
//
// A policy is written whole, and the SDK's typed model drops what it does not know: other people's VMs would
// lose fields or their protection. So it is read, merged and written as it came.

import { createHash } from "node:crypto";
import { isoDuration, parseIsoDuration } from "../duration.ts";
import { DEFAULT_PORTS, newRawPort, type RawPort, rawSources, type Wish } from "./wish.ts";

export type Json = Readonly<Record<string, unknown>>;

/** What is to become of one VM in a policy: `wishes` one after the other. */
export type Edit = { readonly vmId: string; readonly wishes: readonly Wish[] };

/** What Azure fills in: not sent back. */
const READ_ONLY: ReadonlySet<string> = new Set(["id", "name", "type", "location", "systemData"]);

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const propertiesOf = (policy: Json | undefined): Json =>
  isJson(policy?.properties) ? policy.properties : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

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

export const portsIn = (part: Json | undefined): readonly RawPort[] =>
  listOf(part?.ports).filter(isJson);

/**
 * The policy with the edits in it, as it is to be written; `undefined`: no VM is left, so there is to be no
 * such policy. `policy` is as Azure gave it, `undefined` where there is none yet.
 */
export function editPolicy(policy: Json | undefined, edits: readonly Edit[]): Json | undefined {
  const before = vmsIn(policy);
  const changed = new Map(edits.map((edit) => [edit.vmId.toLowerCase(), edit]));
  const kept = before.flatMap((one) => {
    const edit = isJson(one) && changed.get(String(one.id).toLowerCase());
    if (!edit || !isJson(one)) return [one];
    changed.delete(edit.vmId.toLowerCase());
    const ports = edit.wishes.reduce(portsAfter, portsIn(one));
    return ports.length === 0 ? [] : [{ ...one, ports }];
  });
  const added = [...changed.values()].flatMap(({ vmId, wishes }) => {
    const ports = wishes.reduce(portsAfter, []);
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

/** The ports of a VM after one wish. */
function portsAfter(ports: readonly RawPort[], wish: Wish): readonly RawPort[] {
  const numbers = ports.map(({ number }) => number);
  switch (wish.verb) {
    case "enable": {
      // What is configured stays as it is: changing it is asked for by that name.
      const wanted = wish.ports ?? (ports.length === 0 ? DEFAULT_PORTS : []);
      const missing = wanted.filter((number) => !numbers.includes(number));
      return [...ports, ...missing.map((number) => newRawPort(number, wish))];
    }
    case "change": {
      // A VM that is not configured is enabled, and not changed.
      if (ports.length === 0) return ports;
      const isMeant = ({ number }: RawPort) =>
        wish.ports === undefined || wish.ports.some((one) => one === number);
      const missing = (wish.ports ?? []).filter((number) => !numbers.includes(number));
      return [
        ...ports.map((port) => (isMeant(port) ? changedPort(port, wish) : port)),
        ...missing.map((number) => newRawPort(number, wish)),
      ];
    }
    case "disable":
      return wish.ports === undefined
        ? []
        : ports.filter(({ number }) => !wish.ports?.some((one) => one === number));
  }
}

/** Only what was said changes; what already means the same stays as it is written. */
function changedPort(port: RawPort, wish: Wish): RawPort {
  const { maxDurationMs, sources, protocol } = wish;
  let changed = port;
  if (protocol !== undefined && protocolOf(port) !== protocol) changed = { ...changed, protocol };
  if (maxDurationMs !== undefined && maxMsOf(port) !== maxDurationMs) {
    changed = { ...changed, maxRequestAccessDuration: isoDuration(maxDurationMs) };
  }
  if (sources !== undefined && sourcesKey(sourcesOf(port)) !== sourcesKey(sources)) {
    const { allowedSourceAddressPrefix: _, allowedSourceAddressPrefixes: __, ...rest } = changed;
    changed = { ...rest, ...rawSources(sources) };
  }
  return changed;
}

export const protocolOf = (port: RawPort): string => String(port.protocol ?? "*").toUpperCase();

export const maxMsOf = ({ maxRequestAccessDuration: text }: RawPort): number | undefined =>
  typeof text === "string" ? parseIsoDuration(text) : undefined;

/** The plural and the singular field are never both in use; a port without either is open to all. */
export function sourcesOf(port: RawPort): readonly string[] {
  const several = listOf(port.allowedSourceAddressPrefixes).filter((one) => one !== "");
  const given = several.length > 0 ? several : [port.allowedSourceAddressPrefix ?? "*"];
  return given.map(String);
}

/** `0.0.0.0/0` and `/32` are other spellings of the same. */
const sourcesKey = (sources: readonly string[]): string =>
  sources
    .map((one) => one.replace(/^0\.0\.0\.0\/0$/, "*").replace(/\/32$/, ""))
    .sort()
    .join(" ");

/** Whether the edits would change nothing of a policy. */
export const isUnchanged = (policy: Json | undefined, edits: readonly Edit[]): boolean => {
  const next = editPolicy(policy, edits);
  return edits.every(({ vmId }) => textOf(partOf(policy, vmId)) === textOf(partOf(next, vmId)));
};

/**
 * Whether a policy that was read back says of every VM what was written: Azure may order fields, ports and
 * VMs anew, write durations in another way, and fills in the firewall's address.
 */
export function isAsWritten(read: Json | undefined, written: Json | undefined): boolean {
  const said = (policy: Json | undefined) => vmsIn(policy).map(meaningOf).sort().join("\n");
  return said(read) === said(written);
}

function meaningOf(vm: unknown): string {
  if (!isJson(vm)) return textOf(vm);
  const { publicIpAddress: _, id, ports, ...rest } = vm;
  const meant = portsIn({ ports }).map((port) => {
    const {
      number,
      protocol: _protocol,
      allowedSourceAddressPrefix: _one,
      allowedSourceAddressPrefixes: _several,
      maxRequestAccessDuration: duration,
      ...more
    } = port;
    const max = maxMsOf(port) ?? duration;
    return textOf([number, protocolOf(port), sourcesKey(sourcesOf(port)), max, withoutNull(more)]);
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

/** How many accesses a policy holds open now, of whichever VM: what a write does to them, Azure does not say. */
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
