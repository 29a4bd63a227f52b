// How a VM stands with just-in-time access: Configured, Not configured or Unsupported, and whether it protects.

import type { JitVmPolicy, Vm } from "./vm.ts";

export type JitState = "configured" | "not-configured" | "unsupported";

export type WhyUnsupported = "classic-vm" | "uniform-scale-set" | "firewall-policy" | "no-nsg";

/**
 * Why JIT can't protect a VM: it writes its rules into a network security group, or into a firewall that
 * has rules of its own (classic ones, not a policy's), and knows no classic VMs and no scale sets in Uniform orchestration. `undefined`: it can.
 * Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-overview
 */
export function whyUnsupported(vm: Vm): WhyUnsupported | undefined {
  const { classic, uniform, hasNsg, firewall } = vm;
  if (classic) return "classic-vm";
  if (uniform) return "uniform-scale-set";
  // An unknown network is no reason to say that it can't be.
  if (hasNsg !== false || firewall === "classic-rules") return undefined;
  return firewall === "policy" ? "firewall-policy" : "no-nsg";
}

/** As sentences about one VM. */
export const UNSUPPORTED: Readonly<Record<WhyUnsupported, string>> = {
  "classic-vm": "It's a classic VM, which JIT doesn't support",
  "uniform-scale-set":
    "It's a scale set with Uniform orchestration, which JIT doesn't support; VMs of Flexible ones are supported",
  "firewall-policy":
    "It has no network security group, and its Azure Firewall uses a firewall policy, which JIT can't change",
  "no-nsg": "It has no network security group",
};

/** As the portal sorts VMs: whatever some policy covers is configured, however little of it can be read. */
export function jitStateOf(vm: Vm, vmPolicies: readonly JitVmPolicy[]): JitState {
  if (vmPolicies.some(({ ports, unreadable }) => ports.length > 0 || unreadable !== undefined))
    return "configured";
  return whyUnsupported(vm) === undefined ? "not-configured" : "unsupported";
}

/** Ports of its JIT policies stand open in spite of them. */
export const isExposed = ({ network }: Vm): boolean => (network?.exposures.length ?? 0) > 0;
