// Where it is kept that access is frozen: asked in the very step that stores that Azure is about to be asked.

import type { Freeze } from "../../../domain/rules/freeze.ts";
import type { RequestId, UserId } from "../../../domain/text/ids.ts";
import type { Write } from "../requests.ts";

export type Underway = { readonly id: RequestId; readonly sentAtMs: number };

type With = Required<Pick<Write, "audit" | "notices">> & { readonly delivery: string };

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Freezes = {
  /** `undefined`: access isn't frozen. */
  now(): Promise<Freeze | undefined>;
  /**
   * From here on no `commit` that opens succeeds, on any replica, but those that a freeze doesn't hold. `already`:
   * it was frozen before, and stays so as it was.
   */
  set(
    freeze: { readonly by: UserId; readonly reason: string },
    write: With,
  ): Promise<"frozen" | "already" | "repeated">;
  lift(write: With): Promise<"lifted" | "not-frozen" | "repeated">;
  /** Those that Azure was asked to open, and that weren't seen open yet. */
  underway(): Promise<readonly Underway[]>;
};
