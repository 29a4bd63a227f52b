// What one person's screen shows of the simulated Slack.

import { directChannel } from "../slack/messages.ts";
import type { Ephemeral, Message, OpenView, SlackWorkspace } from "../slack/slack-workspace.ts";
import type { SimulatedSlack } from "../slack/start.ts";
import { openStack } from "../slack/view-stack.ts";
import type { Channel, User } from "../slack/workspace-builder.ts";
import type {
  ChannelShown,
  FileShown,
  MessageShown,
  Person,
  SlackShown,
  Stamp,
  ViewShown,
} from "./page-state.ts";

/** How many of the latest of each channel: a long demonstration must not slow the page down. */
const MESSAGES_SHOWN = 100;
const PREVIEW_CHARACTERS = 600;

export type Cast = {
  /** What the people of the demo are, by id; only these can be played. */
  roles: Record<string, string>;
  /** What channels are for, by id. */
  topics: Record<string, string>;
  shortcuts: SlackShown["shortcuts"];
  commands: SlackShown["commands"];
};

export function slackView(slack: SimulatedSlack, cast: Cast, me: string): SlackShown {
  const { world } = slack;
  const people = Object.keys(cast.roles).flatMap((id) => world.users.get(id) ?? []);
  for (const { id } of people) directChannel(world, id);
  const home = world.homes.get(me);
  return {
    team: world.team.name,
    botUser: world.bot.userId,
    people: people.map((user) => personShown(user, cast)),
    groups: [...world.groups.values()],
    channels: visibleTo(world, me).map((channel) => ({
      ...channelShown(world, channel, me),
      topic: cast.topics[channel.id] ?? "",
    })),
    modals: openStack(world, me).map(viewShown),
    home: home && viewShown(home),
    stamps: Object.fromEntries(people.map(({ id }) => [id, stampsFor(world, id)])),
    shortcuts: cast.shortcuts,
    commands: cast.commands,
  };
}

function personShown({ id, name, realName, tz }: User, { roles }: Cast): Person {
  return { id, name, realName, tz, role: roles[id] ?? "" };
}

/** Guests and people from elsewhere see the channels that they are in. */
function visibleTo(world: SlackWorkspace, me: string): Channel[] {
  const user = world.users.get(me);
  const isGuest = user?.isRestricted === true || user?.isStranger === true;
  const channels = [...world.channels.values()].filter(
    ({ kind, members }) => members.includes(me) || (kind === "public" && !isGuest),
  );
  const rank = (channel: Channel) => (channel.kind === "im" ? 2 : channel.isArchived ? 1 : 0);
  return channels.sort((a, b) => rank(a) - rank(b));
}

function channelShown(
  world: SlackWorkspace,
  channel: Channel,
  me: string,
): Omit<ChannelShown, "topic"> {
  const { members, ...rest } = channel;
  const messages = (world.messages.get(channel.id) ?? []).slice(-MESSAGES_SHOWN);
  const mine = world.ephemerals.filter((one) => one.user === me && one.channel === channel.id);
  const shown = [...messages.map((one) => messageShown(world, one)), ...mine.map(ephemeralShown)];
  return {
    ...rest,
    memberCount: members.length,
    messages: shown.sort((a, b) => Number(a.ts) - Number(b.ts)),
  };
}

function messageShown(world: SlackWorkspace, message: Message): MessageShown {
  const { ts, channel, user, byApp, threadTs, broadcast, replies } = message;
  return {
    ...contentShown(message),
    ts,
    channel,
    user,
    byApp,
    ...(threadTs !== undefined && { threadTs }),
    broadcast,
    replies: replies.map((one) => messageShown(world, one)),
    files: message.files.flatMap(({ id }) => fileShown(world, String(id))),
    isEdited: message.editedTs !== undefined && message.blocks.length === 0,
  };
}

function ephemeralShown(one: Ephemeral): MessageShown {
  const { ts, channel, user, threadTs } = one;
  return {
    ...contentShown(one),
    ts,
    channel,
    user,
    byApp: true,
    ephemeral: one.from === "slack" ? "slack" : "only-you",
    ...(threadTs !== undefined && { threadTs }),
    broadcast: false,
    replies: [],
    files: [],
    isEdited: false,
  };
}

function contentShown({ text, blocks, attachments, mrkdwn }: Message | Ephemeral) {
  return { text, blocks, attachments, mrkdwn };
}

function fileShown(world: SlackWorkspace, id: string): FileShown[] {
  const file = world.files.get(id);
  if (!file) return [];
  const { filename: name, title, bytes } = file;
  const isText = /\.(txt|csv|tsv|md|json|jsonl|log|ya?ml)$/i.test(name);
  const preview = isText ? (bytes?.toString().slice(0, PREVIEW_CHARACTERS) ?? "") : "";
  return [{ id, name, title, size: bytes?.length ?? 0, preview }];
}

function viewShown({ id, hash, view, values, errors }: OpenView): ViewShown {
  return { id, hash, view, values, errors };
}

/** Of the channels that the person is in. What one wrote oneself is never unread. */
function stampsFor(world: SlackWorkspace, user: string): Record<string, Stamp[]> {
  const mine = [...world.channels.values()].filter(({ members }) => members.includes(user));
  const groups = [...world.groups.values()].filter(({ users }) => users.includes(user));
  const names = [`<@${user}>`, ...groups.map(({ id }) => `<!subteam^${id}`)];
  return Object.fromEntries(
    mine.map(({ id, kind }) => {
      const messages = (world.messages.get(id) ?? []).slice(-MESSAGES_SHOWN);
      const all = messages.flatMap((one) => [one, ...one.replies]);
      const others = all.filter((one) => one.user !== user);
      const isFor = (one: Message) =>
        kind === "im" ||
        names.some((name) => JSON.stringify([one.text, one.blocks]).includes(name));
      return [id, others.map((one) => ({ ts: one.ts, isFor: isFor(one) }))];
    }),
  );
}
