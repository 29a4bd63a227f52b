// What a JIT policy says: which ports may be opened, for how long, from where, and who was let in.
//
// What can't be read is no permission. It is named, so that somebody can mend it, and harms nothing beside it.

import { ANY_SOURCE } from "../network/source.ts";
import { type VmKey, vmKey } from "../text/ids.ts";
import {
  isJson,
  type Json,
  listOf,
  maxMsOf,
  portNumber,
  protocolOf,
  sourcesOf,
} from "./jit-policy-fields.ts";
import { type JitEntry, type JitPolicy, type JitPort, type JitVmPolicy, NO_SOURCE } from "./vm.ts";

/** Hears of each part that can't be read. */
export type OnUnreadable = (what: string) => void;

const SHOWN_CHARACTERS_MAX = 60;

/** `its maximum "03:00:00"`: with as much of what is there as a line takes. */
function named(what: string, value: unknown): string {
  const text = JSON.stringify(value);
  return text === undefined
    ? `${what} (missing)`
    : `${what} ${text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text}`;
}

/** More of one port or VM isn't needed to find it. */
const NAMED_MAX = 3;

const some = (unreadable: readonly string[]) =>
  unreadable.length === 0 ? {} : { unreadable: Object.freeze(unreadable.slice(0, NAMED_MAX)) };

/** Whose part of a policy is read: where a policy has hundreds of VMs, the others' takes most of the time. */
type Whose = (id: string) => boolean;

const everybody: Whose = () => true;

/**
 * `undefined`: this is no policy. `askedId` stands in where the answer has no id of its own. With `vm`, only what is
 * about that one is read, and told of.
 */
export function readJitPolicy(
  body: unknown,
  { askedId, vm }: { readonly askedId: string; readonly vm?: VmKey | undefined },
  onUnreadable: OnUnreadable,
): JitPolicy | undefined {
  if (!isJson(body) || !isJson(body.properties)) return undefined;
  const id = typeof body.id === "string" && body.id !== "" ? body.id : askedId;
  const entries = body.properties.requests ?? [];
  if (!Array.isArray(entries)) onUnreadable(named("its requests", entries));
  const whose = vm === undefined ? everybody : (one: string) => vmKey(one) === vm;
  return {
    id,
    vmPolicies: vmPoliciesOf(id, body.properties, { whose, onUnreadable }),
    entries: listOf(entries).flatMap((one, nth) => entriesOf(one, nth, { whose, onUnreadable })),
  };
}

/** Only what a policy allows: its requests may be many, and the snapshot has no use for them. */
export function readJitVmPolicies(
  body: unknown,
  onUnreadable: OnUnreadable,
): readonly JitVmPolicy[] {
  // Without an id it could never be asked.
  if (isJson(body) && typeof body.id === "string" && body.id !== "" && isJson(body.properties)) {
    return vmPoliciesOf(body.id, body.properties, { whose: everybody, onUnreadable });
  }
  onUnreadable(named("a policy", body));
  return [];
}

/** Only who was let in. What can't be read is told when the policy itself is read. */
export function readJitEntries(body: unknown): readonly JitEntry[] {
  if (!isJson(body) || !isJson(body.properties)) return [];
  const reading = { whose: everybody, onUnreadable: () => {} };
  return listOf(body.properties.requests).flatMap((one, nth) => entriesOf(one, nth, reading));
}

type Reading = { readonly whose: Whose; readonly onUnreadable: OnUnreadable };

function vmPoliciesOf(
  policyId: string,
  { virtualMachines: vms }: Json,
  { whose, onUnreadable }: Reading,
): readonly JitVmPolicy[] {
  if (vms !== undefined && !Array.isArray(vms)) onUnreadable(named("its VMs", vms));
  return listOf(vms).flatMap((vm) => {
    const id = vmIdOf(vm, onUnreadable);
    if (id === undefined || !isJson(vm) || !whose(id)) return [];
    const unreadable: string[] = [];
    const ports = listOf(vm.ports).flatMap((one) => {
      const port = portOf(one);
      if (port === undefined) unreadable.push(named("a port", one));
      return port ?? [];
    });
    if (!Array.isArray(vm.ports)) unreadable.push(named("its ports", vm.ports));
    for (const port of ports) {
      for (const what of port.unreadable ?? []) unreadable.push(`${what} of port ${port.number}`);
    }
    for (const what of unreadable) onUnreadable(`${what} in the entry of ${vm.id}`);
    const firewallAddress = textOf(vm.publicIpAddress) || undefined;
    const vmPolicy = { policyId, vm: vmKey(id), ports: Object.freeze(ports), firewallAddress };
    return Object.freeze({ ...vmPolicy, ...some(unreadable) });
  });
}

