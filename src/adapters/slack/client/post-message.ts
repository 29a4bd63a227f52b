// Posting and editing messages, in channels and privately.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { type ChannelId, channelId, type UserId } from "../../../domain/text/ids.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Message } from "../views/blocks.ts";
import type { CardMessage } from "../views/card-view.ts";
import { fitted, halving } from "../views/fit-blocks.ts";
import { decoded } from "./slack-call.ts";

/** A message, or what makes one of at most this many characters of blocks. Either is cut to what Slack takes. */
type ToPost = Message | CardMessage | ((most: number) => Message);

export type Post = {
  /** Posts to a channel, or below the message `threadTs` in it. */
  toChannel(channel: ChannelId, message: ToPost, threadTs?: string): Promise<MessageRef>;
  /** Posts to one person's direct messages with the bot. */
  toPerson(user: UserId, message: ToPost): Promise<MessageRef>;
  /** Shows one person something in a channel; Slack may lose it, and it can't be edited. */
  whisper(channel: ChannelId, user: UserId, message: ToPost): Promise<void>;
  edit(card: MessageRef, message: ToPost): Promise<void>;
  /** The channel of one person's direct messages with the bot. */
  directChannel(user: UserId): Promise<ChannelId>;
};

type Options = {
  readonly client: WebClient;
  /** Told the app's id, which every posted message carries. */
  readonly onAppId: (appId: string) => void;
};

const appId = z.string().optional().catch(undefined);

/** Source: https://docs.slack.dev/reference/methods/chat.postMessage */
const posted = z.object({
  channel: z.string().min(1),
  ts: z.string().min(1),
  message: z
    .object({
      app_id: appId,
      bot_profile: z.object({ app_id: appId }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
const opened = z.object({ channel: z.object({ id: z.string().min(1) }) });
const anything = z.unknown();

/** Links aren't unfurled, and bare names and addresses stay what they are. */
const PLAIN = { unfurl_links: false, unfurl_media: false, parse: "none" } as const;

/** Direct channels never change; no more are remembered than people who take part in a day. */
const DIRECT_CHANNELS_MAX = 10_000;

/** Without `im:write`, or without the method, Slack takes a person's own id for a channel when posting. */
const CANNOT_OPEN: ReadonlySet<string> = new Set(["missing_scope", "unknown_method"]);

const contentOf = (message: ToPost, most: number): Message | CardMessage =>
  fitted(typeof message === "function" ? message(most) : message, most);

export function slackPost({ client, onAppId }: Options): Post {
  const direct = new Map<UserId, ChannelId>();

  const send: Post["toChannel"] = async (channel, message, threadTs) => {
    const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
    const answer = await halving((most) => {
      const content = contentOf(message, most);
      const calling = client.chat.postMessage({ channel, ...content, ...PLAIN, ...thread });
      return decoded(posted, calling);
    });
    const id = answer.message?.app_id ?? answer.message?.bot_profile?.app_id;
    if (id !== undefined) onAppId(id);
    return { channel: channelId(answer.channel), ts: answer.ts };
  };

  const directChannel: Post["directChannel"] = async (user) => {
    const known = direct.get(user);
    if (known !== undefined) return known;
    const answer = await decoded(opened, client.conversations.open({ users: user }));
    if (direct.size >= DIRECT_CHANNELS_MAX) direct.clear();
    direct.set(user, channelId(answer.channel.id));
    return channelId(answer.channel.id);
  };

  return {
    toChannel: send,
    directChannel,
    async toPerson(user, message) {
      const channel = await directChannel(user).catch((thrown: unknown) => {
        if (isFault(thrown) && CANNOT_OPEN.has(thrown.code)) return channelId(user);
        throw thrown;
      });
      return send(channel, message);
    },
    async whisper(channel, user, message) {
      await halving((most) => {
        const content = contentOf(message, most);
        return decoded(
          anything,
          client.chat.postEphemeral({ channel, user, ...content, parse: "none" }),
        );
      });
    },
    async edit({ channel, ts }, message) {
      await halving((most) => {
        const content = contentOf(message, most);
        return decoded(anything, client.chat.update({ channel, ts, ...content, parse: "none" }));
      });
    },
  };
}
