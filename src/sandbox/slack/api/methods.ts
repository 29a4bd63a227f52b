// The Web API methods that there are, each with its token, scopes and rate.

import type { Handler, TokenKind } from "./call.ts";
import { chatDelete, chatPostEphemeral, chatPostMessage, chatUpdate } from "./chat-methods.ts";
import {
  chatGetPermalink,
  conversationsHistory,
  conversationsInfo,
  conversationsList,
  conversationsMembers,
  conversationsOpen,
  conversationsReplies,
  usersConversations,
} from "./conversation-methods.ts";
import { filesCompleteUpload, filesGetUploadUrl } from "./file-methods.ts";
import {
  authTest,
  botsInfo,
  teamInfo,
  userGroupsList,
  userGroupsUsersList,
  usersInfo,
  usersList,
  usersLookupByEmail,
} from "./people-methods.ts";
import { viewsOpen, viewsPublish, viewsPush, viewsUpdate } from "./view-methods.ts";

export type MethodRule = {
  handle: Handler;
  token: TokenKind | "either";
  /** One of these must be granted; which may depend on the kind of channel. Empty: none. */
  scopes: string[];
  /** Calls a minute, by Slack's tiers; `channel`: one message a second to each channel. */
  rate: number | "channel";
};

const TIER_1 = 1;
const TIER_2 = 20;
const TIER_3 = 50;
const TIER_4 = 100;
/** Methods with "special" limits of hundreds a minute. */
const GENEROUS = 600;

const READ = ["channels:read", "groups:read", "im:read", "mpim:read"];
const HISTORY = ["channels:history", "groups:history", "im:history", "mpim:history"];
const CHAT = ["chat:write"];
const USERS = ["users:read"];
const GROUPS = ["usergroups:read"];
const FILES = ["files:write"];

function bot(handle: Handler, scopes: string[], rate: MethodRule["rate"]): MethodRule {
  return { handle, token: "bot", scopes, rate };
}

/** Scopes and tiers as documented at docs.slack.dev/reference/methods. */
export const METHODS: Record<string, MethodRule> = {
  "apps.connections.open": {
    handle: (_world, _args, around) => ({ url: around.openSocketUrl() }),
    token: "app",
    scopes: [],
    rate: TIER_1,
  },
  "auth.test": { handle: authTest, token: "either", scopes: [], rate: GENEROUS },
  "bots.info": bot(botsInfo, USERS, TIER_3),
  "chat.delete": bot(chatDelete, CHAT, TIER_3),
  "chat.getPermalink": bot(chatGetPermalink, [], GENEROUS),
  "chat.postEphemeral": bot(chatPostEphemeral, CHAT, TIER_4),
  "chat.postMessage": bot(chatPostMessage, CHAT, "channel"),
  "chat.update": bot(chatUpdate, CHAT, TIER_3),
  "conversations.history": bot(conversationsHistory, HISTORY, TIER_3),
  "conversations.info": bot(conversationsInfo, READ, TIER_3),
  "conversations.list": bot(conversationsList, READ, TIER_2),
  "conversations.members": bot(conversationsMembers, READ, TIER_4),
  "conversations.open": bot(conversationsOpen, ["im:write", "mpim:write"], TIER_3),
  "conversations.replies": bot(conversationsReplies, HISTORY, TIER_3),
  "files.completeUploadExternal": bot(filesCompleteUpload, FILES, TIER_4),
  "files.getUploadURLExternal": bot(filesGetUploadUrl, FILES, TIER_4),
  "team.info": bot(teamInfo, ["team:read"], TIER_3),
  "usergroups.list": bot(userGroupsList, GROUPS, TIER_2),
  "usergroups.users.list": bot(userGroupsUsersList, GROUPS, TIER_2),
  "users.conversations": bot(usersConversations, READ, TIER_3),
  "users.info": bot(usersInfo, USERS, TIER_4),
  "users.list": bot(usersList, USERS, TIER_2),
  "users.lookupByEmail": bot(usersLookupByEmail, ["users:read.email"], TIER_3),
  "views.open": bot(viewsOpen, [], TIER_4),
  "views.publish": bot(viewsPublish, [], TIER_4),
  "views.push": bot(viewsPush, [], TIER_4),
  "views.update": bot(viewsUpdate, [], TIER_4),
};