function vmIdOf(vm: unknown, onUnreadable: OnUnreadable): string | undefined {
  if (isJson(vm) && typeof vm.id === "string" && vm.id !== "") return vm.id;
  onUnreadable(named("a VM", vm));
  return undefined;
}

/** Of a port that has a number, whatever else of it can't be read allows nothing. */
function portOf(value: unknown): JitPort | undefined {
  const number = isJson(value) ? portNumber(value.number) : undefined;
  if (number === undefined || !isJson(value)) return undefined;
  const unreadable: string[] = [];
  const maxDurationMs = maxMsOf(value);
  const protocol = protocolOf(value);
  if (maxDurationMs === undefined) {
    unreadable.push(named("the maximum", value.maxRequestAccessDuration));
  }
  if (protocol === undefined) unreadable.push(named("the protocol", value.protocol));
  const { sources, odd } = sourcesOf(value);
  unreadable.push(...odd.map((one) => named("the source", one)));
  // A port without a source lets everybody ask.
  const allowed = sources.length + odd.length === 0 ? [ANY_SOURCE] : sources;
  return Object.freeze({
    number,
    protocol: protocol ?? "*",
    sources: Object.freeze(protocol === undefined ? [] : allowed),
    maxDurationMs: maxDurationMs ?? 0,
    ...some(unreadable),
  });
}

function entriesOf(
  value: unknown,
  nth: number,
  { whose, onUnreadable }: Reading,
): readonly JitEntry[] {
  if (!isJson(value) || !Array.isArray(value.virtualMachines)) {
    onUnreadable(named(`request ${nth}`, value));
    return [];
  }
  return value.virtualMachines.flatMap((vm: unknown) => {
    const id = vmIdOf(vm, onUnreadable);
    if (id === undefined || !isJson(vm) || !whose(id)) return [];
    const common = {
      nth,
      startedAtMs: timeOf(value.startTimeUtc) ?? 0,
      requestor: textOf(value.requestor),
      justification: textOf(value.justification),
    };
    if (!Array.isArray(vm.ports)) onUnreadable(named(`the ports of request ${nth}`, vm.ports));
    return listOf(vm.ports).flatMap((port) => {
      const entries = entryOf(port);
      if (entries === undefined) onUnreadable(named(`a port of request ${nth}`, port));
      return (entries ?? []).map((entry) => ({ ...common, vm: vmKey(id), ...entry }));
    });
  });
}

/** Without a port or an end nobody knows what it would keep open. */
function entryOf(port: unknown) {
  if (!isJson(port)) return undefined;
  const number = portNumber(port.number);
  const endsAtMs = timeOf(port.endTimeUtc);
  if (number === undefined || endsAtMs === undefined) return undefined;
  const { sources } = sourcesOf(port);
  // The entry stands even where Azure names no source, or one that can't be read.
  return (sources.length === 0 ? [NO_SOURCE] : sources).map((source) => ({
    port: number,
    source,
    endsAtMs,
    status: knownWord(textOf(port.status)),
    statusReason: knownWord(textOf(port.statusReason)),
    mappedPort: portNumber(port.mappedPort),
  }));
}

/** The words that decide something, which Azure may spell in any case, as it does ids; others stay as they are. */
const WORDS = ["Initiated", "Initiating", "Revoked", "NewerRequestInitiated"];

const knownWord = (said: string): string =>
  WORDS.find((one) => one.toLowerCase() === said.trim().toLowerCase()) ?? said;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Azure writes seven digits behind the second. */
function timeOf(value: unknown): number | undefined {
  const atMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
