// Which actions the bot's Azure identity needs, what each is for, and whether some permissions allow it.

import type { Policy } from "../rules/policy.ts";

/** As Azure lists them: https://learn.microsoft.com/rest/api/authorization/permissions */
export type Permission = {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
};

export type Right = {
  readonly action: string;
  /** Without it this doesn't work. */
  readonly for: string;
  /** Without a needed one the bot doesn't do what it is set up for. */
  readonly needed: boolean;
};

const JIT = "Microsoft.Security/locations/jitNetworkAccessPolicies";
const NETWORK = "Microsoft.Network";
const NSG = `${NETWORK}/networkSecurityGroups`;

const right = (action: string, why: string, needed = false): Right => ({
  action,
  for: why,
  needed,
});

/** Microsoft asks for these of anyone who requests access, whatever it uses them for. */
const ASKED = "Microsoft requires it of anyone who requests access";

/**
 * For whatever the policy file says: the JIT page's list for anyone who requests access, and what the way
 * in is told by. Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage
 */
export const RIGHTS: readonly Right[] = [
  right(`${JIT}/read`, "reading JIT policies", true),
  right(`${JIT}/initiate/action`, "opening ports", true),
  right("Microsoft.Compute/virtualMachines/read", "listing VMs", true),
  right("Microsoft.ResourceGraph/resources/read", "querying VMs and their network"),
  right("Microsoft.Resources/subscriptions/read", "reading the subscription", true),
  right("Microsoft.Resources/subscriptions/resourceGroups/read", "reading resource groups"),
  right(`${JIT}/*/read`, ASKED),
  right("Microsoft.Security/policies/read", ASKED),
  right("Microsoft.Security/pricings/read", "reading the Defender plan"),
  right("Microsoft.Compute/virtualMachines/instanceView/read", "showing whether a VM is running"),
  right(`${NETWORK}/networkInterfaces/read`, "connection details: a VM's addresses"),
  right(`${NETWORK}/publicIPAddresses/read`, "connection details: public addresses"),
  right(`${NETWORK}/azureFirewalls/read`, "connection details: the port that a firewall maps"),
  right(`${NETWORK}/bastionHosts/read`, "detecting a Bastion"),
  right(`${NSG}/read`, "detecting which VMs JIT can protect"),
  right(`${NSG}/securityRules/read`, "finding rules that bypass JIT"),
  right(`${NETWORK}/virtualNetworks/read`, ASKED),
  right(`${NETWORK}/virtualNetworks/subnets/read`, "finding the security groups of subnets"),
  right("Microsoft.Authorization/permissions/read", "checking the identity's own permissions"),
];

/** Where `watch` is on. */
export const WATCHING: readonly Right[] = [
  right("Microsoft.Insights/eventtypes/values/read", "following the Activity Log: watch is on"),
];

/** Where the policy file names management groups. */
export const GROUPING: readonly Right[] = [
  right(
    "Microsoft.Management/managementGroups/read",
    "listing subscriptions under management groups",
  ),
];

/** Where `endEarly` is `nsg-rule`. */
export const CLOSING: readonly Right[] = [
  right(
    `${NSG}/securityRules/delete`,
    "ending early by deleting the rule: endEarly is nsg-rule",
    true,
  ),
];

/** Nobody gets in by these, and a bot that only opens does better without them. */
export const ENABLING: readonly Right[] = [
  right(`${JIT}/write`, "needed for /jit enable only"),
  right(`${JIT}/delete`, "needed for /jit disable only"),
  right("Microsoft.Compute/virtualMachines/write", "needed for /jit enable only"),
];

/** What the bot needs to do what this policy file says; without one, what any would need. */
export const rightsFor = (
  policy: Pick<Policy, "endEarly" | "watch" | "azure"> | undefined,
): readonly Right[] => [
  ...RIGHTS,
  ...(policy?.watch === undefined ? [] : WATCHING),
  ...(policy === undefined || policy.azure.managementGroups.length === 0 ? [] : GROUPING),
  ...(policy?.endEarly === "nsg-rule" ? CLOSING : []),
  ...ENABLING,
];

/** As Azure decides: some permission allows it by its actions and doesn't take it back itself. */
export const isAllowed = (permissions: readonly Permission[], action: string): boolean =>
  permissions.some(
    ({ actions, notActions }) =>
      actions.some((one) => covers(one, action)) && !notActions.some((one) => covers(one, action)),
  );

/** `*` stands for anything, slashes included; letters in any case. */
function covers(pattern: string, action: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "i").test(action);
}

/**
 * What lists all of a subscription's JIT policies where Azure asks for more than reading those of a region:
 * no operation of its own is known, and a role that names one that Azure doesn't have is refused.
 */
export const LISTING_AT_ONCE = "Microsoft.Security/*/read";

export const missing = (
  permissions: readonly Permission[],
  rights: readonly Right[],
): readonly Right[] => rights.filter(({ action }) => !isAllowed(permissions, action));
