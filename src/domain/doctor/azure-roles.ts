// Roles that give a right: the bot's own, and those of Azure's that are known to hold it.

import { CLOSING, ENABLING, isAllowed } from "./azure-rights.ts";

/** Beside the code: `az role definition create --role-definition @docs/azure-role.json`. */
export const ROLE_FILE = "docs/azure-role.json";
/** What configuring takes, apart: most bots do better without it. */
export const ENABLING_FILE = "docs/azure-role-enable.json";

/** The file in which a role with the action stands ready; `undefined`: it is added by hand. */
export function roleFileFor(action: string): string | undefined {
  const isOf = (rights: typeof ENABLING) => rights.some((right) => right.action === action);
  if (isOf(ENABLING)) return ENABLING_FILE;
  return isOf(CLOSING) ? undefined : ROLE_FILE;
}

/**
 * Of Azure's own roles those that an administrator thinks of, each with what matters here of what it
 * allows; the narrower first. Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
const BUILT_IN: readonly { readonly role: string; readonly actions: readonly string[] }[] = [
  {
    role: "Management Group Reader",
    actions: ["Microsoft.Management/managementGroups/read"],
  },
  {
    role: "Security Reader",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Management/managementGroups/read",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Security/*/read",
    ],
  },
  { role: "Reader", actions: ["*/read"] },
  { role: "Security Admin", actions: ["Microsoft.Security/*"] },
  { role: "Virtual Machine Contributor", actions: ["Microsoft.Compute/virtualMachines/*"] },
  { role: "Network Contributor", actions: ["Microsoft.Network/*"] },
];

/** The narrowest of Azure's own roles that gives the action; `undefined`: none that we know. */
export const builtInFor = (action: string): string | undefined =>
  BUILT_IN.find(({ actions }) => isAllowed([{ actions, notActions: [] }], action))?.role;
