// The conversations methods, and finding the channel that an argument means.

import type { Json } from "../json.ts";
import { directChannel, findMessage, wireMessage } from "../messages.ts";
import type { Message, SlackWorkspace } from "../slack-workspace.ts";
import type { Channel } from "../workspace-builder.ts";
import {
  ApiFault,
  type Args,
  type Handler,
  invalidArguments,
  isOn,
  optional,
  pageOf,
  required,
  withCursor,
} from "./call.ts";

const SCOPE_OF_KIND = { public: "channels", private: "groups", im: "im" } as const;

/** Refuses unless the scope for this kind of channel is granted. */
function needScope(world: SlackWorkspace, kind: Channel["kind"], verb: "read" | "history"): void {
  const needed = `${SCOPE_OF_KIND[kind]}:${verb}`;
  if (!world.scopes.has(needed)) throw missingScope(world, needed);
}

export function missingScope(world: SlackWorkspace, needed: string): ApiFault {
  return new ApiFault("missing_scope", { needed, provided: [...world.scopes].join(",") });
}

export function isMember(world: SlackWorkspace, channel: Channel): boolean {
  return channel.kind === "im" || channel.members.includes(world.bot.userId);
}

/** A channel that the bot may know of: a private one without the bot doesn't exist for it. */
export function findChannel(world: SlackWorkspace, id: string): Channel {
  const found = world.channels.get(id);
  if (!found || (found.kind === "private" && !isMember(world, found))) {
    throw new ApiFault("channel_not_found");
  }
  return found;
}

export const conversationsOpen: Handler = (world, args) => {
  const users = optional(args, "users")?.split(",") ?? [];
  const [id, ...more] = users;
  if (id === undefined) throw new ApiFault("users_list_not_supplied");
  if (more.length > 0) throw missingScope(world, "mpim:write");
  const user = world.users.get(id);
  if (!user) throw new ApiFault("user_not_found");
  if (user.deleted) throw new ApiFault("user_disabled");
  if (user.isBot) throw new ApiFault("cannot_dm_bot");
  const known = world.channels.has(`D${id.slice(1)}`);
  const channel = directChannel(world, id);
  return { no_op: known, already_open: known, channel: { id: channel.id } };
};

export const conversationsInfo: Handler = (world, args) => {
  const channel = findChannel(world, required(args, "channel"));
  needScope(world, channel.kind, "read");
  const count = isOn(args, "include_num_members") ? { num_members: channel.members.length } : {};
  return { channel: { ...wireChannel(world, channel), ...count } };
};

const KIND_OF_TYPE: Record<string, Channel["kind"]> = {
  public_channel: "public",
  private_channel: "private",
  im: "im",
};

export const conversationsList: Handler = (world, args) => pageOfChannels(world, args, () => true);

export const usersConversations: Handler = (world, args) => {
  const user = optional(args, "user") ?? world.bot.userId;
  if (!world.users.has(user)) throw new ApiFault("user_not_found");
  return pageOfChannels(world, args, (one) => one.members.includes(user));
};

function pageOfChannels(
  world: SlackWorkspace,
  args: Args,
  wanted: (one: Channel) => boolean,
): Json {
  const types = (optional(args, "types") ?? "public_channel").split(",").map((one) => one.trim());
  const kinds = types.map((type) => KIND_OF_TYPE[type]);
  for (const kind of kinds) {
    if (kind === undefined) throw new ApiFault("invalid_types");
    needScope(world, kind, "read");
  }
  const visible = [...world.channels.values()].filter(
    (one) =>
      wanted(one) &&
      kinds.includes(one.kind) &&
      (one.kind !== "private" || isMember(world, one)) &&
      !(one.isArchived && isOn(args, "exclude_archived")),
  );
  const page = pageOf(args, visible, 100, 1_000);
  return { channels: page.items.map((one) => wireChannel(world, one)), ...withCursor(page) };
}

export const conversationsMembers: Handler = (world, args) => {
  const channel = findChannel(world, required(args, "channel"));
  needScope(world, channel.kind, "read");
  const members = channel.kind === "im" ? [...channel.members, world.bot.userId] : channel.members;
  const page = pageOf(args, members, 100, 1_000);
  return { members: page.items, ...withCursor(page) };
};

export const conversationsHistory: Handler = (world, args) => {
  const channel = readableChannel(world, args);
  const shown = (world.messages.get(channel.id) ?? []).flatMap((one) => [
    one,
    ...one.replies.filter((reply) => reply.broadcast),
  ]);
  const newestFirst = shown.sort((one, other) => Number(other.ts) - Number(one.ts));
  return pageOfMessages(world, args, within(args, newestFirst));
};

export const conversationsReplies: Handler = (world, args) => {
  const channel = readableChannel(world, args);
  const named = findMessage(world, channel.id, required(args, "ts"));
  const parent = named?.threadTs ? findMessage(world, channel.id, named.threadTs) : named;
  if (!parent) throw new ApiFault("thread_not_found");
  return pageOfMessages(world, args, within(args, [parent, ...parent.replies]));
};

function readableChannel(world: SlackWorkspace, args: Args): Channel {
  const channel = findChannel(world, required(args, "channel"));
  needScope(world, channel.kind, "history");
  if (!isMember(world, channel)) throw new ApiFault("not_in_channel");
  return channel;
}

function within(args: Args, messages: Message[]): Message[] {
  const oldest = Number(optional(args, "oldest") ?? 0);
  const latest = Number(optional(args, "latest") ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(oldest)) throw new ApiFault("invalid_ts_oldest");
  if (Number.isNaN(latest)) throw new ApiFault("invalid_ts_latest");
  const inclusive = isOn(args, "inclusive");
  return messages.filter(({ ts }) => {
    const at = Number(ts);
    return (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  });
}

function pageOfMessages(world: SlackWorkspace, args: Args, messages: Message[]): Json {
  const page = pageOf(args, messages, 100, 999);
  const metadata = isOn(args, "include_all_metadata") ? "all" : "type";
  return {
    messages: page.items.map((one) => wireMessage(world, one, { metadata })),
    has_more: page.nextCursor !== "",
    ...withCursor(page),
  };
}

export const chatGetPermalink: Handler = (world, args) => {
  const channel = findChannel(world, required(args, "channel"));
  const message = findMessage(world, channel.id, required(args, "message_ts"));
  if (!message) throw new ApiFault("message_not_found");
  const path = `archives/${channel.id}/p${message.ts.replace(".", "")}`;
  const thread = message.threadTs ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : "";
  const permalink = `https://${world.team.domain}.slack.com/${path}${thread}`;
  return { channel: channel.id, permalink };
};

/** The channel as the API writes it. */
function wireChannel(world: SlackWorkspace, channel: Channel): Json {
  const shared = { id: channel.id, created: 1_600_000_000, context_team_id: world.team.id };
  if (channel.kind === "im") {
    const user = channel.members[0];
    if (user === undefined) throw invalidArguments([`${channel.id} belongs to nobody`]);
    return { ...shared, is_im: true, user, is_archived: false, is_open: true };
  }
  return {
    ...shared,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === "public",
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: channel.kind === "private",
    is_archived: channel.isArchived,
    is_general: channel.name === "general",
    is_shared: channel.isExtShared,
    is_ext_shared: channel.isExtShared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    is_member: isMember(world, channel),
    creator: world.bot.userId,
    topic: { value: "", creator: "", last_set: 0 },
    purpose: { value: "", creator: "", last_set: 0 },
  };
}
