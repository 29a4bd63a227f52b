// One call of Slack's Web API: its errors become faults, its answer is decoded before it is believed.

import type { z } from "zod";
import { Fault } from "../../../ports/fault.ts";
import { slackFault } from "./slack-client.ts";

/**
 * Answers what the call answered, as `schema` reads it. Throws a `Fault`; an answer of another shape
 * is one, too, and ambiguous, for what was asked may have been done.
 */
export async function decoded<T>(schema: z.ZodType<T>, answering: Promise<unknown>): Promise<T> {
  const answer = await answering.catch((thrown: unknown) => {
    throw slackFault(thrown);
  });
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  throw new Fault({
    source: "slack",
    code: "unreadable_answer",
    message: "Slack's answer wasn't of the form that it documents",
    retryable: true,
    ambiguous: true,
    cause: read.error,
  });
}
