// Slack's event that somebody wrote to the bot in their own conversation with it.

import { z } from "zod";
import { userId } from "../../../domain/text/ids.ts";
import type { Origin, Received } from "./payloads.ts";

/** Delivered as `message.im`, which the app has to subscribe to. Source: https://docs.slack.dev/reference/events/message.im */
export const MESSAGE_EVENT = "message";

const slackId = z.string().regex(/^\w{1,64}$/);
const schema = z.object({
  team_id: slackId.optional(),
  enterprise_id: slackId.nullish(),
  api_app_id: slackId.optional(),
  event: z.object({
    channel_type: z.string().optional(),
    channel: slackId,
    ts: z.string().max(40),
    user: slackId.optional(),
    text: z.string().max(40_000).default(""),
    /** Edits, joins and the like. */
    subtype: z.string().optional(),
    bot_id: z.string().optional(),
  }),
});

export type Written = Pick<Received, "from" | "team"> & {
  readonly origin: Origin;
  readonly text: string;
  /** The same, however often Slack sends it. */
  readonly key: string;
};

/** `undefined` for what can't be read, "other" where nobody wrote to the bot alone; its own messages come, too. */
export function decodeMessageEvent(body: unknown): Written | "other" | undefined {
  const { data } = schema.safeParse(body);
  if (data === undefined) return undefined;
  const { channel_type, channel, ts, user, text, subtype, bot_id } = data.event;
  const isPerson = user !== undefined && subtype === undefined && bot_id === undefined;
  if (channel_type !== "im" || !isPerson) return "other";
  return {
    origin: {
      appId: data.api_app_id,
      teamId: data.team_id,
      enterpriseId: data.enterprise_id ?? undefined,
    },
    // Answered by a message of their own: there's nobody else in that conversation.
    from: { user: userId(user), channel: undefined },
    team: undefined,
    text,
    key: `written:${channel}:${ts}`,
  };
}
