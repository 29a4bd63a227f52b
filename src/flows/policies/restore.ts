// Restore: an admin has the JIT policy of a VM written again, unchanged, so that Azure makes its rules again.
//
// Whether Azure does so isn't documented: the preview says so, and the end says what is seen.

import { openAccesses, partOf, vmIdsIn } from "../../domain/policies/merge-policy.ts";
import type { Change, PolicyChange } from "../../domain/policies/policy-change.ts";
import type { VmKey } from "../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../domain/text/refusal.ts";
import { brokenJit, brokenText } from "../../domain/vm/exposure/broken-jit.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import { NOTHING } from "../answering/answering.ts";
import type { Deps } from "../deps.ts";
import { refuseNonAdmins } from "../requests/can-see.ts";
import { marks } from "./preview-change.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "deliveries"
  | "storeClock"
  | "changes"
  | "azure"
  | "chat"
  | "onCall"
  | "random"
  | "policy"
  | "limits"
>;

/** What the button on the notice shows: a preview, which the same buttons apply and drop. */
export async function previewRestore(
  deps: Needs,
  sender: Sender,
  vm: VmKey,
): Promise<Answer | Refusal> {
  const mayNot = await refuseNonAdmins(deps, sender, "restore JIT policies");
  if (mayNot !== undefined) return mayNot;
  const { changes } = deps;
  if (changes === undefined) {
    return refuse("switched-off")`JIT policies can't be changed from here.`;
  }
  const policies = await policiesOf(deps, vm);
  if (policies.length === 0) {
    return refuse(
      "not-configured",
    )`No JIT policy covers this VM now, so there's nothing to restore: ${{ code: "/jit enable" }} sets one up.`;
  }
  if (!(await deps.deliveries.take(sender.delivery))) return NOTHING;
  const change: Change = {
    id: Buffer.from(deps.random.bytes(12)).toString("hex"),
    verb: "restore",
    by: sender.user,
    asked: `restore ${nameOf(deps, vm)}`,
    atMs: await deps.storeClock.nowMs(),
    state: "preview",
    meant: 1,
    policies,
    left: [],
    unread: [],
  };
  await changes.commit(0, { change });
  return { answer: "screen", screen: { screen: "change", change } };
}

async function policiesOf({ azure, storeClock }: Needs, vm: VmKey): Promise<PolicyChange[]> {
  const nowMs = await storeClock.nowMs();
  const policies: PolicyChange[] = [];
  for (const { policyId } of azure.snapshot().vmPolicies.get(vm) ?? []) {
    const raw = await azure.readRawPolicy(policyId);
    if (raw === undefined || partOf(raw, vm) === undefined) continue;
    const edits = [{ vmId: azure.snapshot().vms.get(vm)?.id ?? vm, changes: [] }];
    const count = vmIdsIn(raw).length;
    policies.push({
      policyId,
      edits,
      again: true,
      existed: true,
      vmsBefore: count,
      vmsAfter: count,
      ...marks(raw, edits),
      open: openAccesses(raw, nowMs),
    });
  }
  return policies;
}

function nameOf({ azure }: Needs, vm: VmKey): string {
  const found = azure.snapshot().vms.get(vm);
  return found === undefined
    ? (vm.split("/").at(-1) ?? vm)
    : `${found.resourceGroup}/${found.name}`;
}

/** What the inventory shows of the VMs after it was written; "": JIT's rules are as they should be. */
export function stillBroken({ azure }: Pick<Deps, "azure">, { policies }: Change): string {
  const { vms } = azure.snapshot();
  const broken = policies.flatMap(({ edits }) =>
    edits.flatMap(({ vmId }) => brokenJit(vms.get(vmId.toLowerCase() as VmKey)?.network) ?? []),
  );
  if (broken.length === 0) return "";
  const texts = [...new Set(broken.map(brokenText))].join(" ");
  return broken.some(({ denyMissing }) => denyMissing.length > 0)
    ? `Azure hasn't restored it yet, which can take some minutes. ${texts}`
    : `Writing the policy again doesn't change this. ${texts}`;
}
