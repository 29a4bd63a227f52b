// Leases: what only one replica at a time may do.

import type { RequestId, VmKey } from "../../domain/text/ids.ts";

declare const brand: unique symbol;
/** What the lease is about. */
export type LeaseName = string & { readonly [brand]: "LeaseName" };

/** Asking Azure about a VM: its JIT policy takes one call at a time. */
export const vmLease = (vm: VmKey): LeaseName => vm as string as LeaseName;
/** Extending a request: two that come together must not both find that there is no other one yet. */
export const extensionLease = (id: RequestId): LeaseName => `extension of ${id}` as LeaseName;
/** Applying a change of JIT policies. */
export const changeLease = (id: string): LeaseName => `change:${id}` as LeaseName;
/** Writing a JIT policy. */
export const policyLease = (policyId: string): LeaseName =>
  `policy:${policyId.toLowerCase()}` as LeaseName;
/** Looking whether people have left. */
export const SWEEP_LEASE = "sweep of those who have left" as LeaseName;

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Leases = {
  /**
   * Keeps others from it for `leaseMs`, by the store's clock; the same owner may take it again. False: somebody
   * else holds it. An owner `<replica>@<task>` holds it no longer than its replica lives.
   */
  take(what: LeaseName, owner: string, leaseMs: number): Promise<boolean>;
  /** As take, but only if the owner has held it all the time: nobody else can have acted meanwhile. */
  renew(what: LeaseName, owner: string, leaseMs: number): Promise<boolean>;
  /** Another owner's stays. */
  give(what: LeaseName, owner: string): Promise<void>;
};
