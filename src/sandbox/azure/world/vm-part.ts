// A VM as a simulated Azure is told to have one, and where it stands.

import type { NsgRule, Opening, Vm } from "./azure-estate.ts";

export type Place = { resourceGroup?: string; subscription?: string; location?: string };

export type VmPart = Place & {
  name: string;
  os?: "linux" | "windows";
  tags?: Record<string, string>;
  /** Made up if left out. */
  privateIp?: string;
  /** `true`: made up. */
  publicIp?: string | true;
  nsg?: "nic" | "subnet" | "both" | "none";
  power?: Vm["power"];
  /** Behind an Azure Firewall with classic rules, or with a firewall policy's; another text is its public address. */
  firewall?: string | true | "policy";
  opensAfterMs?: Opening;
  needsWrite?: boolean;
  /** Further addresses of its interface, IPv6 among them. */
  moreIps?: string[];
  /** Application security groups by name. */
  asgs?: string[];
  /** Further interfaces, each with an NSG of its own or none. */
  moreNics?: { privateIp: string; guarded: boolean }[];
  /** The scale set that it is in, by name: made beside it, in Flexible orchestration. */
  scaleSet?: string;
  /** Rules of somebody else's in its NSG. */
  nsgRules?: NsgRule[];
};
