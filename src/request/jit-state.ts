// How a VM stands with just-in-time access: Configured, Not configured or Unsupported, and whether it protects.

import type { JitCover, OpenRange, Vm } from "./vm.ts";

export type JitState = "configured" | "not-configured" | "unsupported";

/**
 * As the portal sorts VMs: whatever some policy covers is configured; what nothing stands before cannot be.
 * Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-overview
 */
export function jitStateOf(vm: Vm, covers: readonly JitCover[]): JitState {
  if (covers.some(({ ports }) => ports.length > 0)) return "configured";
  // An unknown network is no reason to say that it cannot be.
  return vm.hasNsg === false ? "unsupported" : "not-configured";
}

/** A port of a policy that stands open all the time, by a rule above the one by which JIT shuts it. */
export type Bypass = { readonly port: number } & Omit<OpenRange, "from" | "to">;

/** Where JIT makes no difference, because somebody's own rule lets in before it shuts. */
export function bypassesOf(vm: Vm, covers: readonly JitCover[]): readonly Bypass[] {
  const ports = new Set(covers.flatMap((cover) => cover.ports.map(({ number }) => number)));
  return [...ports].flatMap((port) => {
    const found = vm.openAlways?.find(({ from, to }) => from <= port && port <= to);
    return found === undefined ? [] : [{ port, rule: found.rule, nsg: found.nsg }];
  });
}
