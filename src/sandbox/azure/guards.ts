// What stands before a VM: its network security groups, its subnet, and whether JIT can write into any of it.

import type { AzureEstate, Nsg, Subnet, Vm } from "./world/azure-estate.ts";

export function nsgsOf(world: AzureEstate, vm: Vm): Nsg[] {
  const subnetNsg = subnetOf(world, vm)?.nsg;
  return [vm.nicNsg, subnetNsg].filter((nsg) => nsg !== undefined);
}

/** Whether JIT has anything to write its rules into. */
export function isSupported(world: AzureEstate, vm: Vm): boolean {
  return vm.firewall !== undefined || nsgsOf(world, vm).length > 0;
}

function subnetOf(world: AzureEstate, vm: Vm): Subnet | undefined {
  const network = world.networks.get(vm.subnetId.split("/subnets/")[0]?.toLowerCase() ?? "");
  return network?.subnets.find((subnet) => subnet.id === vm.subnetId);
}
