// JIT's deny rules of a VM in the simulated Azure, and somebody who removes them in the portal.

import type { SimulatedAzure } from "../../src/sandbox/azure/azure-server.ts";
import { nsgsOf } from "../../src/sandbox/azure/guards.ts";
import { rulesOf } from "../../src/sandbox/azure/network/network-rules.ts";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";

type At = { readonly azure: SimulatedAzure; nowMs(): number };

/** The network security groups that stand before the VM. */
export const guardsOf = ({ azure: { world } }: At, vm: string) => nsgsOf(world, findVm(world, vm));

/** The names of JIT's deny rules that are about the VM, each with its group. */
export const denyRules = (at: At, vm: string) =>
  guardsOf(at, vm).flatMap((nsg) =>
    rulesOf(at.azure.world, nsg, { nowMs: at.nowMs(), denyPriority: 4096 })
      .filter(
        ({ name, description = "" }) =>
          name.includes("-JITRule_") && description.includes(`'${vm}'`),
      )
      .map(({ name }) => ({ nsg, name })),
  );

/** Answers how many there were. */
export function wipeDenyRules(at: At, vm: string): number {
  const rules = denyRules(at, vm);
  for (const { nsg, name } of rules) {
    const path = `${nsg.id}/securityRules/${name}`;
    at.azure.elsewhere.act("barbara@contoso.com", { method: "DELETE", path });
  }
  return rules.length;
}
