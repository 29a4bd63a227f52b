// VMs whose subscription's JIT policies couldn't be read: to call them "not configured" would be a guess.

import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Vm } from "../../domain/vm/vm.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";

/** Nothing is known of its policies, not even from before. */
export const isUnread = (
  { unread, vmPolicies }: InventorySnapshot,
  { key, subscriptionId }: Vm,
): boolean =>
  unread.some((one) => one.subscriptionId.toLowerCase() === subscriptionId.toLowerCase()) &&
  (vmPolicies.get(key) ?? []).length === 0;

/** The outcome, unless it says of such a VM that it isn't configured: then that it isn't known. */
export function orUnread<T>(
  snapshot: InventorySnapshot,
  vm: Vm,
  outcome: T | Refusal,
): T | Refusal {
  const isGuess = isRefusal(outcome) && outcome.refused === "not-configured";
  if (!isGuess || !isUnread(snapshot, vm)) return outcome;
  return refuse(
    "cannot-check",
  )`The JIT policies of the subscription of ${{ strong: vm.name }} couldn't be read from Azure, so I don't know what can be opened there: try again in a minute, or ask an admin to run ${{ code: "/jit doctor" }}.`;
}
