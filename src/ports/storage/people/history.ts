// What the store knows around a request: what its requester asked for before, and who has access now.

import type { AuditEntry } from "../../../domain/audit/audit-entry.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { RequestId, UserId, VmKey } from "../../../domain/text/ids.ts";

export type Around = {
  readonly nowMs: number;
  /**
   * The audit entries that tell how each of the person's requests for VMs of this name began and ended, since
   * then, in order. `undefined`: not all of them can be found yet.
   */
  readonly past: { readonly entries: readonly AuditEntry[]; readonly sinceMs: number } | undefined;
  /** The person's live requests. */
  readonly own: readonly RequestId[];
  /** Other people's live requests for this VM; of very many, some. */
  readonly inside: readonly AccessRequest[];
  /** The last two entries that say that the policy file was loaded, in order; of a first start there is one. */
  readonly policyLoads: readonly AuditEntry[];
};

/** Every method throws a retryable `Fault` from `redis` where Redis cannot be reached in time. */
export type History = {
  /** Reads at most some hundred entries, however long the audit is. */
  around(of: { readonly requester: UserId; readonly vm: VmKey }, sinceMs: number): Promise<Around>;
  /**
   * Makes some more entries from before findable, back to `sinceMs`; and forgets some that were deleted. Answers
   * whether there is more to do. Any number of replicas may do it at once, and again.
   */
  catchUp(sinceMs: number): Promise<boolean>;
};
