// What a decision rests on at Azure, read now: the VM itself and its JIT policy. The snapshot may be older.

import type { Azure } from "../ports/azure.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import type { Ask } from "../request/request.ts";
import type { JitCover, Vm } from "../request/vm.ts";
import { orCannotCheck } from "./people.ts";

export type ReadNow = {
  readonly vm: Vm;
  /** The VM's part of the JIT policy that was to be asked; `undefined`: it is not in it any more. */
  readonly cover: JitCover | undefined;
};

/** Refuses where Azure cannot be read, and where the VM is gone. */
export async function readNow(
  world: { readonly azure: Azure },
  { vm: asked, jitPolicyId }: Pick<Ask, "vm" | "jitPolicyId">,
): Promise<ReadNow | Refusal> {
  const [vm, cover] = await Promise.all([
    vmNow(world, asked),
    orCannotCheck(async () => {
      const policy = await world.azure.readPolicy(jitPolicyId);
      return policy?.covers.find((one) => one.vm === asked.key);
    }),
  ]);
  if (isRefusal(vm)) return vm;
  return isRefusal(cover) ? cover : { vm, cover };
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
      )`${{ strong: name }} doesn't exist in Azure any more, so there is nothing to open.`;
    }
    return { ...(azure.picture().vms.get(key) ?? UNSEEN), ...now };
  });
}

/** What is known of a VM's network that Resource Graph has not shown yet. */
const UNSEEN = {
  power: undefined,
  privateAddresses: [],
  publicAddresses: [],
  hasNsg: undefined,
} as const;
