// Where it is kept what is being ended at once, until all of it is told.

import type { EndAll } from "../../../domain/brake/end-all.ts";
import type { AuditNote } from "../../../domain/request/moved.ts";
import type { Write } from "../requests.ts";

export type StoredEndAll = { readonly endAll: EndAll; readonly version: number };

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type EndAlls = {
  read(id: string): Promise<StoredEndAll | undefined>;
  /** Writes it with its audit entries and notices, as a change of JIT policies is written. */
  commit(
    version: number,
    write: {
      readonly endAll: EndAll;
      readonly audit?: readonly AuditNote[];
      readonly notices?: Write["notices"];
    },
  ): Promise<number | undefined>;
  /** Those that are under way, or of which the outcome hasn't been told; the longest known first. */
  unfinished(): Promise<readonly string[]>;
};
