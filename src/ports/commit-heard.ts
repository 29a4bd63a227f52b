// What was committed, for those who go by it: the counters, the home tab, the workers.

import type { AuditNote } from "../domain/request/moved.ts";
import type { AccessRequest } from "../domain/request/request.ts";
import type { Log } from "./log.ts";

export type CommitHeard = {
  /** As it is stored now; left out: the entries are about no request that was written. */
  readonly request?: AccessRequest;
  /** Of the request as it is stored now. */
  readonly version?: number;
  /** As it was before the step; left out: it is new. */
  readonly before?: AccessRequest;
  /** The entries that were written to the audit in the same step. */
  readonly audit: readonly AuditNote[];
  /** Something may be due by it: the workers look at once. A worker that wrote it goes on by itself. */
  readonly isDue?: boolean;
};

/** Called after the step, once for each; it neither throws nor keeps anybody waiting. */
export type OnCommitted = (heard: CommitHeard) => void;

/** Whatever goes wrong in hearing: what is committed stays committed, and isn't taken for failed. */
export const heardSafely =
  (hear: OnCommitted, log: Pick<Log, "error">): OnCommitted =>
  (heard) => {
    try {
      hear(heard);
    } catch (thrown) {
      log.error({ err: thrown }, "what was committed couldn't be made heard");
    }
  };
