// What is asked of Resource Graph, word for word, and how each kind of row is read.

import { z } from "zod";
import type { SecurityGroup } from "../../../domain/vm/exposure/security-group.ts";
import type { ReadGroup } from "./security-rules.ts";

/**
 * Nothing that a person typed ever gets into a query: there are no parameters, and names are matched
 * in memory. Each asks for one type in the order of its ids, so that its pages fit together.
 */
export const QUERIES = {
  vms:
    "resources | where type =~ 'microsoft.compute/virtualmachines' | project id, name, location, " +
    "resourceGroup, subscriptionId, tags, " +
    "os = tostring(properties.storageProfile.osDisk.osType), " +
    "power = tostring(properties.extended.instanceView.powerState.code) | order by id asc",
  nics:
    "resources | where type =~ 'microsoft.network/networkinterfaces' | project id, " +
    "vm = tostring(properties.virtualMachine.id), " +
    "nsg = tostring(properties.networkSecurityGroup.id), " +
    "primary = tostring(properties.primary), " +
    "ipConfigurations = properties.ipConfigurations | order by id asc",
  publicAddresses:
    "resources | where type =~ 'microsoft.network/publicipaddresses' | project id, " +
    "address = tostring(properties.ipAddress) | order by id asc",
  nsgs:
    "resources | where type =~ 'microsoft.network/networksecuritygroups' | project id, " +
    "subnets = properties.subnets, rules = properties.securityRules | order by id asc",
  // JIT protects none of these but Flexible scale sets, whose VMs are among the VMs. One query, for the quota.
  unsupported:
    "resources | where type in~ ('microsoft.classiccompute/virtualmachines', " +
    "'Microsoft.Compute/virtualMachineScaleSets') | project id, name, " +
    "location, resourceGroup, subscriptionId, tags, " +
    "mode = tostring(properties.orchestrationMode) | order by id asc",
  firewalls:
    "resources | where type =~ 'microsoft.network/azurefirewalls' | project id, " +
    "policy = tostring(properties.firewallPolicy.id), " +
    "ipConfigurations = properties.ipConfigurations | order by id asc",
  bastions:
    "resources | where type =~ 'microsoft.network/bastionhosts' | project id, " +
    "ipConfigurations = properties.ipConfigurations | order by id asc",
} as const;

export type QueryName = keyof typeof QUERIES;

/** Everything but the id may be missing or odd: a row is too good to lose for it. */
const text = z.string().catch("");
const truth = z.union([z.boolean(), z.string().transform((said) => /^true$/i.test(said))]);
const reference = z
  .object({ id: z.string().toLowerCase() })
  .transform(({ id }) => id)
  .catch("");
const id = z.string().startsWith("/subscriptions/");
/** Only ever compared, and ids are compared without regard to case. */
const comparedId = z.string().min(1).toLowerCase();

const tagsSchema = z
  .record(
    z.string(),
    z.unknown().transform((value) => String(value ?? "")),
  )
  .nullish()
  .catch(undefined)
  .transform((tags) => tags ?? {});

const vmRow = z.object({
  id,
  name: text,
  location: text,
  resourceGroup: text,
  subscriptionId: text,
  tags: tagsSchema,
  os: text,
  power: text,
});

const ipConfiguration = z.object({
  properties: z.object({
    privateIPAddress: text,
    primary: truth.catch(false),
    subnet: reference,
    publicIPAddress: reference,
    applicationSecurityGroups: z.array(reference).catch([]),
  }),
});

const nicRow = z.object({
  id: comparedId,
  vm: z.string().toLowerCase().catch(""),
  nsg: z.string().toLowerCase().catch(""),
  primary: truth.catch(false),
  ipConfigurations: z.array(z.unknown()).catch([]),
});

const publicAddressRow = z.object({ id: comparedId, address: text });
const nsgRow = z.object({
  id,
  subnets: z.array(reference).catch([]),
  rules: z.array(z.unknown()).nullish().catch(["unreadable"]),
});

const firewallRow = z.object({
  id: comparedId.regex(/\/azurefirewalls\//),
  policy: text,
  ipConfigurations: z.array(z.unknown()).catch([]),
});
const bastionRow = z.object({ id: comparedId, ipConfigurations: z.array(z.unknown()).catch([]) });

export type VmRow = z.output<typeof vmRow>;
export type NsgRow = {
  /** In lower case. */
  readonly id: string;
  readonly name: string;
  readonly subnets: readonly string[];
  /** `undefined`: its rules can't be understood. */
  readonly group: SecurityGroup | undefined;
};
export type IpConfiguration = z.output<typeof ipConfiguration>["properties"];
export type NicRow = Omit<z.output<typeof nicRow>, "ipConfigurations"> & {
  readonly ipConfigurations: readonly IpConfiguration[];
};

/** Each answers `undefined` for a row that can't be made sense of. */
export const readVmRow = (row: unknown): VmRow | undefined => vmRow.safeParse(row).data;

const unsupportedRow = vmRow.extend({ mode: text });

/**
 * A classic VM, or a scale set whose VMs are nowhere else in Resource Graph's list: one in Uniform
 * orchestration, or older than the choice. `vm` is missing for one in Flexible orchestration.
 * Source: https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-orchestration-modes
 */
export function readUnsupportedRow(row: unknown): { readonly vm: VmRow | undefined } | undefined {
  const read = unsupportedRow.safeParse(row).data;
  if (read === undefined) return undefined;
  const { mode, ...vm } = read;
  return { vm: /^flexible$/i.test(mode) ? undefined : vm };
}

export function readNicRow(row: unknown): NicRow | undefined {
  const nic = nicRow.safeParse(row).data;
  if (nic === undefined) return undefined;
  return { ...nic, ipConfigurations: ipConfigurations(nic) };
}

export type FirewallRow = { readonly hasPolicy: boolean; readonly subnets: readonly string[] };

export function readFirewallRow(row: unknown): FirewallRow | undefined {
  const firewall = firewallRow.safeParse(row).data;
  return (
    firewall && {
      hasPolicy: firewall.policy !== "",
      subnets: ipConfigurations(firewall).map(({ subnet }) => subnet),
    }
  );
}

/** The subnets that Bastions stand in. */
export function readBastionRow(row: unknown): readonly string[] | undefined {
  const bastion = bastionRow.safeParse(row).data;
  return bastion && ipConfigurations(bastion).map(({ subnet }) => subnet);
}

const ipConfigurations = (of: { ipConfigurations: unknown[] }): IpConfiguration[] =>
  of.ipConfigurations.flatMap((one) => ipConfiguration.safeParse(one).data?.properties ?? []);

export const readPublicAddressRow = (row: unknown) => publicAddressRow.safeParse(row).data;
export function readNsgRow(row: unknown, readGroup: ReadGroup): NsgRow | undefined {
  const nsg = nsgRow.safeParse(row).data;
  if (nsg === undefined) return undefined;
  const id = nsg.id.toLowerCase();
  const name = nsg.id.slice(nsg.id.lastIndexOf("/") + 1);
  return { id, name, subnets: nsg.subnets, group: readGroup({ id, name }, nsg.rules ?? []) };
}
