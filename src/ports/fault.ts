// A fault: the world (Redis, Slack, Azure, who gets the audit's copy) didn't do its part. Thrown by adapters, translated once there.

import type { FaultNote } from "../domain/request/grant.ts";
import { redacted } from "../domain/text/redacted.ts";

export type FaultSource = "redis" | "slack" | "azure" | "receiver" | "rota";

export type FaultOptions = {
  readonly source: FaultSource;
  /** The service's own code, e.g. `AuthorizationFailed`, `not_in_channel`, `ETIMEDOUT`. */
  readonly code: string;
  /** The service's own message; kept bounded and without secrets. */
  readonly message: string;
  /** Trying again later may help. */
  readonly retryable: boolean;
  /** The service may have acted although it didn't answer: a time-out, a reset, a 5xx. */
  readonly ambiguous?: boolean;
  /** How long the service asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
};

export class Fault extends Error {
  override readonly name = "Fault";
  readonly source: FaultSource;
  readonly code: string;
  readonly retryable: boolean;
  readonly ambiguous: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(options: FaultOptions) {
    // Services quote what they were sent.
    super(redacted(options.message).slice(0, 1_000), { cause: options.cause });
    this.source = options.source;
    this.code = redacted(options.code).slice(0, 100);
    this.retryable = options.retryable;
    this.ambiguous = options.ambiguous ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export const isFault = (thrown: unknown): thrown is Fault => thrown instanceof Fault;

/** What people are shown of a fault: the service's own code and message. */
export const noteOf = (fault: Fault): FaultNote => ({ code: fault.code, message: fault.message });
