// Firewalls and subnets, as Resource Graph and the network provider show them.

import type { Firewall, Subnet } from "./world/azure-estate.ts";

export const firewallProperties = (firewall: Firewall): Record<string, unknown> => ({
  provisioningState: "Succeeded",
  sku: { name: "AZFW_VNet", tier: "Standard" },
  // Classic rules are kept here; a firewall with `firewallPolicy` has none.
  ...(firewall.policyId !== undefined && { firewallPolicy: { id: firewall.policyId } }),
  natRuleCollections: [],
  networkRuleCollections: [],
  applicationRuleCollections: [],
  ipConfigurations: [
    {
      id: firewall.publicIp.ofId,
      name: "ipconfig1",
      properties: {
        subnet: { id: firewall.subnetId },
        publicIPAddress: { id: firewall.publicIp.id },
      },
    },
  ],
});

/** A subnet, as its network and the network provider show it. */
export function subnetBody({ id, name, prefix, nsg }: Subnet): Record<string, unknown> {
  return {
    id,
    name,
    properties: {
      provisioningState: "Succeeded",
      addressPrefix: prefix,
      ...(nsg && { networkSecurityGroup: { id: nsg.id } }),
    },
  };
}
