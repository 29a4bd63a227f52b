// What else the bot reads: subscriptions, resource groups, single resources, the Defender plan.

import { type ArmCall, type ArmReply, type Azure, page, param } from "./arm.ts";
import { entriesOf, pricingProperties, type Row } from "./graph/graph-tables.ts";
import { instanceView, vmModel } from "./graph/vm-rows.ts";
import { subnetBody } from "./network-rows.ts";
import { refusal } from "./refusals.ts";
import { mayDo } from "./rights.ts";
import type { Subscription, Vm } from "./world/azure-estate.ts";

const LIST_SIZE = 1_000;

/** GET /subscriptions: those that the bot may read. */
export function listSubscriptions(azure: Azure, call: ArmCall): ArmReply {
  const all = [...azure.world.subscriptions.values()].filter(({ id }) =>
    mayDo(azure.world, "Microsoft.Resources/subscriptions/read", `/subscriptions/${id}`),
  );
  const { value, ...next } = page(azure, call, { all, size: LIST_SIZE });
  const body = { value: value.map((one) => subscriptionBody(azure, one)), ...next };
  return { status: 200, body };
}

export function getSubscription(azure: Azure, call: ArmCall): ArmReply {
  return { status: 200, body: subscriptionBody(azure, subscriptionOf(azure, call)) };
}

export function listGroups(azure: Azure, call: ArmCall): ArmReply {
  const wanted = param(call, "subscription").toLowerCase();
  const all = [...azure.world.resourceGroups.values()].filter(
    ({ subscriptionId }) => subscriptionId.toLowerCase() === wanted,
  );
  const { value, ...next } = page(azure, call, { all, size: LIST_SIZE });
  const groups = value.map(({ id, name, location, tags }) => ({
    id,
    name,
    type: "Microsoft.Resources/resourceGroups",
    location,
    ...(tags && { tags }),
    properties: { provisioningState: "Succeeded" },
  }));
  return { status: 200, body: { value: groups, ...next } };
}

export function getPricing(azure: Azure, call: ArmCall): ArmReply {
  const subscription = subscriptionOf(azure, call);
  const name = param(call, "name");
  if (name.toLowerCase() !== "virtualmachines") {
    const resource = `Microsoft.Security/pricings/${name}`;
    throw refusal("resource-not-found", { resource, group: "" });
  }
  return { status: 200, body: pricingBody(subscription) };
}

export function listPricings(azure: Azure, call: ArmCall): ArmReply {
  return { status: 200, body: { value: [pricingBody(subscriptionOf(azure, call))] } };
}

/** GET a VM, with its instance view if `$expand=instanceView` asks for it. */
export function getVm(azure: Azure, call: ArmCall): ArmReply {
  const vm = vmOf(azure, call);
  const expanded = call.query.get("$expand")?.toLowerCase() === "instanceview";
  return {
    status: 200,
    body: {
      id: vm.id,
      name: vm.name,
      type: "Microsoft.Compute/virtualMachines",
      location: vm.location,
      ...(vm.tags && { tags: vm.tags }),
      properties: { ...vmModel(vm), ...(expanded && { instanceView: instanceView(vm) }) },
    },
  };
}

export function getInstanceView(azure: Azure, call: ArmCall): ArmReply {
  return { status: 200, body: instanceView(vmOf(azure, call)) };
}

/** GET any other resource by its id, as the network provider shows it. */
export function getResource(azure: Azure, call: ArmCall): ArmReply {
  const type = `Microsoft.Network/${param(call, "type")}`;
  const wanted = call.path.toLowerCase();
  const entry = entriesOf(azure, "resources", [type]).find(({ id }) => id.toLowerCase() === wanted);
  if (!entry) throw notFound(call, type);
  return { status: 200, body: armBody(entry.row(), type) };
}

/** GET a subnet: the same as its network shows of it. */
export function getSubnet(azure: Azure, call: ArmCall): ArmReply {
  const wanted = call.path.toLowerCase();
  for (const network of azure.world.networks.values()) {
    const subnet = network.subnets.find(({ id }) => id.toLowerCase() === wanted);
    if (subnet) return { status: 200, body: subnetBody(subnet) };
  }
  throw notFound(call, "Microsoft.Network/virtualNetworks/subnets");
}

function armBody(row: Row, type: string): Row {
  const { id, name, location, tags, sku, properties } = row;
  // A resource's own provider leaves out what it hasn't, where Resource Graph says null.
  const given = Object.entries({ tags, sku }).filter(([, value]) => value !== null);
  return { id, name, type, location, ...Object.fromEntries(given), properties };
}

function vmOf(azure: Azure, call: ArmCall): Vm {
  const id = call.path.replace(/\/instanceView$/i, "");
  const vm = azure.world.vms.get(id.toLowerCase());
  if (!vm) throw notFound(call, "Microsoft.Compute/virtualMachines");
  return vm;
}

function notFound(call: ArmCall, type: string) {
  const resource = `${type}/${param(call, "name")}`;
  return refusal("resource-not-found", { resource, group: param(call, "group") });
}

function subscriptionOf(azure: Azure, call: ArmCall): Subscription {
  const id = param(call, "subscription");
  const found = azure.world.subscriptions.get(id.toLowerCase());
  if (!found) throw refusal("subscription-not-found", { subscription: id });
  return found;
}

function subscriptionBody(azure: Azure, { id, name }: Subscription) {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId: id,
    tenantId: azure.world.tenantId,
    displayName: name,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "EnterpriseAgreement_2014-09-01",
      spendingLimit: "Off",
    },
  };
}

function pricingBody(subscription: Subscription) {
  return {
    id: `/subscriptions/${subscription.id}/providers/Microsoft.Security/pricings/VirtualMachines`,
    name: "VirtualMachines",
    type: "Microsoft.Security/pricings",
    properties: pricingProperties(subscription),
  };
}
