// What told the requester of something that passes: that it's Ready, or that a question waits for their answer. Once
// it isn't so any more, the message is edited to say so.

import type { Question } from "../../talk/talk.ts";
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

export const asksSomething = (steps: readonly Step[]): boolean =>
  steps.some(({ what }) => what === "questioned");

/** They would act on it. */
export const tellsOfWhatPasses = (steps: readonly Step[]): boolean =>
  tellsOfReadiness(steps) || asksSomething(steps);

/** The request itself, or one that it leads. */
export const isAnyReady = ({ state, batch }: AccessRequest): boolean =>
  state === "ready" ||
  (batch?.role === "lead" && batch.members.some((member) => member.state === "ready"));

/** The question of a step. */
export const questionOf = (
  { questions }: AccessRequest,
  { by, atMs }: Step,
): Question | undefined => questions?.find((one) => one.by === by && one.atMs === atMs);

/** Whether one of what these steps ask still waits for its answer. */
export const isAnswerable = (request: AccessRequest, steps: readonly Step[]): boolean =>
  request.state === "pending" &&
  steps.some((step) => {
    const question = step.what === "questioned" ? questionOf(request, step) : undefined;
    return question !== undefined && question.answer === undefined;
  });

/** Whether it may still pass. */
export const isStillSo = (request: AccessRequest, steps: readonly Step[]): boolean =>
  (tellsOfReadiness(steps) && isAnyReady(request)) || isAnswerable(request, steps);

/**
 * As long as it's so, the live message above shows what changes. Of several questions in one message, each has its
 * own button: it is edited as they are answered.
 */
export const isOutOfDate = (
  request: AccessRequest,
  { steps, shown }: Pick<EndMessage, "steps" | "shown">,
): boolean => shown < request.revision && !(isStillSo(request, steps) && !asksMany(steps));

const asksMany = (steps: readonly Step[]): boolean =>
  steps.filter(({ what }) => what === "questioned").length > 1;
