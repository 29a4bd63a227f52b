// What every act needs, what it answers, and the parts that all payloads have in common.

import type { Hooks, Response } from "../hooks.ts";
import { CannotAct } from "../inputs.ts";
import type { Json } from "../json.ts";
import { EMPTY_CONTENT, showEphemeral } from "../messages.ts";
import type { Post, Sent } from "../out/deliver.ts";
import type { Delivery } from "../out/parcel.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";
import type { Channel, User } from "../workspace-builder.ts";
import type { Forge } from "./schema.ts";

export type Stage = {
  world: SlackWorkspace;
  hooks: Hooks;
  mail: Post;
  /** Runs a task when the workspace's clock has reached the time. */
  schedule(atMs: number, task: () => Promise<void>): void;
};

export type ActResult = Sent & {
  triggerId?: string;
  responseUrl?: string;
  /** What came in at the response URL; grows as more comes in. */
  responses: Response[];
  /** What Slack tells the person where the app failed. */
  trouble?: string;
};

/** Deprecated by Slack and still sent. */
export const VERIFICATION_TOKEN = "verification-token-of-the-sandbox";

export function theUser(world: SlackWorkspace, id: string): User {
  const user = world.users.get(id);
  if (!user) throw new CannotAct(`there is no user ${id}`);
  return user;
}

export function theChannel(world: SlackWorkspace, id: string): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw new CannotAct(`there is no channel ${id}`);
  return channel;
}

/** Slack doesn't tell the app the names of conversations that aren't public. */
export function channelName(channel: Channel): string {
  return { public: channel.name, private: "privategroup", im: "directmessage" }[channel.kind];
}

export function channelPart(channel: Channel, forge: Forge): Json {
  return { id: forge.channelId ?? channel.id, name: channelName(channel) };
}

/** Who, where from and for which app: the same in every interaction. */
export function interactionParts(world: SlackWorkspace, userId: string, forge: Forge = {}): Json {
  const user = theUser(world, forge.userId ?? userId);
  const enterprise = enterpriseOf(world, forge);
  return {
    user: {
      id: user.id,
      username: user.name,
      name: user.name,
      team_id: forge.userTeamId ?? user.teamId,
    },
    api_app_id: forge.appId ?? world.bot.appId,
    token: VERIFICATION_TOKEN,
    team: {
      id: forge.teamId ?? world.team.id,
      domain: world.team.domain,
      ...(enterprise ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {}),
    },
    enterprise: enterprise ?? null,
    is_enterprise_install: forge.isEnterpriseInstall ?? false,
  };
}

export function enterpriseOf(
  world: SlackWorkspace,
  forge: Forge,
): { id: string; name: string } | undefined {
  if (forge.enterpriseId === undefined) return world.team.enterprise;
  return { id: forge.enterpriseId, name: "Another enterprise" };
}

/** Slack's notice beneath what the person did, where the app didn't answer well. */
export function tellTrouble(
  world: SlackWorkspace,
  user: string,
  channel: string | undefined,
  trouble: string,
): void {
  if (channel === undefined) return;
  showEphemeral(world, { ...EMPTY_CONTENT, text: trouble, channel, user, from: "slack" });
}

/** An interaction's acknowledgement has no content; anything in it isn't shown. */
export function interactionTrouble(world: SlackWorkspace, ack: Delivery): { trouble?: string } {
  if (ack.failure) return { trouble: `The app did not respond: ${ack.failure}` };
  if (ack.body !== undefined) world.warn(ack.type, "the acknowledgement has a body: not shown");
  return {};
}
