// The methods about the workspace and the people in it: auth.test, users, user groups, bots, team.

import type { Json } from "../json.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";
import type { Group, User } from "../workspace-builder.ts";
import {
  ApiFault,
  type Args,
  type Handler,
  isOn,
  optional,
  pageOf,
  required,
  withCursor,
} from "./call.ts";

/** An app-level token tells only whose app it is. */
export const authTest: Handler = (world, _args, { token }) => {
  const { appId, botId, userId, name } = world.bot;
  if (token === "app") return { app_id: appId, app_name: name };
  return {
    url: `https://${world.team.domain}.slack.com/`,
    team: world.team.name,
    user: name,
    team_id: world.team.id,
    user_id: userId,
    bot_id: botId,
    ...(world.team.enterprise ? { enterprise_id: world.team.enterprise.id } : {}),
    is_enterprise_install: false,
  };
};

export const usersInfo: Handler = (world, args) => {
  const user = world.users.get(required(args, "user"));
  if (!user) throw new ApiFault("user_not_found");
  return { user: wireUser(world, user) };
};

export const usersLookupByEmail: Handler = (world, args) => {
  const asked = required(args, "email").toLowerCase();
  const user = [...world.users.values()].find(
    (one) => one.email.toLowerCase() === asked && !one.deleted && !one.isBot,
  );
  if (!user) throw new ApiFault("users_not_found");
  return { user: wireUser(world, user) };
};

export const usersList: Handler = (world, args) => {
  const page = pageOf(args, [...world.users.values()], 1_000, 1_000);
  return {
    members: page.items.map((user) => wireUser(world, user)),
    cache_ts: Math.floor(world.nowMs() / 1000),
    ...withCursor(page),
  };
};

export function wireUser(world: SlackWorkspace, user: User): Json {
  const profile = {
    real_name: user.realName,
    real_name_normalized: user.realName,
    display_name: user.displayName,
    display_name_normalized: user.displayName,
    team: user.teamId,
    ...(world.scopes.has("users:read.email") && !user.isBot ? { email: user.email } : {}),
  };
  const shared = {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted,
    profile,
    is_bot: user.isBot,
    is_app_user: user.isAppUser,
    updated: 1_600_000_000,
  };
  // Slack leaves most of a deactivated person out.
  if (user.deleted) return shared;
  return {
    ...shared,
    real_name: user.realName,
    tz: user.tz,
    tz_label: user.tz,
    ...(user.isBot ? {} : { is_email_confirmed: user.emailConfirmed }),
    is_admin: user.isAdmin,
    is_owner: user.isOwner,
    is_primary_owner: false,
    is_restricted: user.isRestricted || user.isUltraRestricted,
    is_ultra_restricted: user.isUltraRestricted,
    ...(user.isStranger ? { is_stranger: true } : {}),
  };
}

export const userGroupsList: Handler = (world, args) => {
  refuseOnFreePlan(world);
  const shown = [...world.groups.values()].filter(
    (one) => !one.disabled || isOn(args, "include_disabled"),
  );
  return { usergroups: shown.map((one) => wireGroup(world, one, isOn(args, "include_users"))) };
};

export const userGroupsUsersList: Handler = (world, args) => {
  refuseOnFreePlan(world);
  const found = world.groups.get(required(args, "usergroup"));
  if (!found || (found.disabled && !isOn(args, "include_disabled"))) {
    throw new ApiFault("no_such_subteam");
  }
  return { users: found.users };
};

function refuseOnFreePlan(world: SlackWorkspace): void {
  if (world.switches.plan === "free") throw new ApiFault("plan_upgrade_required");
}

export function wireGroup(world: SlackWorkspace, group: Group, withUsers: boolean): Json {
  return {
    id: group.id,
    team_id: world.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    handle: group.handle,
    description: "",
    is_external: false,
    date_create: 1_600_000_000,
    date_update: 1_600_000_000,
    date_delete: group.disabled ? 1_600_000_001 : 0,
    auto_type: null,
    user_count: group.users.length,
    ...(withUsers ? { users: group.users } : {}),
  };
}

export const botsInfo: Handler = (world, args: Args) => {
  const { botId, appId, userId, name } = world.bot;
  const asked = optional(args, "bot") ?? botId;
  if (asked !== botId) throw new ApiFault("bot_not_found");
  return { bot: { id: botId, deleted: false, name, app_id: appId, user_id: userId, icons: {} } };
};

export const teamInfo: Handler = (world) => {
  const { id, name, domain, enterprise } = world.team;
  const inOrg = enterprise
    ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name }
    : {};
  return { team: { id, name, domain, email_domain: "", icon: {}, ...inOrg } };
};
