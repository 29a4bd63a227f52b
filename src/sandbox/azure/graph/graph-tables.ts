// The rows that Resource Graph shows of the world, made only when a query looks at them.

import type { Azure } from "../arm.ts";
import { nsgProperties } from "../network/network-groups.ts";
import { firewallProperties, subnetBody } from "../network-rows.ts";
import type { AzureEstate, Resource, Subscription } from "../world/azure-estate.ts";
import { nicsOf, vmProperties } from "./vm-rows.ts";

export type Row = Record<string, unknown>;

/** A row before it is made: what scopes, rights and the type decide about. */
export type Entry = {
  id: string;
  /** Lower-cased, as Resource Graph has it. */
  type: string;
  subscriptionId: string;
  row: () => Row;
};

export const TABLES = ["resources", "resourcecontainers", "securityresources"] as const;
export type Table = (typeof TABLES)[number];

/** The columns that queries may name; all others are an error at Azure, too. */
export const COLUMNS = [
  "id",
  "name",
  "type",
  "tenantId",
  "kind",
  "location",
  "resourceGroup",
  "subscriptionId",
  "managedBy",
  "sku",
  "plan",
  "properties",
  "tags",
  "identity",
  "zones",
  "extendedLocation",
];

/** The entries of a table; with types, only those of these types, for there can be very many. */
export function entriesOf(azure: Azure, table: Table, types?: readonly string[]): Entry[] {
  const makers = MAKERS[table];
  const wanted = types?.map((type) => type.toLowerCase()) ?? Object.keys(makers);
  return wanted.flatMap((one) => makers[one]?.(azure, one) ?? []);
}

type Maker = (azure: Azure, type: string) => Entry[];

const MAKERS: Record<Table, Record<string, Maker>> = {
  resources: {
    "microsoft.compute/virtualmachines": of(
      (world) => world.vms,
      (_azure, vm) => ({
        tags: vm.tags ?? null,
        properties: vmProperties(vm),
      }),
    ),
    "microsoft.classiccompute/virtualmachines": of(
      (world) => world.classicVms,
      () => ({
        properties: { provisioningState: "Succeeded", instanceView: { status: "ReadyRole" } },
      }),
    ),
    "microsoft.compute/virtualmachinescalesets": of(
      (world) => world.scaleSets,
      (_azure, { orchestrationMode }) => ({
        properties: {
          provisioningState: "Succeeded",
          ...(orchestrationMode && { orchestrationMode }),
        },
      }),
    ),
    "microsoft.network/networkinterfaces": (azure, type) =>
      [...azure.world.nics.values()].flatMap((vm) =>
        nicsOf(azure, vm).map(({ id, name, properties }) =>
          entry(azure, { ...vm, id, name }, type, () => ({ properties: properties() })),
        ),
      ),
    "microsoft.network/networksecuritygroups": of(
      (world) => world.nsgs,
      (azure, nsg) => ({
        properties: nsgProperties(azure, nsg),
      }),
    ),
    "microsoft.network/publicipaddresses": of(
      (world) => world.publicIps,
      (_azure, ip) => ({
        sku: { name: "Standard", tier: "Regional" },
        properties: {
          provisioningState: "Succeeded",
          ipAddress: ip.address,
          publicIPAddressVersion: "IPv4",
          publicIPAllocationMethod: "Static",
          ipConfiguration: { id: ip.ofId },
        },
      }),
    ),
    "microsoft.network/virtualnetworks": of(
      (world) => world.networks,
      (_azure, network) => ({
        properties: {
          provisioningState: "Succeeded",
          addressSpace: { addressPrefixes: [`${network.prefix}.0.0/16`] },
          subnets: network.subnets.map(subnetBody),
        },
      }),
    ),
    "microsoft.network/azurefirewalls": of(
      (world) => world.firewalls,
      (_azure, firewall) => ({ properties: firewallProperties(firewall) }),
    ),
    "microsoft.network/bastionhosts": of(
      (world) => world.bastions,
      (_azure, bastion) => ({
        sku: { name: "Basic" },
        properties: {
          provisioningState: "Succeeded",
          ipConfigurations: [
            {
              id: `${bastion.id}/bastionHostIpConfigurations/IpConf`,
              name: "IpConf",
              properties: { subnet: { id: bastion.subnetId } },
            },
          ],
        },
      }),
    ),
  },
  resourcecontainers: {
    "microsoft.resources/subscriptions": (azure) => subscriptions(azure),
    "microsoft.resources/subscriptions/resourcegroups": of(
      (world) => world.resourceGroups,
      (_azure, group) => ({
        tags: group.tags ?? null,
        properties: { provisioningState: "Succeeded" },
      }),
    ),
  },
  securityresources: {
    "microsoft.security/pricings": (azure) => pricings(azure),
  },
};

/** A maker for resources that the world keeps in a map of their own. */
function of<R extends Resource>(
  select: (world: AzureEstate) => Map<string, R>,
  more: (azure: Azure, resource: R) => Row,
): Maker {
  return (azure, type) =>
    [...select(azure.world).values()].map((one) => entry(azure, one, type, () => more(azure, one)));
}

function entry(azure: Azure, resource: Resource, type: string, more: () => Row): Entry {
  const { id, subscriptionId } = resource;
  return { id, type, subscriptionId, row: () => ({ ...common(azure, resource, type), ...more() }) };
}

function common(azure: Azure, resource: Resource, type: string): Row {
  return {
    id: resource.id,
    name: resource.name,
    type,
    tenantId: azure.world.tenantId,
    kind: "",
    location: resource.location,
    // Resource Graph writes this column in lower case, whatever the id says.
    resourceGroup: resource.resourceGroup.toLowerCase(),
    subscriptionId: resource.subscriptionId,
    managedBy: "",
    sku: null,
    plan: null,
    properties: null,
    tags: null,
    identity: null,
    zones: null,
    extendedLocation: null,
  };
}

function subscriptions(azure: Azure): Entry[] {
  return each(azure, "microsoft.resources/subscriptions", (one) => ({
    id: `/subscriptions/${one.id}`,
    name: one.name,
    properties: {
      state: "Enabled",
      managementGroupAncestorsChain: one.managementGroups.map((name) => ({
        name,
        displayName: name,
      })),
    },
  }));
}

function pricings(azure: Azure): Entry[] {
  return each(azure, "microsoft.security/pricings", (one) => ({
    id: `/subscriptions/${one.id}/providers/Microsoft.Security/pricings/VirtualMachines`,
    name: "VirtualMachines",
    properties: pricingProperties(one),
  }));
}

export function pricingProperties({ plan }: Subscription): Row {
  if (plan === "off") return { pricingTier: "Free", freeTrialRemainingTime: "P30D" };
  return { pricingTier: "Standard", subPlan: plan, freeTrialRemainingTime: "PT0S" };
}

function each(
  azure: Azure,
  type: string,
  more: (subscription: Subscription) => Row & { id: string; name: string },
): Entry[] {
  return [...azure.world.subscriptions.values()].map((one) => {
    const row = more(one);
    const at = { ...row, subscriptionId: one.id, resourceGroup: "", location: "" };
    return {
      id: row.id,
      type,
      subscriptionId: one.id,
      row: () => ({ ...common(azure, at, type), ...row }),
    };
  });
}
