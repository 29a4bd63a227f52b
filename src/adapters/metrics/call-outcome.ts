// What came of a call to a service.

import type { CallOutcome } from "../../ports/metrics/call.ts";

/** By the HTTP status of the answer; `undefined`: there was none. */
export function outcomeOf(status: number | undefined): CallOutcome {
  if (status === undefined) return "unanswered";
  if (status === 429) return "limited";
  if (status >= 500) return "failed";
  return status >= 400 ? "refused" : "ok";
}
