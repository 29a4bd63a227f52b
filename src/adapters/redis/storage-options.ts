// What everything that is kept in Redis needs to know: whose it is, and how tests move its clock.

import type { WriterOptions } from "./audit/new-entries.ts";
import type { ConfirmPrimary } from "./connection/primary.ts";

export type RedisStorageOptions = WriterOptions & {
  /** Slack's id of the workspace. Tenants share a Redis without seeing each other. */
  readonly tenant: string;
  /** Added to Redis's clock: for tests, which move it instead of sleeping. */
  readonly clockOffsetMs?: () => number;
  /** How many replicas must have a write before it counts as kept; left out: none. */
  readonly waitReplicas?: number;
  /** Left out: the server that is connected to is taken for the primary. */
  readonly confirmPrimary?: ConfirmPrimary;
};
