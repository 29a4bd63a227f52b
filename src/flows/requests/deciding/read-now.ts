// What a decision rests on at Azure, read now: the VM itself and its JIT policy. The snapshot may be older.

import type { Ask } from "../../../domain/rules/ask.ts";
import { portOf } from "../../../domain/rules/bounds.ts";
import { jitPolicyFor } from "../../../domain/rules/check-ask.ts";
import type { VmKey } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { JitVmPolicy, Vm } from "../../../domain/vm/vm.ts";
import type { Azure } from "../../../ports/azure.ts";
import { orCannotCheck } from "../../people/people.ts";

export type ReadNow = {
  readonly vm: Vm;
  /**
   * The VM's part of the JIT policy that was to be asked; of another one, where that knows the ports and the
   * first doesn't any more: policies are made again under other names. `undefined`: it is in none.
   */
  readonly vmPolicy: JitVmPolicy | undefined;
};

/** Refuses where Azure can't be read, and where the VM is gone. */
export async function readNow(
  needs: { readonly azure: Azure },
  { vm: asked, jitPolicyId, ports }: Pick<Ask, "vm" | "jitPolicyId" | "ports">,
): Promise<ReadNow | Refusal> {
  const [vm, vmPolicy] = await Promise.all([
    vmNow(needs, asked),
    orCannotCheck(() => vmPolicyNow(needs.azure, asked.key, jitPolicyId)),
  ]);
  if (isRefusal(vm)) return vm;
  if (isRefusal(vmPolicy)) return vmPolicy;
  if (vmPolicy !== undefined && ports.every((port) => portOf(vmPolicy, port) !== undefined)) {
    return { vm, vmPolicy };
  }
  const other = await orCannotCheck(() => otherVmPolicy(needs.azure, { vm, jitPolicyId, ports }));
  return isRefusal(other) ? other : { vm, vmPolicy: other ?? vmPolicy };
}

async function vmPolicyNow(
  azure: Azure,
  vm: VmKey,
  jitPolicyId: string,
): Promise<JitVmPolicy | undefined> {
  const policy = await azure.readPolicy(jitPolicyId);
  return policy?.vmPolicies.find((one) => one.vm === vm);
}

/** Which policies there are is read afresh, too: this one came after the snapshot. */
async function otherVmPolicy(
  azure: Azure,
  { vm, jitPolicyId, ports }: { vm: Vm } & Pick<Ask, "jitPolicyId" | "ports">,
): Promise<JitVmPolicy | undefined> {
  const { vmPolicies } = await azure.refresh();
  const others = (vmPolicies.get(vm.key) ?? []).filter(
    ({ policyId }) => policyId.toLowerCase() !== jitPolicyId.toLowerCase(),
  );
  const best = jitPolicyFor(vm, others, ports);
  return isRefusal(best) ? undefined : vmPolicyNow(azure, vm.key, best.policyId);
}

/** The VM with its tags and place as they are now; its network as it was seen last. */
export async function vmNow(
  { azure }: { readonly azure: Azure },
  { key, id, name }: Pick<Vm, "key" | "id" | "name">,
): Promise<Vm | Refusal> {
  return orCannotCheck(async () => {
    const now = await azure.readVm(id);
    if (now === undefined) {
      return refuse(
        "no-such-vm",
      )`${{ strong: name }} no longer exists in Azure, so it can't be opened.`;
    }
    const seen = azure.snapshot().vms.get(key) ?? UNSEEN;
    return { ...seen, ...now, power: now.power ?? seen.power };
  });
}

/** What is known of a VM's network that Resource Graph hasn't shown yet. */
const UNSEEN = {
  power: undefined,
  privateAddresses: [],
  publicAddresses: [],
  hasNsg: undefined,
} as const;
