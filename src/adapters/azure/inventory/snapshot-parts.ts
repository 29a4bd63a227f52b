// The snapshot as texts that replicas share: cut so that a change alters few of them, and read back by schema.

import { z } from "zod";
import { type VmKey, vmKey } from "../../../domain/text/ids.ts";
import type {
  ExposingRule,
  Exposure,
  NetworkFindings,
} from "../../../domain/vm/exposure/exposure.ts";
import type { JitPort, JitVmPolicy, Vm } from "../../../domain/vm/vm.ts";
import type { InventorySnapshot, Unread } from "../../../ports/azure.ts";
import type { Intern } from "./intern.ts";

/** To be raised with any change to the texts: replicas of another format don't look at them. */
export const SNAPSHOT_FORMAT = 4;

/** Some VMs that follow each other, and the JIT policies of each that has any. */
export type Part = {
  readonly vms: readonly Vm[];
  readonly vmPolicies: readonly (readonly JitVmPolicy[])[];
};

/** Uncompressed. What is stored stays below half a megabyte even if it couldn't be compressed at all. */
const TEXT_BYTES_MAX = 256 * 1_024;
/** On the average. */
const VMS_IN_PART = 256;

/**
 * Cuts the snapshot in its own order. Where it is cut is decided by the VMs themselves: one that comes or
 * goes alters the part that it is in, and no other.
 */
export function partsOf({ vms, vmPolicies }: InventorySnapshot): readonly Part[] {
  const parts: Part[] = [];
  let some: Vm[] = [];
  const cut = () => {
    if (some.length > 0)
      parts.push({ vms: some, vmPolicies: some.flatMap(({ key }) => vmPoliciesOf(key)) });
    some = [];
  };
  const vmPoliciesOf = (key: VmKey) =>
    [vmPolicies.get(key) ?? []].filter((ofVm) => ofVm.length > 0);
  for (const vm of vms.values()) {
    some.push(vm);
    if (isLast(vm.key)) cut();
  }
  cut();
  // Policies name VMs that aren't there any more, or that can't be seen.
  const others = [...vmPolicies].filter(([key]) => !vms.has(key)).map(([, ofVm]) => ofVm);
  for (let from = 0; from < others.length; from += VMS_IN_PART) {
    parts.push({ vms: [], vmPolicies: others.slice(from, from + VMS_IN_PART) });
  }
  return parts;
}

/** FNV-1a. */
function isLast(key: VmKey): boolean {
  let sum = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    sum = Math.imul(sum ^ key.charCodeAt(index), 0x01000193);
  }
  return (sum >>> 0) % VMS_IN_PART === 0;
}

/** One part as a text, or as several where it is large. */
export function textsOf(part: Part): readonly (readonly [text: string, of: Part])[] {
  const text = textOf(part);
  const { vms, vmPolicies } = part;
  const count = Math.max(vms.length, vmPolicies.length);
  if (count <= 1 || Buffer.byteLength(text) <= TEXT_BYTES_MAX) return [[text, part]];
  const middle = count >> 1;
  const halves = [
    { vms: vms.slice(0, middle), vmPolicies: vmPolicies.slice(0, middle) },
    { vms: vms.slice(middle), vmPolicies: vmPolicies.slice(middle) },
  ];
  return halves.flatMap(textsOf);
}

function textOf({ vms, vmPolicies }: Part): string {
  // Hundreds of VMs have the same ports.
  const ports = new Map<string, { index: number; ports: readonly JitPort[] }>();
  const indexOf = (of: readonly JitPort[]): number => {
    const key = JSON.stringify(of);
    const known = ports.get(key) ?? { index: ports.size, ports: of };
    ports.set(key, known);
    return known.index;
  };
  const written = vmPolicies.map((ofVm) =>
    ofVm.map((vmPolicy) => ({ ...vmPolicy, ports: indexOf(vmPolicy.ports) })),
  );
  return JSON.stringify({
    vms: vms.map(({ key, ...vm }) => vm),
    ports: [...ports.values()].map((one) => one.ports),
    // Stored by this name since the format was made.
    covers: written,
  });
}

const texts = z.array(z.string());
const orUndefined = <S extends z.ZodType>(schema: S) =>
  z.union([schema, z.undefined()]).prefault(undefined);

const exposingRule = z.object({
  rule: z.string(),
  nsg: z.string(),
  whose: z.enum(["own", "jit", "default"]),
} satisfies Fields<ExposingRule>);

const exposure = z.object({
  ports: z.array(z.int()),
  protocol: z.enum(["TCP", "UDP", "*"]),
  address: z.string(),
  from: texts,
  by: z.array(exposingRule),
} satisfies Fields<Exposure>);

const findings = z.object({
  exposures: z.array(exposure),
  denyMissing: z.array(z.int()),
  unseen: texts,
} satisfies Fields<NetworkFindings>);

