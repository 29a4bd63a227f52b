// A virtual machine and the JIT policies that cover it, as the rules see them.

import type { VmKey } from "../text/ids.ts";
import type { NetworkFindings } from "./exposure/exposure.ts";

export type Vm = {
  readonly key: VmKey;
  /** The resource id as Azure spells it. */
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly os: "linux" | "windows" | undefined;
  /** As Azure says it, e.g. `PowerState/running`. */
  readonly power: string | undefined;
  readonly privateAddresses: readonly string[];
  readonly publicAddresses: readonly string[];
  /** Behind a network security group, on its NIC or its subnet; `undefined`: not known. */
  readonly hasNsg: boolean | undefined;
  /** Of the classic deployment model; left out for all others. */
  readonly classic?: true;
  /** No VM, but a scale set in Uniform orchestration, which stands for its VMs; left out for all others. */
  readonly uniform?: true;
  /** Where the Azure Firewall of its virtual network has its rules; left out where none can be seen. */
  readonly firewall?: "classic-rules" | "policy";
  /** An Azure Bastion serves its virtual network; left out where none does, or none can be seen. */
  readonly hasBastion?: true;
  /** Where its network lets in in spite of its JIT policies; left out where nothing is amiss. */
  readonly network?: NetworkFindings;
};

/** What a JIT policy allows on one port of one VM. */
export type JitPort = {
  readonly number: number;
  readonly protocol: string;
  /** IPv4 addresses or CIDRs, or `*` for any. */
  readonly sources: readonly string[];
  /** 0 where it can't be read. */
  readonly maxDurationMs: number;
  /** What of the port can't be read, and so allows nothing; left out where all of it can be. */
  readonly unreadable?: readonly string[];
};

/** One VM's part of one JIT policy. */
export type JitVmPolicy = {
  /** The policy's resource id as Azure spells it. */
  readonly policyId: string;
  readonly vm: VmKey;
  readonly ports: readonly JitPort[];
  /** Where to connect to when an Azure Firewall stands before the VM. */
  readonly firewallAddress: string | undefined;
  /** What of it can't be read, its ports' included; left out where all of it can be. */
  readonly unreadable?: readonly string[];
};

/** The source of an entry for which Azure names none, or one that can't be read. */
export const NO_SOURCE = "";

/** One port of one entry of a JIT policy's `requests[]`. */
export type JitEntry = {
  /** The entry's place in the list: those of one request share it; left out where that doesn't matter. */
  readonly nth?: number;
  readonly vm: VmKey;
  readonly port: number;
  /** `NO_SOURCE` where there is none. */
  readonly source: string;
  readonly endsAtMs: number;
  readonly startedAtMs: number;
  /** `Initiating`, `Initiated`, `Revoked`, or whatever else Azure says. */
  readonly status: string;
  readonly statusReason: string;
  readonly requestor: string;
  readonly justification: string;
  /** The port to connect to on an Azure Firewall. */
  readonly mappedPort: number | undefined;
};

/** A JIT policy read from Azure. */
export type JitPolicy = {
  readonly id: string;
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly entries: readonly JitEntry[];
};

/** Azure compares tag names without regard to case. */
export function tagOf(vm: Vm, name: string): string | undefined {
  if (Object.hasOwn(vm.tags, name)) return vm.tags[name];
  const wanted = name.toLowerCase();
  return Object.entries(vm.tags).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
