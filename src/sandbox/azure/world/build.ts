// Makes what a VM comes with: resource group, network, interface, NSG, addresses, firewall.

import {
  type AzureEstate,
  type Firewall,
  type Network,
  type Nsg,
  type PublicIp,
  resourceId,
  type Subnet,
  type Vm,
} from "./azure-estate.ts";
import type { VmPart } from "./vm-part.ts";

type At = { subscriptionId: string; resourceGroup: string; location: string };

/** The first addresses of a subnet are Azure's own. */
const FIRST_HOST = 4;

export function addVm(world: AzureEstate, part: VmPart, at: At): Vm {
  const { name } = part;
  const network = networkAt(world, at);
  const nsg = part.nsg ?? "nic";
  const guarded = nsg === "subnet" || nsg === "both";
  const subnet = network.subnets[guarded ? 1 : 0] as Subnet;
  const nicNsg =
    nsg === "nic" || nsg === "both" ? addNsg(world, { ...at, name: `${name}-nsg` }) : undefined;
  const id = idOf({ ...at, name }, "Microsoft.Compute/virtualMachines");
  const nicId = idOf({ ...at, name: `${name}-nic` }, "Microsoft.Network/networkInterfaces");
  const made: Vm = {
    ...within(at),
    id,
    name,
    os: part.os === "windows" ? "Windows" : "Linux",
    size: "Standard_D2s_v5",
    tags: part.tags,
    power: part.power ?? "running",
    privateIp: part.privateIp ?? hostAddress(network, guarded),
    publicIp: addressFor(world, part, { at, ofId: `${nicId}/ipConfigurations/ipconfig1` }),
    nicId,
    moreIps: part.moreIps ?? [],
    asgIds: (part.asgs ?? []).map((asg) => asgId(at, asg)),
    moreNics: (part.moreNics ?? []).map((nic, nth) => moreNic(world, { ...at, name }, nic, nth)),
    scaleSetId: part.scaleSet && addScaleSet(world, { name: part.scaleSet, mode: "Flexible" }, at),
    subnetId: subnet.id,
    nicNsg,
    firewall: jitFirewall(world, at, part.firewall),
    opensAfterMs: part.opensAfterMs,
    needsWrite: part.needsWrite ?? false,
  };
  network.vmCount += 1;
  const guards = [nicNsg, subnet.nsg].filter((guard) => guard !== undefined);
  for (const guard of guards) guard.vms.push(made);
  for (const { nsg } of made.moreNics) nsg?.vms.push(made);
  guards[0]?.ownRules.push(...(part.nsgRules ?? []));
  world.vms.set(id.toLowerCase(), made);
  const namesakes = world.vmsByName.get(name.toLowerCase()) ?? [];
  world.vmsByName.set(name.toLowerCase(), [...namesakes, made]);
  world.nics.set(nicId.toLowerCase(), made);
  return made;
}

/** The id of an application security group; Azure's rules and interfaces name it by this. */
export function asgId(at: At, name: string): string {
  return idOf({ ...at, name }, "Microsoft.Network/applicationSecurityGroups");
}

function moreNic(
  world: AzureEstate,
  at: At & { name: string },
  { privateIp, guarded }: { privateIp: string; guarded: boolean },
  nth: number,
): Vm["moreNics"][number] {
  const name = `${at.name}-nic${nth + 2}`;
  const id = idOf({ ...at, name }, "Microsoft.Network/networkInterfaces");
  return {
    id,
    name,
    privateIp,
    nsg: guarded ? addNsg(world, { ...at, name: `${name}-nsg` }) : undefined,
  };
}

export function addClassicVm(world: AzureEstate, name: string, at: At): void {
  const id = idOf({ ...at, name }, "Microsoft.ClassicCompute/virtualMachines");
  world.classicVms.set(id.toLowerCase(), { ...within(at), id, name });
}

export function addScaleSet(
  world: AzureEstate,
  { name, mode }: { name: string; mode: "Uniform" | "Flexible" | undefined },
  at: At,
): string {
  const id = idOf({ ...at, name }, "Microsoft.Compute/virtualMachineScaleSets");
  world.scaleSets.set(id.toLowerCase(), { ...within(at), id, name, orchestrationMode: mode });
  return id;
}

export function addBastion(world: AzureEstate, at: At): void {
  const network = networkAt(world, at);
  const name = `bastion-${at.location}`;
  const id = idOf({ ...at, name }, "Microsoft.Network/bastionHosts");
  const subnet = subnetNamed(network, "AzureBastionSubnet", ".255.0/26");
  world.bastions.set(id.toLowerCase(), { ...within(at), id, name, subnetId: subnet.id });
}

