// The properties of VMs and network interfaces, as Resource Graph and the providers show them.

import type { Azure } from "../arm.ts";
import { guid, type Vm } from "../world/azure-estate.ts";

const POWER = {
  running: "VM running",
  deallocated: "VM deallocated",
  stopped: "VM stopped",
  starting: "VM starting",
};

/** `properties` of a row of type microsoft.compute/virtualmachines. */
export function vmProperties(vm: Vm): Record<string, unknown> {
  return {
    ...vmModel(vm),
    extended: { instanceView: { computerName: vm.name, powerState: powerState(vm) } },
  };
}

/** What the compute provider shows of a VM without its instance view. */
export function vmModel(vm: Vm): Record<string, unknown> {
  const windows = vm.os === "Windows";
  return {
    vmId: guid(vm.id),
    provisioningState: "Succeeded",
    ...(vm.scaleSetId && { virtualMachineScaleSet: { id: vm.scaleSetId } }),
    hardwareProfile: { vmSize: vm.size },
    storageProfile: {
      imageReference: windows
        ? { publisher: "MicrosoftWindowsServer", offer: "WindowsServer", sku: "2025-datacenter" }
        : { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server" },
      osDisk: {
        name: `${vm.name}_OsDisk_1`,
        osType: vm.os,
        createOption: "FromImage",
      },
      dataDisks: [],
    },
    osProfile: { computerName: vm.name, adminUsername: "azureuser" },
    networkProfile: {
      networkInterfaces: [
        { id: vm.nicId, properties: { primary: true } },
        ...vm.moreNics.map(({ id }) => ({ id, properties: { primary: false } })),
      ],
    },
  };
}

/** GET …/{vm}/instanceView. */
export function instanceView(vm: Vm): Record<string, unknown> {
  return {
    computerName: vm.name,
    osName: vm.os === "Windows" ? "Windows Server 2025 Datacenter" : "ubuntu",
    vmAgent: { vmAgentVersion: "2.7", statuses: [] },
    statuses: [
      {
        code: "ProvisioningState/succeeded",
        level: "Info",
        displayStatus: "Provisioning succeeded",
      },
      { code: `PowerState/${vm.power}`, level: "Info", displayStatus: POWER[vm.power] },
    ],
  };
}

/** A VM's interfaces, for rows of type microsoft.network/networkinterfaces. */
export const nicsOf = (azure: Azure, vm: Vm) => [
  {
    id: vm.nicId,
    name: vm.nicId.slice(vm.nicId.lastIndexOf("/") + 1),
    properties: () => nicProperties(azure, vm),
  },
  ...vm.moreNics.map((nic) => ({
    id: nic.id,
    name: nic.name,
    properties: () => moreNicProperties(azure, vm, nic),
  })),
];

function nicProperties(azure: Azure, vm: Vm): Record<string, unknown> {
  return {
    provisioningState: "Succeeded",
    virtualMachine: { id: vmReference(azure, vm) },
    ...(vm.nicNsg && { networkSecurityGroup: { id: vm.nicNsg.id } }),
    primary: true,
    ipConfigurations: [vm.privateIp, ...vm.moreIps].map((address, nth) =>
      ipConfiguration(vm, { nicId: vm.nicId, address, nth }),
    ),
  };
}

function moreNicProperties(
  azure: Azure,
  vm: Vm,
  nic: Vm["moreNics"][number],
): Record<string, unknown> {
  return {
    provisioningState: "Succeeded",
    virtualMachine: { id: vmReference(azure, vm) },
    ...(nic.nsg && { networkSecurityGroup: { id: nic.nsg.id } }),
    primary: false,
    ipConfigurations: [ipConfiguration(vm, { nicId: nic.id, address: nic.privateIp, nth: 0 })],
  };
}

function ipConfiguration(
  vm: Vm,
  { nicId, address, nth }: { nicId: string; address: string; nth: number },
): Record<string, unknown> {
  const isFirst = nicId === vm.nicId && nth === 0;
  return {
    id: `${nicId}/ipConfigurations/ipconfig${nth + 1}`,
    name: `ipconfig${nth + 1}`,
    type: "Microsoft.Network/networkInterfaces/ipConfigurations",
    properties: {
      provisioningState: "Succeeded",
      primary: nth === 0,
      privateIPAddress: address,
      privateIPAddressVersion: address.includes(":") ? "IPv6" : "IPv4",
      privateIPAllocationMethod: "Dynamic",
      subnet: { id: vm.subnetId },
      ...(isFirst && vm.publicIp && { publicIPAddress: { id: vm.publicIp.id } }),
      ...(vm.asgIds.length > 0 && {
        applicationSecurityGroups: vm.asgIds.map((id) => ({ id })),
      }),
    },
  };
}

function powerState(vm: Vm): Record<string, unknown> {
  return { code: `PowerState/${vm.power}`, displayStatus: POWER[vm.power], level: "Info" };
}

/** Azure spells resource groups in capitals in many references; only ids that compare equal do. */
function vmReference(azure: Azure, vm: Vm): string {
  if (azure.switches.idCase === "same") return vm.id;
  const group = vm.resourceGroup;
  return vm.id.replace(`/resourceGroups/${group}/`, `/resourceGroups/${group.toUpperCase()}/`);
}
