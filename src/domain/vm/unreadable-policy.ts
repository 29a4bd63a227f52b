// What a JIT policy says in a way that can't be read, in words, with what sets it right.

import { type Refusal, refuse } from "../text/refusal.ts";
import { listed, type Words, words } from "../text/words.ts";
import type { JitPort, JitVmPolicy, Vm } from "./vm.ts";

/** `undefined`: the port allows something. */
export function unreadablePort(vm: Vm, port: JitPort): Refusal | undefined {
  const { number, unreadable = [] } = port;
  const allowsNothing = port.maxDurationMs === 0 || port.sources.length === 0;
  if (unreadable.length === 0 || !allowsNothing) return undefined;
  return refuse(
    "port-not-in-policy",
  )`I can't read what the JIT policy of ${{ strong: vm.name }} allows on port ${number}: ${whatWords(unreadable)}. ${fixWords(vm, port)}`;
}

/** Of a VM that is in a policy which names no port that can be read; `undefined`: it's in none, or names none. */
export function unreadableVm(vm: Vm, vmPolicies: readonly JitVmPolicy[]): Refusal | undefined {
  const what = vmPolicies.flatMap(({ unreadable = [] }) => unreadable);
  if (what.length === 0) return undefined;
  const fix = { code: `/jit enable ${vm.name}` };
  return refuse(
    "not-configured",
  )`I can't read the JIT policy of ${{ strong: vm.name }}: ${whatWords(what)}. An admin can fix it with ${fix}.`;
}

const whatWords = (unreadable: readonly string[]): Words =>
  listed(unreadable.slice(0, 3).map((what) => ({ code: what })));

/** What an admin types to have it written again. */
function fixWords(vm: Pick<Vm, "name">, port: JitPort): Words {
  const parts = [
    ...(port.maxDurationMs === 0 ? ["max 3h"] : []),
    ...(port.sources.length === 0 ? ["from 203.0.113.0/24"] : []),
  ];
  const protocol = (port.unreadable ?? []).some((what) => what.startsWith("the protocol"));
  const all = [...(protocol ? ["tcp"] : []), ...parts].join(" ");
  return words`An admin can fix it with ${{ code: `/jit change ${vm.name} ${port.number} ${all}` }}.`;
}
