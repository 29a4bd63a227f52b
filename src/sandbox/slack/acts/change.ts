// Somebody administers the workspace: people, groups, channels, the app's scopes, and the switches.

import { z } from "zod";
import { wireGroup, wireUser } from "../api/people-methods.ts";
import { CannotAct } from "../inputs.ts";
import type { Json } from "../json.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";
import { type EventResult, sendEvent } from "./events.ts";
import type { Stage } from "./stage.ts";

const userPatch = z
  .strictObject({
    name: z.string(),
    realName: z.string(),
    displayName: z.string(),
    email: z.string(),
    tz: z.string(),
    teamId: z.string(),
    deleted: z.boolean(),
    isBot: z.boolean(),
    isAppUser: z.boolean(),
    isAdmin: z.boolean(),
    isOwner: z.boolean(),
    isRestricted: z.boolean(),
    isUltraRestricted: z.boolean(),
    isStranger: z.boolean(),
    refusesDirect: z.string(),
  })
  .partial()
  .extend({ id: z.string() });

const groupPatch = z
  .strictObject({
    handle: z.string(),
    name: z.string(),
    users: z.array(z.string()),
    disabled: z.boolean(),
  })
  .partial()
  .extend({ id: z.string() });

const channelPatch = z
  .strictObject({
    name: z.string(),
    kind: z.enum(["public", "private"]),
    isArchived: z.boolean(),
    isExtShared: z.boolean(),
    members: z.array(z.string()),
    /** Invites the bot or removes it. */
    bot: z.boolean(),
  })
  .partial()
  .extend({ id: z.string() });

const changeAct = z.strictObject({
  user: userPatch.optional(),
  group: groupPatch.optional(),
  channel: channelPatch.optional(),
  /** All the scopes that the bot is to have from now on. */
  scopes: z.array(z.string()).optional(),
  switches: z
    .strictObject({
      ephemerals: z.enum(["arrive", "lost"]),
      messagesTab: z.enum(["on", "off"]),
      plan: z.enum(["paid", "free"]),
      tokens: z.enum(["good", "invalid_auth", "token_revoked", "account_inactive"]),
      shouldEscape: z.boolean(),
      eventRetries: z.boolean(),
      rateLimits: z.enum(["real", "off"]),
      channelBurst: z.int().min(1),
      metadataInClicks: z.boolean(),
    })
    .partial()
    .optional(),
  /** Whether the app gets user_change or subteam_updated; default no, so that caches show. */
  tellApp: z.boolean().default(false),
});

export type ChangeAct = z.input<typeof changeAct>;

/** The event that was sent, if one was. Throws `CannotAct` on what doesn't exist. */
export async function change(stage: Stage, input: ChangeAct): Promise<EventResult | undefined> {
  const { user, group, channel, scopes, switches, tellApp } = changeAct.parse(input);
  const { world } = stage;
  if (user) Object.assign(found(world.users, user.id), user);
  if (group) Object.assign(found(world.groups, group.id), group);
  if (channel) changeChannel(world, channel);
  if (scopes) replaceScopes(world, scopes);
  if (switches) Object.assign(world.switches, switches);
  world.changes.tell({ kind: "workspace" });
  const event = tellApp ? eventAbout(world, user?.id, group?.id) : undefined;
  return event && sendEvent(stage, { event });
}

function found<T>(all: Map<string, T>, id: string): T {
  const one = all.get(id);
  if (!one) throw new CannotAct(`there is no ${id}`);
  return one;
}

function changeChannel(world: SlackWorkspace, patch: z.output<typeof channelPatch>): void {
  const { bot, ...rest } = patch;
  const channel = found(world.channels, patch.id);
  Object.assign(channel, rest);
  if (bot === undefined) return;
  channel.members = channel.members.filter((one) => one !== world.bot.userId);
  if (bot) channel.members.push(world.bot.userId);
}

function replaceScopes(world: SlackWorkspace, scopes: string[]): void {
  world.scopes.clear();
  for (const scope of scopes) world.scopes.add(scope);
}

function eventAbout(world: SlackWorkspace, userId?: string, groupId?: string): Json | undefined {
  if (userId !== undefined) {
    return { type: "user_change", user: wireUser(world, found(world.users, userId)) };
  }
  if (groupId === undefined) return undefined;
  return { type: "subteam_updated", subteam: wireGroup(world, found(world.groups, groupId), true) };
}
