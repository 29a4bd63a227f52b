// Posting, editing and deleting messages in the simulated workspace, and reading them back.

import type { Json } from "./json.ts";
import type { Content, Ephemeral, Message, Metadata, SlackWorkspace } from "./slack-workspace.ts";
import type { Channel } from "./workspace-builder.ts";

export type Draft = Content & {
  channel: string;
  user: string;
  byApp: boolean;
  threadTs?: string | undefined;
  broadcast?: boolean;
  metadata?: Metadata | undefined;
  files?: Json[];
};

export const EMPTY_CONTENT: Content = {
  text: "",
  blocks: [],
  attachments: [],
  mrkdwn: true,
  linkNames: false,
};

export function postMessage(world: SlackWorkspace, draft: Draft): Message {
  const { threadTs, metadata, broadcast = false, files = [], ...rest } = draft;
  const message: Message = {
    ...rest,
    ts: world.nextTs(),
    replies: [],
    broadcast,
    files,
    isTombstone: false,
    earlier: [],
    ...(threadTs === undefined ? {} : { threadTs }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  listOf(world, message).push(message);
  world.messagesByTs.set(`${message.channel} ${message.ts}`, message);
  tell(world, message);
  return message;
}

/** The list that the message stands in: the channel's, or the thread's. */
function listOf(world: SlackWorkspace, { channel, threadTs }: Message): Message[] {
  const parent = threadTs === undefined ? undefined : findMessage(world, channel, threadTs);
  if (parent) return parent.replies;
  const list = world.messages.get(channel) ?? [];
  world.messages.set(channel, list);
  return list;
}

export type Edit = Partial<Content> & { metadata?: Metadata | "removed" | undefined };

export function editMessage(world: SlackWorkspace, message: Message, edit: Edit): void {
  const { metadata, ...content } = edit;
  message.earlier.push(contentOf(message));
  Object.assign(message, content, { editedTs: world.nextTs() });
  if (metadata === "removed") delete message.metadata;
  else if (metadata !== undefined) message.metadata = metadata;
  tell(world, message);
}

/** Deletes it; a message with replies leaves a tombstone in its place, as Slack does. */
export function deleteMessage(world: SlackWorkspace, message: Message): void {
  if (message.replies.length > 0) {
    Object.assign(message, EMPTY_CONTENT, { text: "This message was deleted.", isTombstone: true });
    delete message.metadata;
  } else {
    const list = listOf(world, message);
    list.splice(list.indexOf(message), 1);
    world.messagesByTs.delete(`${message.channel} ${message.ts}`);
  }
  tell(world, message);
}

export function findMessage(
  world: SlackWorkspace,
  channel: string,
  ts: string,
): Message | undefined {
  return world.messagesByTs.get(`${channel} ${ts}`);
}

/** Shows something to one person only. */
export function showEphemeral(world: SlackWorkspace, shown: Omit<Ephemeral, "ts">): Ephemeral {
  const ephemeral: Ephemeral = { ...shown, ts: world.nextTs() };
  world.ephemerals.push(ephemeral);
  world.changes.tell({ kind: "ephemeral", channel: shown.channel, user: shown.user });
  return ephemeral;
}

export function contentOf(message: Content): Content {
  const { text, blocks, attachments, mrkdwn, linkNames } = message;
  return { text, blocks, attachments, mrkdwn, linkNames };
}

/** The direct conversation between a person and the bot, opened if there is none yet. */
export function directChannel(world: SlackWorkspace, user: string): Channel {
  const id = `D${user.slice(1)}`;
  const known = world.channels.get(id);
  if (known) return known;
  const created: Channel = {
    id,
    name: id,
    kind: "im",
    isArchived: false,
    isExtShared: false,
    members: [user],
  };
  world.channels.set(id, created);
  return created;
}

export type WireOptions = {
  /** `type`: the payload is left out, which is what history does unless it is asked for all. */
  metadata: "all" | "type" | "none";
};

/** The message as Slack's API writes it. */
export function wireMessage(world: SlackWorkspace, message: Message, options: WireOptions): Json {
  return {
    type: "message",
    ...(message.isTombstone ? { subtype: "tombstone" } : {}),
    ...(message.broadcast ? { subtype: "thread_broadcast" } : {}),
    user: message.user,
    ts: message.ts,
    team: world.team.id,
    ...(message.byApp ? appParts(world) : {}),
    text: message.text,
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments.length > 0 ? { attachments: message.attachments } : {}),
    ...(message.files.length > 0 ? { files: message.files } : {}),
    ...threadParts(message),
    // Edits of messages with blocks carry no mark.
    ...(message.editedTs !== undefined && message.blocks.length === 0
      ? { edited: { user: message.user, ts: message.editedTs } }
      : {}),
    ...metadataParts(message, options),
  };
}

function appParts(world: SlackWorkspace): Json {
  const { botId, appId, name } = world.bot;
  const profile = { id: botId, app_id: appId, name, deleted: false, team_id: world.team.id };
  return { bot_id: botId, app_id: appId, bot_profile: profile };
}

function threadParts({ ts, threadTs, replies }: Message): Json {
  if (threadTs !== undefined) return { thread_ts: threadTs };
  if (replies.length === 0) return {};
  const users = [...new Set(replies.map((one) => one.user))];
  return {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users: users,
    reply_users_count: users.length,
    latest_reply: replies.at(-1)?.ts,
  };
}

function metadataParts(message: Message, options: WireOptions): Json {
  if (!message.metadata || options.metadata === "none") return {};
  if (options.metadata === "all") return { metadata: message.metadata };
  return { metadata: { event_type: message.metadata.event_type } };
}

function tell(world: SlackWorkspace, { channel, ts }: Message): void {
  world.changes.tell({ kind: "message", channel, ts });
}
