// A VM's name as it's typed, with as much before it as tells it from the others.

import type { Vm } from "./vm.ts";

/** The name alone where none of `among` has the same; else with its resource group, and its subscription if need be. */
export function typedName(
  vm: Vm,
  among: Iterable<Vm>,
  isKnown: (vm: Vm) => boolean = () => true,
): string {
  const alike: Vm[] = [];
  for (const one of among) {
    if (one.key !== vm.key && same(one.name, vm.name) && isKnown(one)) alike.push(one);
  }
  if (alike.length === 0) return vm.name;
  const inGroup = `${vm.resourceGroup}/${vm.name}`;
  return alike.some((one) => same(one.resourceGroup, vm.resourceGroup))
    ? `${vm.subscriptionId}/${inGroup}`
    : inGroup;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
