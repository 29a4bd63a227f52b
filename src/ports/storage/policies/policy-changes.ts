// Where changes of JIT policies are kept while they are previewed and applied.

import type { Change } from "../../../domain/policies/policy-change.ts";
import type { AuditNote } from "../../../domain/request/moved.ts";
import type { Write } from "../requests.ts";

export type StoredChange = { readonly change: Change; readonly version: number };

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Changes = {
  read(id: string): Promise<StoredChange | undefined>;
  /**
   * Writes the change with its audit entries and notices in one step, if the stored version is still
   * `version` (0: there is none yet). Answers the new version, `undefined`: somebody else wrote in between.
   */
  commit(
    version: number,
    write: {
      readonly change: Change;
      readonly audit?: readonly AuditNote[];
      readonly notices?: Write["notices"];
    },
  ): Promise<number | undefined>;
  /** Those that are being applied, or of which the outcome hasn't been told; the longest known first. */
  unfinished(): Promise<readonly string[]>;
};
