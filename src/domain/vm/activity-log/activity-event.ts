// What the Activity Log says of one event, as far as it matters here.

/** Access was opened through a policy, a policy was written (made or changed), or deleted. */
export type ActivityKind = "opened" | "written" | "deleted";

/** One event as Azure tells it; the same call makes several. What isn't told is empty. */
export type ActivityEvent = {
  readonly atMs: number;
  readonly kind: ActivityKind;
  /** The policy's resource id as Azure spells it here. */
  readonly policyId: string;
  /** Azure's `eventDataId`: no other event has it. */
  readonly eventId: string;
  /** The caller's to choose, as the client request id is: neither tells anything by itself. */
  readonly correlationId: string;
  /** The caller: a person's name, or the id of an application. */
  readonly caller: string;
  /** What the caller sent as `x-ms-client-request-id`. */
  readonly clientRequestId: string;
  /** `Started`, `Accepted`, `Succeeded`, `Failed`, or whatever else Azure says. */
  readonly status: string;
};
