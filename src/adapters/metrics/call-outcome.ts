// What came of a call to a service.

/**
 * `refused`: the service said no; `limited`: it asked for less; `failed`: its own fault; `unanswered`: no
 * answer came.
 */
export type Outcome = "ok" | "refused" | "limited" | "failed" | "unanswered";

/** By the HTTP status of the answer; `undefined`: there was none. */
export function outcomeOf(status: number | undefined): Outcome {
  if (status === undefined) return "unanswered";
  if (status === 429) return "limited";
  if (status >= 500) return "failed";
  return status >= 400 ? "refused" : "ok";
}
