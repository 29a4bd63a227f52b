// The way in which Slack's payloads come: HTTP or Socket Mode, the same to everything behind it.

import type { Receiver } from "@slack/bolt";

export type Mode = {
  /** What Bolt's App is built on. */
  readonly receiver: Receiver;
  /** Payloads are taken from now on. Rejects with a permanent `Fault` where Slack will never let us. */
  start(): Promise<void>;
  /** Payloads can come in, now. */
  connected(): boolean;
  /** Resolves when no new payload is taken any more; what is in flight goes on. Never rejects. */
  stop(): Promise<void>;
};
