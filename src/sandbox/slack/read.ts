// Reads the simulated workspace the way its people see it.

import type { Json } from "./json.ts";
import { directChannel } from "./messages.ts";
import type { Ephemeral, Message, OpenView, SlackWorkspace } from "./slack-workspace.ts";
import { broadcasts, type Live } from "./text/live-markup.ts";
import { plainText, type Readable, type Reader } from "./text/plain.ts";
import { openStack, wireView } from "./view-stack.ts";
import type { Channel } from "./workspace-builder.ts";

type PlainOptions = {
  /** Whose time zone dates are shown in; default: UTC. */
  as?: string;
  tz?: string;
};

export type Reading = {
  /** What stands in a channel, oldest first, with the threads beneath. */
  messages(channel: string): Message[];
  /** A person's direct conversation with the bot. */
  direct(user: string): Message[];
  /** What only this person was shown, in one channel or anywhere. */
  ephemerals(user: string, channel?: string): Ephemeral[];
  /** The modal on top, if one is open. */
  modal(user: string): OpenView | undefined;
  modals(user: string): OpenView[];
  home(user: string): OpenView | undefined;
  /** As lines of text: marks taken away, entities decoded, names for mentions, dates rendered. */
  plainText(shown: Readable | OpenView, options?: PlainOptions): string;
  /** Everything in it that Slack would make a mention, a broadcast or a link. */
  broadcasts(shown: Readable | OpenView): Live[];
  /** All that a person's screen would show, as JSON. */
  stateAs(user: string): Json;
};

export function createReading(world: SlackWorkspace): Reading {
  const messages = (channel: string): Message[] => [...(world.messages.get(channel) ?? [])];
  const reading: Omit<Reading, "stateAs"> = {
    messages,
    direct: (user) => messages(directChannel(world, user).id),
    ephemerals: (user, channel) =>
      world.ephemerals.filter(
        (one) => one.user === user && (channel === undefined || one.channel === channel),
      ),
    modal: (user) => openStack(world, user).at(-1),
    modals: (user) => [...openStack(world, user)],
    home: (user) => world.homes.get(user),
    plainText: (shown, options = {}) => plainText(readable(shown), readerFor(world, options)),
    broadcasts: (shown) => broadcasts(readable(shown)),
  };
  return { ...reading, stateAs: (user) => stateAs(world, reading, user) };
}

function readable(shown: Readable | OpenView): Readable {
  return "view" in shown ? (shown.view as Readable) : shown;
}

function readerFor(world: SlackWorkspace, { as, tz }: PlainOptions): Reader {
  const own = as === undefined ? undefined : world.users.get(as)?.tz;
  const { users, groups, channels } = world;
  return { tz: tz ?? own ?? "UTC", nowMs: world.nowMs(), users, groups, channels };
}

function stateAs(world: SlackWorkspace, reading: Omit<Reading, "stateAs">, user: string): Json {
  directChannel(world, user);
  const visible = [...world.channels.values()].filter((one) => isVisible(one, user));
  const withText = <T extends Readable>(shown: T) => ({
    ...shown,
    plain: reading.plainText(shown, { as: user }),
  });
  const home = reading.home(user);
  return {
    nowMs: world.nowMs(),
    me: world.users.get(user) ?? null,
    team: world.team,
    bot: world.bot,
    users: [...world.users.values()],
    groups: [...world.groups.values()],
    channels: visible.map((one) => ({
      ...one,
      messages: reading.messages(one.id).map(withText),
      ephemerals: reading.ephemerals(user, one.id).map(withText),
    })),
    modals: reading.modals(user).map((one) => shownView(world, one)),
    home: home ? shownView(world, home) : null,
    warnings: world.warnings,
    switches: world.switches,
  };
}

function isVisible(channel: Channel, user: string): boolean {
  return channel.kind === "public" || channel.members.includes(user);
}

function shownView(world: SlackWorkspace, opened: OpenView): Json {
  return { ...wireView(world, opened), errors: opened.errors };
}
