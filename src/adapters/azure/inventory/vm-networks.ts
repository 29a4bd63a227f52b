// What stands before each VM, joined from interfaces and network security groups, and judged by the rules.

import { addressRange } from "../../../domain/network/address-ranges.ts";
import type { VmKey } from "../../../domain/text/ids.ts";
import type {
  GuardedAddress,
  LivePort,
  NetworkFindings,
} from "../../../domain/vm/exposure/exposure.ts";
import { networkJudge } from "../../../domain/vm/exposure/judge.ts";
import type { SecurityGroup } from "../../../domain/vm/exposure/security-group.ts";
import type { JitVmPolicy, Vm } from "../../../domain/vm/vm.ts";
import type { IpConfiguration, NicRow, NsgRow } from "./graph-queries.ts";

/** What is amiss with a VM that these JIT policies are to protect. */
export type FindIn = (
  vm: Vm,
  vmPolicies: readonly JitVmPolicy[],
  live: readonly LivePort[],
) => NetworkFindings | undefined;

export function networkFinder(
  nicsOfVm: ReadonlyMap<string, readonly NicRow[]>,
  nsgs: readonly NsgRow[],
): FindIn {
  const members = membersIn([...nicsOfVm.values()].flat());
  const judge = networkJudge((group) => members.get(group));
  const byId = new Map(nsgs.map((nsg) => [nsg.id, nsg]));
  const bySubnet = new Map(nsgs.flatMap((nsg) => nsg.subnets.map((subnet) => [subnet, nsg.id])));

  function guardedAddress(nic: NicRow, configuration: IpConfiguration): GuardedAddress {
    const ids = new Set([nic.nsg, bySubnet.get(configuration.subnet) ?? ""]);
    const guards: SecurityGroup[] = [];
    const unseen: string[] = [];
    for (const id of ids) {
      const group = byId.get(id)?.group;
      if (group !== undefined) guards.push(group);
      else if (id !== "") unseen.push(byId.get(id)?.name ?? id.slice(id.lastIndexOf("/") + 1));
    }
    const { privateIPAddress, applicationSecurityGroups } = configuration;
    return { address: privateIPAddress, groups: applicationSecurityGroups, guards, unseen };
  }

  return ({ key, firewall }, vmPolicies, live) => {
    const addresses = (nicsOfVm.get(key) ?? []).flatMap((nic) =>
      nic.ipConfigurations
        .filter(({ privateIPAddress }) => privateIPAddress !== "")
        .map((configuration) => guardedAddress(nic, configuration)),
    );
    const isBehindFirewall =
      firewall === "classic-rules" ||
      vmPolicies.some((vmPolicy) => vmPolicy.firewallAddress !== undefined);
    const ports = vmPolicies.flatMap((vmPolicy) => vmPolicy.ports);
    return judge({ addresses, ports, live, isBehindFirewall });
  };
}

/** The addresses in each application security group, of whatever is an interface there. */
function membersIn(nics: readonly NicRow[]): ReadonlyMap<string, readonly bigint[]> {
  const members = new Map<string, bigint[]>();
  for (const { privateIPAddress, applicationSecurityGroups } of nics.flatMap(
    (nic) => nic.ipConfigurations,
  )) {
    const address = addressRange(privateIPAddress)?.from;
    if (address === undefined) continue;
    for (const group of applicationSecurityGroups) {
      const known = members.get(group);
      if (known === undefined) members.set(group, [address]);
      else known.push(address);
    }
  }
  return members;
}

/** Joining goes on in portions, so that a click isn't kept waiting by 50,000 VMs. */
const PORTION = 1_000;

/**
 * Gives each covered VM what is found in its network. `isKept`: its policies are those of before, and so is
 * what was found.
 */
export async function withFindings(
  vms: Map<VmKey, Vm>,
  needs: {
    readonly find: FindIn;
    readonly vmPolicies: ReadonlyMap<VmKey, readonly JitVmPolicy[]>;
    readonly live: ReadonlyMap<VmKey, readonly LivePort[]>;
    readonly isKept: (vm: Vm) => boolean;
  },
): Promise<void> {
  let count = 0;
  for (const [key, vmPolicies] of needs.vmPolicies) {
    const vm = vms.get(key);
    if (vm === undefined || needs.isKept(vm)) continue;
    const { network: _before, ...rest } = vm;
    const network = needs.find(vm, vmPolicies, needs.live.get(key) ?? []);
    vms.set(key, Object.freeze({ ...rest, ...(network !== undefined && { network }) }));
    count += 1;
    if (count % PORTION === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
