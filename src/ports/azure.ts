// What the bot needs from Azure: a snapshot of the VMs, and JIT policies read and asked.

import type { ClaimedOpening } from "../domain/request/recovered.ts";
import type { VmKey } from "../domain/text/ids.ts";
import type { ActivityEvent } from "../domain/vm/activity-log/activity-event.ts";
import type { JitPolicy, JitVmPolicy, Vm } from "../domain/vm/vm.ts";

/** All VMs and JIT policies that the identity can read, as of `atMs`. Never changed once made. */
export type InventorySnapshot = {
  readonly atMs: number;
  readonly vms: ReadonlyMap<VmKey, Vm>;
  /** What JIT policies allow on a VM, in the order of the policies' ids. */
  readonly vmPolicies: ReadonlyMap<VmKey, readonly JitVmPolicy[]>;
  /** Subscriptions that couldn't be read. What was known of them before is still in the snapshot. */
  readonly unread: readonly Unread[];
  /**
   * What stands open with an id of the bot's in its justification; left out where another replica read
   * this snapshot, and so looked at them.
   */
  readonly claimed?: readonly ClaimedOpening[];
};

export type Unread = {
  readonly subscriptionId: string;
  /** Azure's words. */
  readonly fault: string;
  /** Not even its VMs are seen any more, since then: they stay until that is certain. */
  readonly goneSinceMs?: number;
};

/** A VM as Azure shows it now: all that rules match by, and whether it runs. */
export type VmNow = Pick<
  Vm,
  "key" | "id" | "name" | "resourceGroup" | "subscriptionId" | "location" | "tags" | "os" | "power"
>;

export type OpenPorts = {
  readonly jitPolicyId: string;
  readonly vmId: string;
  readonly ports: readonly {
    readonly number: number;
    readonly endsAtMs: number;
    /** Always sent: Azure would take the bot's own address instead. */
    readonly source: string;
  }[];
  /** Begins with the request's id. */
  readonly justification: string;
  /** Sent as `x-ms-client-request-id`, so that the Activity Log's entry can be told from others'. */
  readonly clientRequestId: string;
};

/** Doors of one VM that are open for one source. */
export type RulesOf = {
  readonly vmId: string;
  readonly ports: readonly number[];
  readonly source: string;
};

/** A temporary rule of JIT's own in a network security group, by which a source comes in. */
export type OpenRule = {
  readonly id: string;
  /** Those of the ports asked for that it opens. */
  readonly ports: readonly number[];
  /** It opens nothing but these doors: to delete it shuts nobody else's. */
  readonly alone: boolean;
};

/** A write of a whole JIT policy. */
type PolicyWrite = {
  readonly jitPolicyId: string;
  readonly clientRequestId: string;
};

/** Every method that goes to Azure has a time-out and throws a `Fault` from `azure`. */
export type Azure = {
  /** The newest snapshot; empty (`atMs` 0) until the first reading succeeded. Answers from memory. */
  snapshot(): InventorySnapshot;
  /** Reads everything again, or waits for the reading that is under way. */
  refresh(): Promise<InventorySnapshot>;
  /** The object id by which Azure's logs name the bot, lower case; `undefined`: not known. From memory. */
  principal(): string | undefined;
  /** Reads one VM afresh, for a decision. `undefined`: there is no such VM any more. */
  readVm(vmId: string): Promise<VmNow | undefined>;
  /** Reads one policy afresh. `undefined`: there is no such policy any more. */
  readPolicy(jitPolicyId: string, vm?: VmKey): Promise<JitPolicy | undefined>;
  /** Reads one policy as Azure's own JSON, to be written back. `undefined`: there is no such policy. */
  readRawPolicy(jitPolicyId: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** Replaces the whole policy, or makes it. Exactly one attempt; there is no ETag, and the last one wins. */
  writePolicy(
    write: PolicyWrite & { readonly body: Readonly<Record<string, unknown>> },
  ): Promise<void>;
  /** Resolves where there was none, too. Exactly one attempt. */
  deletePolicy(write: PolicyWrite): Promise<void>;
  /** Asks Azure to open ports. Resolves when Azure accepted (202), which doesn't prove that they are open. */
  open(ask: OpenPorts): Promise<void>;
  /** The rules that keep doors open now, on the VM's interfaces and subnets. A VM without NSG is a fault. */
  openRules(of: RulesOf): Promise<readonly OpenRule[]>;
  /** Resolves when Azure accepted, or has no such rule: the rule may be seen for some seconds more. */
  deleteRule(ruleId: string): Promise<void>;
  /**
   * What the Activity Log shows that was done to JIT policies of a subscription, by whomever, in no order.
   * Azure shows it minutes later.
   */
  activity(
    subscriptionId: string,
    period: { readonly fromMs: number; readonly untilMs: number },
  ): Promise<readonly ActivityEvent[]>;
  /** Azure's clock less ours, from its last `Date` header; `undefined`: never heard. */
  skewMs(): number | undefined;
};
