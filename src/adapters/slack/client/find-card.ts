// Looks for a card that may have been posted although the answer got lost, by its metadata.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { ChannelId, RequestId } from "../../../domain/text/ids.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import { METADATA_EVENT } from "../views/request/card.ts";
import type { Identity } from "./bot-identity.ts";
import { decoded } from "./slack-call.ts";

type Where = { readonly channel: ChannelId; readonly id: RequestId; readonly sinceMs: number };

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
        .object({ event_type: word, event_payload: z.object({ id: word }).optional() })
        .optional()
        .catch(undefined),
    }),
  ),
  response_metadata: z.object({ next_cursor: word }).optional().catch(undefined),
});
type Found = z.infer<typeof history>["messages"][number];

/** The oldest card of the request since `sinceMs`, written by our bot. Throws a `Fault`. */
export async function findCard(
  client: WebClient,
  identity: Pick<Identity, "botUserId" | "botId">,
  { channel, id, sinceMs }: Where,
): Promise<MessageRef | undefined> {
  const isOurs = ({ user, bot_id, metadata }: Found): boolean =>
    (user === identity.botUserId || bot_id === identity.botId) &&
    metadata?.event_type === METADATA_EVENT &&
    metadata.event_payload?.id === id;
  let oldest: string | undefined;
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
    // Newest first: of several copies the first one posted stands.
    oldest = answer.messages.findLast(isOurs)?.ts ?? oldest;
    cursor = answer.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) break;
  }
  return oldest === undefined ? undefined : { channel, ts: oldest };
}
