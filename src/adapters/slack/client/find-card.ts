// Looks for a message that may have been posted although the answer got lost, by its metadata.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { ChannelId, RequestId } from "../../../domain/text/ids.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import { METADATA_EVENT } from "../views/card-view.ts";
import { LIVE_EVENT } from "../views/direct/requester-message.ts";
import type { Identity } from "./bot-identity.ts";
import { decoded } from "./slack-call.ts";

type Where = {
  readonly channel: ChannelId;
  readonly sinceMs: number;
  /** Whether a message with this metadata is what is looked for. */
  readonly isIt: (metadata: Metadata) => boolean;
};

const PAGE_MESSAGES = 200;

/** A thousand messages back; a card that is buried deeper is posted again, which is allowed. */
const PAGES_MAX = 5;

/** Slack's clock and ours may differ; the card is known by its metadata, not by its time. */
const SKEW_MS = 60_000;

const word = z.string().optional().catch(undefined);

/** Source: https://docs.slack.dev/reference/methods/conversations.history */
const history = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: word,
      bot_id: word,
      metadata: z
        .object({
          event_type: word,
          event_payload: z.object({ id: word, request: word }).optional(),
        })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.object({ next_cursor: word }).optional().catch(undefined),
});
type Found = z.infer<typeof history>["messages"][number];
type Metadata = NonNullable<Found["metadata"]>;

export const isCardOf =
  (id: RequestId) =>
  ({ event_type, event_payload }: Metadata): boolean =>
    event_type === METADATA_EVENT && event_payload?.id === id;

export const isLiveOf =
  (id: RequestId) =>
  ({ event_type, event_payload }: Metadata): boolean =>
    event_type === LIVE_EVENT && event_payload?.request === id;

/** All such messages since `sinceMs`, written by our bot, oldest first. Throws a `Fault`. */
export async function findOurs(
  client: WebClient,
  identity: Pick<Identity, "botUserId" | "botId">,
  { channel, sinceMs, isIt }: Where,
): Promise<readonly MessageRef[]> {
  const isOurs = ({ user, bot_id, metadata }: Found): boolean =>
    (user === identity.botUserId || bot_id === identity.botId) &&
    metadata !== undefined &&
    isIt(metadata);
  const found: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const asking = client.conversations.history({
      channel,
      include_all_metadata: true,
      inclusive: true,
      limit: PAGE_MESSAGES,
      oldest: (Math.max(0, sinceMs - SKEW_MS) / 1_000).toFixed(6),
      ...(cursor !== undefined && { cursor }),
    });
    const answer = await decoded(history, asking);
    found.push(...answer.messages.filter(isOurs).map(({ ts }) => ts));
    cursor = answer.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) break;
  }
  // Slack tells the newest first.
  return found.reverse().map((ts) => ({ channel, ts }));
}
