// What the lead of a batch tells people of its other requests: what they would have been told of each alone. Pure.

import { CALLS_APPROVERS } from "../batch/waiting.ts";
import type { Step, StepKind } from "../document/step.ts";
import type { AccessRequest } from "../request.ts";
import { callsRequester } from "./live-message.ts";

/** Of what happened to one of several VMs, people are told beside the card that shows it. */
const TOLD: ReadonlySet<StepKind> = new Set([
  "left",
  "recovered",
  "approved",
  "denied",
  "cancelled",
  "lapsed",
  "ready",
  "ready-reminded",
  "held-up",
  "not-opened",
  "watched",
  "open",
  "failed",
  "not-ended",
  "warning-missed",
  "ended",
  "still-open",
  "closed-late",
  "parked",
]);

/** The steps that the lead is to tell in its place. */
export const stepsForLead = (request: AccessRequest): readonly Step[] =>
  request.steps.filter(
    (step) =>
      CALLS_APPROVERS.has(step.what) || (TOLD.has(step.what) && callsRequester(request, step)),
  );
