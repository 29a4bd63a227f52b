// The preview of a change of JIT policies: what would change in each, what can't be done, and why. Changes nothing.

import type { VmRef } from "../../domain/command/vm-ref.ts";
import {
  type Item,
  type Left,
  type PolicyEdit,
  planOf,
} from "../../domain/policies/change-plan.ts";
import {
  type Edit,
  editJitPolicy,
  fingerprint,
  isUnchanged,
  openAccesses,
  vmIdsIn,
} from "../../domain/policies/merge-policy.ts";
import type { Change, LeftVm, PolicyChange } from "../../domain/policies/policy-change.ts";
import { type UserId, vmKey } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Json } from "../../domain/vm/jit-policy-fields.ts";
import type { Vm } from "../../domain/vm/vm.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { EVERY_VM, findVm, refreshed } from "../inventory/find-vm.ts";
import { isUnread } from "../inventory/unread-policies.ts";

/** More at once is narrowed: nobody can look through a longer preview. */
const VMS_MAX = 1_000;
const POLICIES_MAX = 200;

/** How many policies are read at once. */
const READ_TOGETHER = 4;

export type Wanted = {
  readonly items: readonly Item[];
  readonly by: UserId | { readonly operator: string };
  /** As it was asked for, without `/jit`. */
  readonly asked: string;
};

type Needs = Pick<Deps, "azure" | "clock" | "log" | "random">;

/** Azure's own faults are thrown; nothing is kept yet. */
export async function previewOf(deps: Needs, wanted: Wanted): Promise<Change | Refusal> {
  const [first] = wanted.items;
  if (first === undefined) return refuse("incomplete")`It's empty: there's nothing to do.`;
  const snapshot = await refreshed(deps);
  if (snapshot.atMs === 0) {
    return refuse(
      "cannot-check",
    )`I couldn't read the list of VMs from Azure yet: try again in a minute, or ask an admin to check the bot's log.`;
  }
  const items: Item[] = [];
  for (const item of wanted.items) {
    const narrowed = await pointed(deps, item);
    if (isRefusal(narrowed)) return narrowed;
    items.push(narrowed);
  }
  const plan = planOf(items, deps.azure.snapshot());
  const tooMany = bounded(plan.meant.length, plan.policies.length);
  if (tooMany !== undefined) return tooMany;
  const looked = await inTurn(plan.policies, (edit) => lookAt(deps, edit));
  const names = new Map(plan.meant.map((vm) => [vm.key as string, nameOf(vm)]));
  const already = looked.flatMap(({ unchanged, code }) =>
    unchanged.map((vmId): LeftVm => {
      const vm = names.get(vmId.toLowerCase()) ?? vmId;
      return code === undefined ? { vm, why: "already" } : { vm, why: "unreadable", code };
    }),
  );
  return {
    id: Buffer.from(deps.random.bytes(12)).toString("hex"),
    verb: first.desired.verb,
    by: wanted.by,
    asked: wanted.asked,
    atMs: deps.clock.nowMs(),
    state: "preview",
    meant: plan.meant.length,
    policies: looked.flatMap(({ policy }) => (policy === undefined ? [] : [policy])),
    left: [...plan.left.map((one) => leftOf(snapshot, one)), ...already],
    unread: snapshot.unread.map(({ subscriptionId }) => subscriptionId).slice(0, 50),
  };
}

/** A VM that was named is exactly one, or a choice is offered. */
async function pointed(deps: Needs, item: Item): Promise<Item | Refusal> {
  const { vm, also = [] } = item.selector;
  if (vm === undefined) return item;
  const exact: VmRef[] = [];
  const canBeGone = item.desired.verb === "disable";
  for (const ref of [vm, ...also]) {
    const found = await findVm(deps, ref, EVERY_VM, { canBeGone });
    if (isRefusal(found)) return found;
    exact.push({ typed: ref.typed, name: found.vm.name, id: found.vm.id });
  }
  const [first, ...others] = exact;
  return { ...item, selector: { ...item.selector, vm: first, also: others } };
}