/** A field that is added to the type and not here doesn't compile. */
type Fields<T> = { readonly [Key in keyof Required<T>]: z.ZodType };

const vmSchema = z.object({
  id: z.string().startsWith("/subscriptions/"),
  name: z.string(),
  resourceGroup: z.string(),
  subscriptionId: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()),
  os: orUndefined(z.enum(["linux", "windows"])),
  power: orUndefined(z.string()),
  privateAddresses: texts,
  publicAddresses: texts,
  hasNsg: orUndefined(z.boolean()),
  classic: z.literal(true).optional(),
  uniform: z.literal(true).optional(),
  firewall: z.enum(["classic-rules", "policy"]).optional(),
  hasBastion: z.literal(true).optional(),
  network: findings.optional(),
} satisfies Fields<Omit<Vm, "key">>);

const portSchema = z.object({
  number: z.int(),
  protocol: z.string(),
  sources: texts,
  maxDurationMs: z.number(),
  unreadable: texts.exactOptional(),
} satisfies Fields<JitPort>);

const vmPolicySchema = z.object({
  policyId: z.string(),
  vm: z.string(),
  ports: z.int(),
  firewallAddress: orUndefined(z.string()),
  unreadable: texts.exactOptional(),
} satisfies Fields<JitVmPolicy>);

const partSchema = z.object({
  vms: z.array(vmSchema),
  ports: z.array(z.array(portSchema)),
  covers: z.array(z.array(vmPolicySchema)),
});

/** `undefined` where the text is no part, or not one of this format. */
export function partFrom(text: string, same: Intern): Part | undefined {
  const read = partSchema.safeParse(parsed(text)).data;
  if (read === undefined) return undefined;
  const vmPolicies: (readonly JitVmPolicy[])[] = [];
  for (const written of read.covers) {
    const ofVm: JitVmPolicy[] = [];
    for (const vmPolicy of written) {
      const ports = read.ports[vmPolicy.ports];
      if (ports === undefined) return undefined;
      ofVm.push(same.vmPolicy({ ...vmPolicy, vm: vmKey(vmPolicy.vm), ports }));
    }
    vmPolicies.push(Object.freeze([...ofVm]));
  }
  return { vms: read.vms.map((vm) => vmFrom(vm, same)), vmPolicies };
}

function vmFrom(read: z.output<typeof vmSchema>, same: Intern): Vm {
  const { classic, uniform, firewall, hasBastion, network, ...vm } = read;
  return Object.freeze({
    key: same.text(vmKey(vm.id)),
    id: vm.id,
    name: vm.name,
    resourceGroup: same.text(vm.resourceGroup),
    subscriptionId: same.text(vm.subscriptionId),
    location: same.text(vm.location),
    tags: same.tags(vm.tags),
    os: vm.os,
    power: vm.power === undefined ? undefined : same.text(vm.power),
    privateAddresses: Object.freeze([...vm.privateAddresses]),
    publicAddresses: Object.freeze([...vm.publicAddresses]),
    hasNsg: vm.hasNsg,
    ...(classic !== undefined && { classic }),
    ...(uniform !== undefined && { uniform }),
    ...(firewall !== undefined && { firewall }),
    ...(hasBastion !== undefined && { hasBastion }),
    ...(network !== undefined && { network: Object.freeze(network) }),
  });
}

const unreadSchema = z.object({
  subscriptionId: z.string(),
  fault: z.string(),
  goneSinceMs: z.number().optional(),
} satisfies Fields<Unread>);

const rootSchema = z.object({ parts: texts, unread: z.array(unreadSchema) });

export type Root = { readonly parts: readonly string[]; readonly unread: readonly Unread[] };

export const rootText = (root: Root): string => JSON.stringify(root);
export function rootFrom(text: string): Root | undefined {
  const read = rootSchema.safeParse(parsed(text)).data;
  return read && { parts: read.parts, unread: read.unread.map(unreadFrom) };
}

const unreadFrom = ({ goneSinceMs, ...unread }: z.output<typeof unreadSchema>): Unread =>
  Object.freeze({ ...unread, ...(goneSinceMs !== undefined && { goneSinceMs }) });

/** Waits at each part, so that a click isn't kept waiting by 50,000 VMs. */
export async function snapshotFrom(
  parts: readonly Part[],
  { atMs, unread }: Pick<InventorySnapshot, "atMs" | "unread">,
): Promise<InventorySnapshot> {
  const vms = new Map<VmKey, Vm>();
  const vmPolicies = new Map<VmKey, readonly JitVmPolicy[]>();
  for (const part of parts) {
    for (const vm of part.vms) vms.set(vm.key, vm);
    for (const ofVm of part.vmPolicies)
      for (const { vm } of ofVm.slice(0, 1)) vmPolicies.set(vm, ofVm);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Object.freeze({ atMs, vms, vmPolicies, unread: Object.freeze(unread) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
