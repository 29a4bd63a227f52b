// A VM as people point at it: by name, by group and name, with the subscription, or by resource id.

import type { Vm } from "../vm/vm.ts";

export type VmRef = {
  /** As typed, to be named in answers. */
  readonly typed: string;
  readonly name: string;
  readonly resourceGroup?: string;
  readonly subscription?: string;
  /** Given only where a whole resource id was typed; then it alone decides. */
  readonly id?: string;
};

/** A resource id of Azure's longest names is about 270 characters. */
const VM_REF_CHARACTERS_MAX = 400;

const RESOURCE_ID =
  /^\/?(subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/virtualMachines\/([^/]+))\/?$/i;

/** Answers `undefined` for what can point at no VM: too long, an empty part, another resource. */
export function parseVmRef(text: string): VmRef | undefined {
  const typed = text.trim();
  if (typed.length > VM_REF_CHARACTERS_MAX || /["“”`<>,]|\p{Cc}|\p{Cs}/u.test(typed))
    return undefined;
  const [, path, subscriptionId, group, vmName] = RESOURCE_ID.exec(typed) ?? [];
  if (path && subscriptionId && group && vmName) {
    return {
      typed,
      name: vmName,
      resourceGroup: group,
      subscription: subscriptionId,
      id: `/${path}`,
    };
  }
  const parts = typed.split("/");
  if (parts.length > 3 || parts.some((part) => part.trim() === "")) return undefined;
  const [name = "", resourceGroup, subscription] = parts.reverse();
  if (resourceGroup === undefined) return { typed, name };
  return subscription === undefined
    ? { typed, name, resourceGroup }
    : { typed, name, resourceGroup, subscription };
}

/** True where the VM is one that `ref` points at, whatever the case of the letters. */
export function vmRefMatches(
  ref: VmRef,
  vm: Pick<Vm, "name" | "resourceGroup" | "subscriptionId" | "id">,
): boolean {
  if (ref.id !== undefined) return same(ref.id, vm.id);
  return (
    same(ref.name, vm.name) &&
    (ref.resourceGroup === undefined || same(ref.resourceGroup, vm.resourceGroup)) &&
    (ref.subscription === undefined || same(ref.subscription, vm.subscriptionId))
  );
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
