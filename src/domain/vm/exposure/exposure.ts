// What is known of a VM's network and of its live requests, and what a judgement of it finds amiss.

import type { SecurityGroup } from "./security-group.ts";

/** A private address of a VM, and what guards it: its subnet's group and its interface's. */
export type GuardedAddress = {
  readonly address: string;
  /** The application security groups that it is in, in lower case. */
  readonly groups: readonly string[];
  readonly guards: readonly SecurityGroup[];
  /** Names of groups that guard it, too, and that can't be seen. */
  readonly unseen: readonly string[];
};

/** A port that JIT is to keep closed. `protocol` as the JIT policy has it: TCP, UDP or `*`. */
export type JitGuardedPort = { readonly number: number; readonly protocol: string };

/** What a live JIT request opened. `source`: an address, a CIDR or `*`; empty: Azure doesn't say. */
export type LivePort = { readonly port: number; readonly source: string };

export type ExposingRule = {
  readonly rule: string;
  readonly nsg: string;
  /** `jit`: an allow rule of JIT's own that no live request accounts for. */
  readonly whose: "own" | "jit" | "default";
};

export type Exposure = {
  readonly ports: readonly number[];
  /** Of the protocols that JIT guards. */
  readonly protocol: "TCP" | "UDP" | "*";
  /** The VM's private address. */
  readonly address: string;
  /** `*`, service tags, application security groups, addresses and networks. */
  readonly from: readonly string[];
  /** One rule of each guard. Empty: no network security group guards the address. */
  readonly by: readonly ExposingRule[];
};

/** What is amiss in a VM's network, as far as JIT goes. */
export type NetworkFindings = {
  readonly exposures: readonly Exposure[];
  /** Ports for which JIT's own deny rule is missing, open or not. */
  readonly denyMissing: readonly number[];
  /** Network security groups that can't be seen, and on which it depends whether ports are exposed. */
  readonly unseen: readonly string[];
};

export type Transport = "tcp" | "udp";

export type JudgedVm = {
  readonly addresses: readonly GuardedAddress[];
  readonly ports: readonly JitGuardedPort[];
  readonly live: readonly LivePort[];
  /** An Azure Firewall's rules are JIT's as well: then a VM needs no network security group. */
  readonly isBehindFirewall: boolean;
};

/** `undefined` where nothing is amiss, as it is with nearly all VMs. */
export type Judge = (vm: JudgedVm) => NetworkFindings | undefined;