function bounded(vms: number, policies: number): Refusal | undefined {
  if (vms === 0) {
    const example = { code: "/jit vms rg:rg-prod" };
    return refuse("no-such-vm")`No VM matches that: ${example} lists them.`;
  }
  if (vms <= VMS_MAX && policies <= POLICIES_MAX) return undefined;
  return refuse(
    "ambiguous",
  )`That's ${vms} VMs in ${policies} policies, and one change can cover at most ${VMS_MAX} in ${POLICIES_MAX}: narrow it by resource group or tag.`;
}

/** Of a subscription whose policies couldn't be read, nobody knows what is configured in it. */
function leftOf(snapshot: InventorySnapshot, { vm, why }: Left): LeftVm {
  const isGuess = why === "not-configured" && isUnread(snapshot, vm);
  return { vm: nameOf(vm), why: isGuess ? "unreadable" : why };
}

const nameOf = ({ resourceGroup, name }: Vm): string => `${resourceGroup}/${name}`;

type Looked = {
  readonly policy: PolicyChange | undefined;
  readonly unchanged: readonly string[];
  /** Why the policy couldn't be read. */
  readonly code?: string;
};

/** Reads a policy afresh, and says what of it would change. */
async function lookAt(deps: Needs, { policyId, edits }: PolicyEdit): Promise<Looked> {
  let raw: Json | undefined;
  try {
    raw = await deps.azure.readRawPolicy(policyId);
  } catch (thrown) {
    // One subscription that says no doesn't keep the others from being changed.
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    const unchanged = edits.map(({ vmId }) => vmId);
    return { policy: undefined, unchanged, code: thrown.code };
  }
  const changing = edits.filter((edit) => !isUnchanged(raw, [edit]));
  const unchanged = edits.filter((edit) => !changing.includes(edit)).map(({ vmId }) => vmId);
  if (changing.length === 0) return { policy: undefined, unchanged };
  const policy: PolicyChange = {
    policyId,
    edits: changing,
    existed: raw !== undefined,
    ...counts(raw, editJitPolicy(raw, changing)),
    ...marks(raw, changing),
    open: openAccesses(raw, deps.clock.nowMs()),
    ...goneIn(deps.azure.snapshot(), raw, changing),
  };
  return { policy, unchanged };
}

/** VMs of the policy that can't be found, beside those that are taken out of it. */
function goneIn(
  { vms }: InventorySnapshot,
  raw: Json | undefined,
  changing: readonly Edit[],
): Pick<PolicyChange, "gone"> {
  const left = vmIdsIn(editJitPolicy(raw, changing)).filter((id) => !vms.has(vmKey(id)));
  const gone = left.map((id) =>
    id
      .split("/")
      .filter((_, at) => at === 4 || at === 8)
      .join("/"),
  );
  return gone.length === 0 ? {} : { gone: gone.slice(0, GONE_MAX) };
}

const GONE_MAX = 5;

const counts = (before: Json | undefined, after: Json | undefined) => ({
  vmsBefore: vmIdsIn(before).length,
  vmsAfter: vmIdsIn(after).length,
});

/** By which it is seen at applying whether somebody else wrote the policy meanwhile. */
export const marks = (raw: Json | undefined, edits: PolicyChange["edits"]) => ({
  fingerprint: fingerprint(
    raw,
    edits.map(({ vmId }) => vmId),
  ),
  whole: fingerprint(raw, vmIdsIn(raw)),
});

async function inTurn<In, Out>(
  all: readonly In[],
  work: (one: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const done: Out[] = [];
  for (let at = 0; at < all.length; at += READ_TOGETHER) {
    done.push(...(await Promise.all(all.slice(at, at + READ_TOGETHER).map(work))));
  }
  return done;
}
