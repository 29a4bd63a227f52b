// VMs that a JIT policy still names and that can't be found in Azure: deleted, or not visible to the bot.

import type { VmKey } from "../text/ids.ts";
import type { JitVmPolicy, Vm } from "./vm.ts";

const VM_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/virtualmachines\/([^/]+)$/;

type Known = {
  readonly vms: ReadonlyMap<VmKey, unknown>;
  readonly vmPolicies: ReadonlyMap<VmKey, readonly JitVmPolicy[]>;
};

/** With what their ids tell, in lower case; by id. */
export function goneVms({ vms, vmPolicies }: Known): readonly Vm[] {
  const keys = [...vmPolicies.keys()].filter((key) => !vms.has(key)).sort();
  return keys.flatMap((key) => {
    const [, subscriptionId, resourceGroup, name] = VM_ID.exec(key) ?? [];
    if (!subscriptionId || !resourceGroup || !name) return [];
    const [vmPolicy] = vmPolicies.get(key) ?? [];
    const location = /\/locations\/([^/]+)\//i.exec(vmPolicy?.policyId ?? "")?.[1] ?? "";
    return {
      key,
      id: key,
      name,
      resourceGroup,
      subscriptionId,
      location,
      tags: {},
      os: undefined,
      power: undefined,
      hasNsg: undefined,
      privateAddresses: [],
      publicAddresses: [],
    };
  });
}
