// What told the requester that something is Ready: once it isn't any more, the message is edited to say so.

import type { EndMessage } from "../document/sent-messages.ts";
import type { Step, StepKind } from "../document/step.ts";
import type { AccessRequest } from "../request.ts";

const OF_READINESS: ReadonlySet<StepKind> = new Set([
  "ready",
  "ready-reminded",
  "frozen",
  "held-up",
]);

export const tellsOfReadiness = (steps: readonly Step[]): boolean =>
  steps.some(({ what }) => OF_READINESS.has(what));

/** The request itself, or one that it leads. */
export const isAnyReady = ({ state, batch }: AccessRequest): boolean =>
  state === "ready" ||
  (batch?.role === "lead" && batch.members.some((member) => member.state === "ready"));

/** As long as it's Ready, the live message above shows what changes. */
export const isOutOfDate = (
  request: AccessRequest,
  { steps, shown }: Pick<EndMessage, "steps" | "shown">,
): boolean => shown < request.revision && !(tellsOfReadiness(steps) && isAnyReady(request));
