// One request may have more VMs than one person may have waiting.

import { type Policy, VMS_PER_REQUEST } from "../rules/policy.ts";
import type { Warning } from "./policy-warning.ts";

/** Where nobody has to decide, nothing waits. */
export function limitsAtOdds({ limits, rules }: Policy): readonly Warning[] {
  const { pendingPerPerson, vmsPerRequest = VMS_PER_REQUEST } = limits;
  const isDecided = rules.some(({ approvals }) => approvals > 0);
  if (vmsPerRequest <= pendingPerPerson || !isDecided) return [];
  const message = `One request can have ${vmsPerRequest} VMs (limits.vmsPerRequest), but one person can have only ${pendingPerPerson} waiting: set limits.pendingPerPerson to ${vmsPerRequest}, or limits.vmsPerRequest to ${pendingPerPerson}.`;
  return [{ weight: "hint", path: ["limits", "pendingPerPerson"], message }];
}
