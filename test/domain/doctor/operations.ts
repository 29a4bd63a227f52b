// Azure's operations that the ready-made roles name, as Microsoft's documentation lists them. Azure refuses a role
// with an action that it doesn't have (InvalidActionOrNotAction).

/** One page of https://learn.microsoft.com/azure/role-based-access-control/permissions/, and when it was read. */
export type Page = {
  readonly page: string;
  /** Of the page in MicrosoftDocs/azure-docs, articles/role-based-access-control. */
  readonly commit?: string;
  readonly readOn: string;
  readonly operations: readonly string[];
};

const readOn = "2026-11-29";

/** In the documentation's spelling; Azure compares without regard to case. */
export const PAGES: readonly Page[] = [
  {
    page: "permissions/security.md",
    commit: "7d8682a53ed0bf43fb26b5f445de396d78e7fb69",
    readOn,
    operations: [
      // Of JIT, these four and no other.
      "Microsoft.Security/locations/jitNetworkAccessPolicies/read",
      "Microsoft.Security/locations/jitNetworkAccessPolicies/write",
      "Microsoft.Security/locations/jitNetworkAccessPolicies/delete",
      "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
      "Microsoft.Security/policies/read",
      "Microsoft.Security/pricings/read",
    ],
  },
  {
    page: "permissions/compute.md",
    readOn,
    operations: [
      "Microsoft.Compute/virtualMachines/read",
      "Microsoft.Compute/virtualMachines/write",
      "Microsoft.Compute/virtualMachines/instanceView/read",
    ],
  },
  {
    page: "permissions/networking.md",
    readOn,
    operations: [
      "Microsoft.Network/azurefirewalls/read",
      "Microsoft.Network/bastionHosts/read",
      "Microsoft.Network/networkInterfaces/read",
      "Microsoft.Network/networkSecurityGroups/read",
      "Microsoft.Network/networkSecurityGroups/securityRules/read",
      "Microsoft.Network/networkSecurityGroups/securityRules/delete",
      "Microsoft.Network/publicIPAddresses/read",
      "Microsoft.Network/virtualNetworks/read",
      "Microsoft.Network/virtualNetworks/subnets/read",
    ],
  },
  {
    page: "permissions/management-and-governance.md",
    readOn,
    operations: [
      "Microsoft.Authorization/permissions/read",
      "Microsoft.Management/managementGroups/read",
      "Microsoft.ResourceGraph/resources/read",
      "Microsoft.Resources/subscriptions/read",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
    ],
  },
  {
    page: "permissions/monitor.md",
    readOn,
    operations: ["Microsoft.Insights/eventtypes/values/Read"],
  },
];

/** Wildcards that stand for no operation of today's, and that Microsoft's own roles for JIT name all the same. */
export const WILDCARDS: readonly (Omit<Page, "operations" | "commit"> & { action: string })[] = [
  {
    action: "Microsoft.Security/locations/jitNetworkAccessPolicies/*/read",
    page: "defender-for-cloud/just-in-time-access-overview, and Set-JitLeastPrivilegedRole.ps1 of Azure/Azure-Security-Center",
    readOn,
  },
];
