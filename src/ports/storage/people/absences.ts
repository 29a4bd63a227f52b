// Where it is kept who is away, until when, and who decides for them.

import type { AuditNote } from "../../../domain/request/moved.ts";
import type { Away } from "../../../domain/rules/delegation.ts";
import type { UserId } from "../../../domain/text/ids.ts";

/** Every method throws a retryable `Fault` from `redis` where Redis cannot be reached in time. */
export type Absences = {
  /** Who is away now, by the store's clock: what is over is not told, whether or not anybody took it away. */
  now(): Promise<{ readonly nowMs: number; readonly away: readonly Away[] }>;
  /** Keeps it in place of what the person said before, with its audit entry; they are away from now on. */
  set(
    away: Omit<Away, "sinceMs">,
    note: AuditNote,
    delivery: string,
  ): Promise<"written" | "repeated">;
  /** They are back; `not-away`: they were not, and nothing is written. */
  end(
    user: UserId,
    note: AuditNote,
    delivery: string,
  ): Promise<"written" | "not-away" | "repeated">;
};
