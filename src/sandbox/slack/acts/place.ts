// Finds what a person acts on: the message or view, the element in it, and the payload about it.

import { allBlocks, elementsOf, type Placed } from "../blocks/walk.ts";
import { CannotAct } from "../inputs.ts";
import { type Json, objectsIn } from "../json.ts";
import { contentOf, findMessage, wireMessage } from "../messages.ts";
import type {
  Content,
  Ephemeral,
  Inputs,
  InputValues,
  Message,
  OpenView,
  SlackWorkspace,
} from "../slack-workspace.ts";
import { findView, initialValues, openStack, wireView } from "../view-stack.ts";
import type { Forge } from "./schema.ts";
import { channelPart, theChannel } from "./stage.ts";

export type Place = {
  user: string;
  channel?: string | undefined;
  ts?: string | undefined;
  viewId?: string | undefined;
  home?: boolean | undefined;
};

export type Surface = { message: Message } | { ephemeral: Ephemeral } | { opened: OpenView };

export function findSurface(world: SlackWorkspace, place: Place): Surface {
  const { user, channel, ts } = place;
  if (channel !== undefined && ts !== undefined) {
    const message = findMessage(world, channel, ts);
    if (message) return { message };
    const ephemeral = world.ephemerals.find((one) => one.ts === ts && one.user === user);
    if (ephemeral) return { ephemeral };
    throw new CannotAct(`there is no message ${ts} in ${channel} that ${user} can see`);
  }
  if (channel !== undefined || ts !== undefined) {
    throw new CannotAct("a message is named by both channel and ts");
  }
  return { opened: findOpened(world, place) };
}

export function findOpened(world: SlackWorkspace, place: Place): OpenView {
  const { user, viewId, home } = place;
  const opened = home
    ? world.homes.get(user)
    : viewId === undefined
      ? openStack(world, user).at(-1)
      : findView(world, { viewId });
  if (opened?.user === user) return opened;
  throw new CannotAct(`${user} has no such view open: ${home ? "home" : (viewId ?? "a modal")}`);
}

/** The blocks that the person sees; of a message perhaps as they were some edits ago. */
export function blocksOf(surface: Surface, versionsBack = 0): Json[] {
  if ("opened" in surface) return objectsIn(surface.opened.view.blocks);
  if ("ephemeral" in surface) return allBlocks(surface.ephemeral);
  return allBlocks(contentAt(surface.message, versionsBack));
}

function contentAt(message: Message, versionsBack: number): Content {
  const versions = [...message.earlier, contentOf(message)];
  const content = versions.at(-1 - versionsBack);
  if (content) return content;
  throw new CannotAct(`the message has only been edited ${message.earlier.length} times`);
}

export type Wanted = {
  actionId: string;
  blockId?: string | undefined;
  value?: string | undefined;
};

export function findElement(blocks: Json[], { actionId, blockId, value }: Wanted): Placed {
  const all = elementsOf(blocks);
  const found = all.find(
    (one) =>
      one.actionId === actionId &&
      (blockId === undefined || one.blockId === blockId) &&
      (value === undefined || one.element.value === value),
  );
  if (found) return found;
  const there = all.map((one) => one.actionId).join(", ");
  throw new CannotAct(`there is no ${actionId} to act on; there are: ${there || "none"}`);
}

/** The message of a surface that is one. */
export function shownIn(surface: Surface): Message | Ephemeral | undefined {
  if ("opened" in surface) return undefined;
  return "message" in surface ? surface.message : surface.ephemeral;
}

/** What this person has put in so far. */
export function inputsOf(world: SlackWorkspace, surface: Surface, user: string): Inputs {
  if ("opened" in surface) return surface.opened;
  const shown = shownIn(surface);
  const key = `${user} ${shown?.channel} ${shown?.ts}`;
  const known = world.messageInputs.get(key);
  if (known) return known;
  const fresh: Inputs = { values: {}, suggested: new Map() };
  world.messageInputs.set(key, fresh);
  return fresh;
}

export type SurfaceOptions = { user: string; forge: Forge; versionsBack?: number };

/** The parts of a payload that say what was acted on. */
export function surfaceParts(
  world: SlackWorkspace,
  surface: Surface,
  options: SurfaceOptions,
): Json {
  const { forge } = options;
  if ("opened" in surface) return viewParts(world, surface.opened, forge);
  const shown = "message" in surface ? surface.message : surface.ephemeral;
  const channel = theChannel(world, shown.channel);
  const ts = forge.messageTs ?? shown.ts;
  return {
    container: {
      type: "message",
      message_ts: ts,
      channel_id: forge.channelId ?? channel.id,
      is_ephemeral: "ephemeral" in surface,
      ...(shown.threadTs === undefined ? {} : { thread_ts: shown.threadTs }),
    },
    channel: channelPart(channel, forge),
    // Slack keeps no ephemeral messages, and so has none to send along.
    ...("message" in surface
      ? { message: { ...messagePart(world, surface.message, options), ts } }
      : {}),
    state: { values: valuesIn(surface, inputsOf(world, surface, options.user).values) },
  };
}

function viewParts(world: SlackWorkspace, opened: OpenView, forge: Forge): Json {
  const view = wireView(world, opened);
  if (forge.privateMetadata !== undefined) view.private_metadata = forge.privateMetadata;
  if (forge.viewId !== undefined) view.id = forge.viewId;
  return { container: { type: "view", view_id: view.id }, view };
}

function valuesIn(surface: Surface, put: InputValues): InputValues {
  const values = initialValues(blocksOf(surface));
  for (const [blockId, actions] of Object.entries(put)) {
    values[blockId] = { ...values[blockId], ...actions };
  }
  return values;
}

function messagePart(world: SlackWorkspace, message: Message, options: SurfaceOptions): Json {
  const { forge, versionsBack = 0 } = options;
  const shown = forge.staleMessage ? { ...message, ...contentAt(message, versionsBack) } : message;
  const metadata = world.switches.metadataInClicks ? "all" : "none";
  return wireMessage(world, shown, { metadata });
}
