// Whether a request was signed by Slack, lately: https://docs.slack.dev/authentication/verifying-requests-from-slack

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Slack's own advice against replays. */
const STALE_AFTER_SECONDS = 300;
/** What clocks may differ; Bolt alone would take a request from tomorrow, to be replayed all day. */
const AHEAD_SECONDS_MAX = 60;

export type Stamp = {
  readonly timestamp: string;
  /** 64 lower-case hexadecimal digits. */
  readonly signature: string;
};

export type Unsigned = "missing" | "malformed" | "stale" | "future";

/** Reads the two headers, which can be judged before a byte of the body is read. Never throws. */
export function readStamp(headers: IncomingHttpHeaders, nowMs: number): Stamp | Unsigned {
  const timestamp = headers["x-slack-request-timestamp"];
  const header = headers["x-slack-signature"];
  if (timestamp === undefined || header === undefined) return "missing";
  if (typeof timestamp !== "string" || !/^[1-9]\d{0,11}$/.test(timestamp)) return "malformed";
  const signature =
    typeof header === "string" ? /^v0=([0-9a-f]{64})$/.exec(header)?.[1] : undefined;
  if (signature === undefined) return "malformed";
  const ageSeconds = Math.floor(nowMs / 1_000) - Number(timestamp);
  if (ageSeconds > STALE_AFTER_SECONDS) return "stale";
  if (ageSeconds < -AHEAD_SECONDS_MAX) return "future";
  return { timestamp, signature };
}

/** Compares in constant time, over the bytes as they came. */
export function isSigned(body: Buffer, stamp: Stamp, signingSecret: string): boolean {
  const ours = createHmac("sha256", signingSecret)
    .update(`v0:${stamp.timestamp}:`)
    .update(body)
    .digest();
  return timingSafeEqual(ours, Buffer.from(stamp.signature, "hex"));
}

/** The key of an HTTP delivery. A signature is as good as a password for five minutes: only its hash is kept. */
export const httpDelivery = (stamp: Stamp): string =>
  `http:${createHash("sha256").update(stamp.signature).digest("hex").slice(0, 32)}`;
