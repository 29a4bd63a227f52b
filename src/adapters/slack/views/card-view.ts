// What a card is made of, beside the request that it shows.

import type { Policy } from "../../../domain/rules/policy.ts";
import type { Message } from "./blocks.ts";

export type CardView = {
  readonly nowMs: number;
  /** What the channel doesn't get to see; empty for private cards. */
  readonly hide: Policy["privacy"]["hideOnCard"];
  /** Whether the policy lets access be ended early. */
  readonly endsEarly: boolean;
};

export const METADATA_EVENT = "jit_request";

export type CardMessage = Message & {
  metadata: { event_type: typeof METADATA_EVENT; event_payload: { id: string; version: number } };
};
