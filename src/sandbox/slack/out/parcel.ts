// What Slack sends to an app, and what is noted about each sending.

import type { Json } from "../json.ts";

export type Parcel = {
  kind: "command" | "interactive" | "options" | "event";
  payload: Json;
};

/** Sent again because the first sending wasn't answered. */
export type Retry = { num: number; reason: string };

export type DeliveryOptions = {
  /** How many further times the very same signed bytes (or envelope) are sent; default 0. */
  duplicate?: number | undefined;
  /** Whether the copies go out with the first or after its answer; default together. */
  duplicateWhen?: "together" | "after" | undefined;
  badSignature?: boolean | undefined;
  /** Shifts the signed timestamp: negative for stale, positive for the future. */
  timestampOffsetSeconds?: number | undefined;
};

/** Slack's own words for what went wrong with a sending. */
export type Failure =
  | "operation_timeout"
  | "dispatch_failed"
  | "http_client_error"
  | "http_service_error";

/** One sending and how it was answered. */
export type Delivery = {
  atMs: number;
  kind: Parcel["kind"];
  /** The command, or the type of the interaction or event. */
  type: string;
  /** What was sent. */
  payload: Json;
  over: "http" | "socket";
  /** 0 for the first sending, 1–3 for retries. */
  retry: number;
  /** 0 for the first, 1 and up for duplicates. */
  copy: number;
  /** Over HTTP, if there was an answer. */
  status?: number;
  /** The acknowledgement: JSON where it was JSON, otherwise text; undefined where it was empty. */
  body?: unknown;
  /** Real milliseconds until the acknowledgement, or until Slack gave up. */
  tookMs: number;
  failure?: Failure;
  /** Whether the answer forbade retries (X-Slack-No-Retry). */
  noRetry: boolean;
};

/** An answer before it is noted down. */
export type Answer = Pick<Delivery, "status" | "body" | "tookMs" | "failure" | "noRetry">;