/** A resource group has one network for each location: its second subnet has an NSG. */
function networkAt(world: AzureEstate, at: At): Network {
  addGroup(world, at);
  const name = `vnet-${at.location}`;
  const id = idOf({ ...at, name }, "Microsoft.Network/virtualNetworks");
  const known = world.networks.get(id.toLowerCase());
  if (known) return known;
  const prefix = `10.${world.networks.size % 250}`;
  const made: Network = { ...within(at), id, name, prefix, subnets: [], vmCount: 0 };
  world.networks.set(id.toLowerCase(), made);
  subnetNamed(made, "default", ".0.0/17");
  const guarded = subnetNamed(made, "guarded", ".128.0/18");
  guarded.nsg = addNsg(world, { ...at, name: `guarded-${at.location}-nsg` });
  guarded.nsg.subnets.push(guarded);
  return made;
}

function subnetNamed(network: Network, name: string, tail: string): Subnet {
  const known = network.subnets.find((subnet) => subnet.name === name);
  if (known) return known;
  const id = `${network.id}/subnets/${name}`;
  const made: Subnet = { id, name, prefix: network.prefix + tail, nsg: undefined };
  network.subnets.push(made);
  return made;
}

function addGroup(world: AzureEstate, at: At): void {
  const id = `/subscriptions/${at.subscriptionId}/resourceGroups/${at.resourceGroup}`;
  if (world.resourceGroups.has(id.toLowerCase())) return;
  const name = at.resourceGroup;
  world.resourceGroups.set(id.toLowerCase(), { ...within(at), id, name, tags: undefined });
}

function addNsg(world: AzureEstate, at: At & { name: string }): Nsg {
  const id = idOf(at, "Microsoft.Network/networkSecurityGroups");
  const made: Nsg = {
    ...within(at),
    id,
    name: at.name,
    ownRules: [],
    deletedRules: new Set(),
    vms: [],
    subnets: [],
  };
  world.nsgs.set(id.toLowerCase(), made);
  return made;
}

function addressFor(world: AzureEstate, part: VmPart, of: { at: At; ofId: string }) {
  if (part.publicIp === undefined) return undefined;
  const address = part.publicIp === true ? undefined : part.publicIp;
  return addPublicIp(world, { ...of.at, name: `${part.name}-ip` }, { address, ofId: of.ofId });
}

function addPublicIp(
  world: AzureEstate,
  at: At & { name: string },
  of: { address: string | undefined; ofId: string },
): PublicIp {
  const id = idOf(at, "Microsoft.Network/publicIPAddresses");
  // 198.18.0.0/15 is set aside for trials, so that no made-up address is anybody's.
  const count = world.publicIps.size + FIRST_HOST;
  const address =
    of.address ?? `198.${18 + ((count >> 16) & 1)}.${(count >> 8) & 255}.${count & 255}`;
  const made: PublicIp = { ...within(at), id, name: at.name, address, ofId: of.ofId };
  world.publicIps.set(id.toLowerCase(), made);
  return made;
}

/** JIT writes into a firewall's own rules; into a firewall policy it can't. */
function jitFirewall(world: AzureEstate, at: At, part: VmPart["firewall"]): Firewall | undefined {
  const firewall = part === undefined ? undefined : firewallAt(world, at, part);
  return firewall?.policyId === undefined ? firewall : undefined;
}

function firewallAt(world: AzureEstate, at: At, address: string | true): Firewall {
  const name = `fw-${at.location}`;
  const id = idOf({ ...at, name }, "Microsoft.Network/azureFirewalls");
  const known = world.firewalls.get(id.toLowerCase());
  if (known) return known;
  const subnet = subnetNamed(networkAt(world, at), "AzureFirewallSubnet", ".254.0/26");
  const publicIp = addPublicIp(
    world,
    { ...at, name: `${name}-ip` },
    {
      address: address === true || address === "policy" ? undefined : address,
      ofId: `${id}/azureFirewallIpConfigurations/ipconfig1`,
    },
  );
  const policy = idOf({ ...at, name: `${name}-policy` }, "Microsoft.Network/firewallPolicies");
  const policyId = address === "policy" ? policy : undefined;
  const made: Firewall = { ...within(at), id, name, publicIp, subnetId: subnet.id, policyId };
  world.firewalls.set(id.toLowerCase(), made);
  return made;
}

function hostAddress(network: Network, guarded: boolean): string {
  const host = network.vmCount + FIRST_HOST + (guarded ? 128 * 256 : 0);
  return `${network.prefix}.${(host >> 8) & 255}.${host & 255}`;
}

function idOf(at: At & { name: string }, type: string): string {
  return resourceId(at, type);
}

function within({ subscriptionId, resourceGroup, location }: At): At {
  return { subscriptionId, resourceGroup, location };
}
