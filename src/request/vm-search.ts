// Search as one types, over names, resource groups, addresses and tags of all VMs; from memory.

import type { VmKey } from "./ids.ts";
import type { Vm } from "./vm.ts";

/** What of a VM is searched, in lower case; made once for each VM of a picture. */
const haystacks = new WeakMap<Vm, string>();

function haystack(vm: Vm): string {
  const known = haystacks.get(vm);
  if (known !== undefined) return known;
  const tags = Object.entries(vm.tags).map(([name, value]) => `${name}=${value}`);
  const made = [
    vm.name,
    `${vm.resourceGroup}/${vm.name}`,
    ...vm.privateAddresses,
    ...vm.publicAddresses,
    ...tags,
  ]
    .join("\n")
    .toLowerCase();
  haystacks.set(vm, made);
  return made;
}

/**
 * The VMs in which every word of `text` occurs and that `mayShow` lets through, at most `most`: names
 * that begin with the text first. An empty text finds any.
 */
export function searchVms(
  vms: Iterable<Vm>,
  text: string,
  { mayShow, most }: { mayShow: (vm: Vm) => boolean; most: number },
): readonly Vm[] {
  const words = text
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const start = words[0] ?? "";
  const beginning: Vm[] = [];
  const others: Vm[] = [];
  for (const vm of vms) {
    const searched = haystack(vm);
    if (!words.every((word) => searched.includes(word))) continue;
    const list = searched.startsWith(start) ? beginning : others;
    if (list.length < most && mayShow(vm)) list.push(vm);
    if (beginning.length >= most) break;
  }
  return [...beginning, ...others].slice(0, most);
}

/**
 * A short name of a VM for Slack, whose option values have 75 characters where resource ids have 270:
 * two FNV-1a hashes of the id, once read forwards and once backwards. Two VMs of one code are noticed.
 */
export function vmCode(key: VmKey): string {
  let forwards = FNV_BASIS;
  let backwards = FNV_BASIS;
  for (let index = 0; index < key.length; index++) {
    forwards = Math.imul(forwards ^ key.charCodeAt(index), FNV_PRIME);
    backwards = Math.imul(backwards ^ key.charCodeAt(key.length - 1 - index), FNV_PRIME);
  }
  return `${(forwards >>> 0).toString(36)}-${(backwards >>> 0).toString(36)}`;
}

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The VM of a code; `undefined` where there is none, or where two share it. */
export function vmOfCode(vms: Iterable<Vm>, code: string): Vm | undefined {
  let found: Vm | undefined;
  for (const vm of vms) {
    if (vmCode(vm.key) !== code) continue;
    if (found !== undefined) return undefined;
    found = vm;
  }
  return found;
}
