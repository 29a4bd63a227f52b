// Which actions the bot's Azure identity needs, what each is for, and whether some permissions allow it.

/** As Azure lists them: https://learn.microsoft.com/rest/api/authorization/permissions */
export type Permission = {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
};

export type Right = {
  readonly action: string;
  /** Without it this does not work. */
  readonly for: string;
  /** Without a needed one nobody gets in. */
  readonly needed: boolean;
};

const JIT = "Microsoft.Security/locations/jitNetworkAccessPolicies";
const NETWORK = "Microsoft.Network";

const right = (action: string, why: string, needed = false): Right => ({
  action,
  for: why,
  needed,
});

/** Source: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage */
export const RIGHTS: readonly Right[] = [
  right(`${JIT}/read`, "reading JIT policies", true),
  right(`${JIT}/initiate/action`, "opening ports", true),
  right("Microsoft.Compute/virtualMachines/read", "seeing VMs", true),
  right("Microsoft.Resources/subscriptions/read", "seeing the subscription", true),
  right("Microsoft.Security/pricings/read", "telling the Defender plan"),
  right(`${NETWORK}/networkInterfaces/read`, "the way in: a VM's addresses"),
  right(`${NETWORK}/publicIPAddresses/read`, "the way in: public addresses"),
  right(`${NETWORK}/networkSecurityGroups/read`, "telling which VMs JIT can protect"),
  right(`${NETWORK}/networkSecurityGroups/securityRules/read`, "seeing rules that open past JIT"),
  right(`${NETWORK}/virtualNetworks/subnets/read`, "seeing groups that guard a subnet"),
  right(`${NETWORK}/bastionHosts/read`, "the hint that a Bastion is there"),
  right("Microsoft.Insights/eventtypes/values/read", "following the Activity Log"),
];

/** For `endEarly: nsg-rule`. */
export const CLOSING_RIGHT = right(
  `${NETWORK}/networkSecurityGroups/securityRules/delete`,
  "ending early by deleting the rule (endEarly: nsg-rule)",
);

/** As Azure decides: some permission allows it by its actions and does not take it back itself. */
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

export const missing = (
  permissions: readonly Permission[],
  rights: readonly Right[],
): readonly Right[] => rights.filter(({ action }) => !isAllowed(permissions, action));
