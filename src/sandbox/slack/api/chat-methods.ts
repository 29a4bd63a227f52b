// The chat methods: posting, editing and deleting messages.

import {
  deleteMessage,
  directChannel,
  editMessage,
  findMessage,
  postMessage,
  showEphemeral,
  wireMessage,
} from "../messages.ts";
import type { Message, SlackWorkspace } from "../slack-workspace.ts";
import type { Channel } from "../workspace-builder.ts";
import { ApiFault, type Args, type Handler, isOn, optional, required } from "./call.ts";
import {
  contentFrom,
  readContent,
  readMetadata,
  requireContent,
  UPDATE_TEXT_MAX,
} from "./content.ts";
import { findChannel, isMember } from "./conversation-methods.ts";

export const chatPostMessage: Handler = (world, args) => {
  const channel = writableChannel(world, required(args, "channel"));
  const given = readContent(world, args, { method: "chat.postMessage" });
  requireContent(given);
  const metadata = readMetadata(args);
  const message = postMessage(world, {
    ...contentFrom(given, args),
    channel: channel.id,
    user: world.bot.userId,
    byApp: true,
    threadTs: threadFor(world, channel, args),
    broadcast: isOn(args, "reply_broadcast"),
    metadata: metadata === "removed" ? undefined : metadata,
  });
  return {
    channel: channel.id,
    ts: message.ts,
    message: wireMessage(world, message, { metadata: "all" }),
  };
};

/** A channel by id or name, or a person's direct channel by the person's id. */
export function writableChannel(world: SlackWorkspace, named: string): Channel {
  const name = named.replace(/^#/, "");
  const byName = [...world.channels.values()].find((one) => one.name === name);
  const user = world.users.get(named);
  if (user?.isBot) throw new ApiFault("cannot_dm_bot");
  if (user?.deleted) throw new ApiFault("channel_not_found");
  const channel = user ? directChannel(world, user.id) : findChannel(world, byName?.id ?? named);
  const uninvited = channel.kind === "public" && world.scopes.has("chat:write.public");
  if (!isMember(world, channel) && !uninvited) throw new ApiFault("not_in_channel");
  if (channel.isArchived) throw new ApiFault("is_archived");
  if (channel.kind === "im") refuseUnreachable(world, channel);
  return channel;
}

/** Slack opens the conversation anyway, and edits what already stands in it. */
function refuseUnreachable(world: SlackWorkspace, { members }: Channel): void {
  if (world.switches.messagesTab === "off") throw new ApiFault("messages_tab_disabled");
  const why = members.map((id) => world.users.get(id)?.refusesDirect ?? "").find(Boolean);
  if (why !== undefined) throw new ApiFault(why);
}

/** The parent of a reply. Where that is gone, Slack posts in the channel and says nothing. */
export function threadFor(world: SlackWorkspace, channel: Channel, args: Args): string | undefined {
  const asked = optional(args, "thread_ts");
  if (asked === undefined) return undefined;
  const named = findMessage(world, channel.id, asked);
  if (!named) {
    world.warn("chat.postMessage", `thread ${asked} does not exist: posted in the channel instead`);
    return undefined;
  }
  return named.threadTs ?? named.ts;
}

export const chatUpdate: Handler = (world, args) => {
  const { channel, message } = ownMessage(world, args, "cant_update_message");
  if (channel.isArchived) throw new ApiFault("is_inactive");
  const given = readContent(world, args, { method: "chat.update", textMax: UPDATE_TEXT_MAX });
  const metadata = readMetadata(args);
  if (Object.keys(given).length === 0) throw new ApiFault("no_text");
  // New text without blocks takes the old blocks away; without text they are kept.
  const blocks = given.blocks ?? (given.text === undefined ? message.blocks : []);
  requireContent({ attachments: message.attachments, ...given, blocks });
  editMessage(world, message, { ...given, blocks, metadata });
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: wireMessage(world, message, { metadata: "all" }),
  };
};

export const chatDelete: Handler = (world, args) => {
  const { channel, message } = ownMessage(world, args, "cant_delete_message");
  deleteMessage(world, message);
  return { channel: channel.id, ts: message.ts };
};

function ownMessage(
  world: SlackWorkspace,
  args: Args,
  notOurs: string,
): { channel: Channel; message: Message } {
  const channel = findChannel(world, required(args, "channel"));
  const message = findMessage(world, channel.id, required(args, "ts"));
  if (!message || message.isTombstone) throw new ApiFault("message_not_found");
  if (!message.byApp) throw new ApiFault(notOurs);
  return { channel, message };
}

export const chatPostEphemeral: Handler = (world, args) => {
  const user = required(args, "user");
  const channel = writableChannel(world, required(args, "channel"));
  if (!channel.members.includes(user)) throw new ApiFault("user_not_in_channel");
  const given = readContent(world, args, { method: "chat.postEphemeral" });
  requireContent(given);
  if (world.switches.ephemerals === "lost") return { message_ts: world.nextTs() };
  const threadTs = optional(args, "thread_ts");
  const shown = showEphemeral(world, {
    ...contentFrom(given, args),
    channel: channel.id,
    user,
    from: "app",
    ...(threadTs === undefined ? {} : { threadTs }),
  });
  return { message_ts: shown.ts };
};
