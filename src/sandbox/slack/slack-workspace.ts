// Everything that the simulated Slack remembers: people, channels, messages, views, switches.

import { type Changes, createChanges } from "./change-listeners.ts";
import type { Json } from "./json.ts";
import type { Bot, Channel, Group, Team, User, Workspace } from "./workspace-builder.ts";

/** What a reader sees of a message. */
export type Content = {
  text: string;
  blocks: Json[];
  attachments: Json[];
  /** False: the top-level text is shown as it is, without any markup. */
  mrkdwn: boolean;
  /** True (link_names, parse=full): bare @here and @group in it are live as well. */
  linkNames: boolean;
};

export type Metadata = { event_type: string; event_payload: Json };

export type Message = Content & {
  ts: string;
  channel: string;
  /** The user who wrote it; the bot's user for the app's messages. */
  user: string;
  byApp: boolean;
  /** Of a reply: the message that it answers. */
  threadTs?: string;
  /** The thread beneath it, oldest first. */
  replies: Message[];
  /** A reply that is shown in the channel as well. */
  broadcast: boolean;
  metadata?: Metadata;
  files: Json[];
  editedTs?: string;
  /** Deleted, but kept in place because it has replies. */
  isTombstone: boolean;
  /** How it read before each edit, oldest first. */
  earlier: Content[];
};

export type Ephemeral = Content & {
  ts: string;
  channel: string;
  user: string;
  /** `slack`: Slack's own notices, such as that a command failed. */
  from: "app" | "slack";
  threadTs?: string;
};

/** Values of the inputs in a view or a message: block id, action id, and Slack's value object. */
export type InputValues = Record<string, Record<string, Json>>;

/** What a person has put into the inputs of a view or a message. */
export type Inputs = {
  values: InputValues;
  /** Options that the app suggested for its external selects, by action id. */
  suggested: Map<string, Json[]>;
};

export type OpenView = Inputs & {
  id: string;
  user: string;
  /** The view as the app sent it, with what Slack fills in. */
  view: Json;
  hash: string;
  rootId: string;
  previousId?: string;
  /** What stands beneath the inputs after a refused submission, by block id. */
  errors: Record<string, string>;
};

export type StoredFile = {
  id: string;
  filename: string;
  title: string;
  lengthDeclared: number;
  bytes?: Buffer;
  channels: string[];
};

/** Something that the real Slack lets pass, and that is still worth a look. */
type Warning = { atMs: number; method: string; what: string };

export type Switches = {
  /** `lost`: what chat.postEphemeral sends is accepted and never seen, as may happen. */
  ephemerals: "arrive" | "lost";
  /** The app's Messages Tab: where it is off, Slack opens direct messages and refuses every post in them. */
  messagesTab: "on" | "off";
  /** `free`: the user group methods answer plan_upgrade_required. */
  plan: "paid" | "free";
  /** What becomes of the app's good tokens. */
  tokens: "good" | "invalid_auth" | "token_revoked" | "account_inactive";
  /** `should_escape` in the command's settings. */
  shouldEscape: boolean;
  /** Whether an event that wasn't answered is sent again, up to three times. */
  eventRetries: boolean;
  rateLimits: "real" | "off";
  /** How many messages may go to one channel at once before the rate of one a second holds. */
  channelBurst: number;
  /** How many characters the blocks of a message may have, as JSON; the real limit isn't documented. */
  blocksCharactersMax: number;
  /** Whether the message in a click's payload carries its metadata; not documented either way. */
  metadataInClicks: boolean;
};

export type SlackWorkspace = {
  team: Team;
  bot: Bot;
  users: Map<string, User>;
  groups: Map<string, Group>;
  channels: Map<string, Channel>;
  /** What stands in each channel, oldest first; replies are in their threads. */
  messages: Map<string, Message[]>;
  /** Every message there is, by `channel ts`. */
  messagesByTs: Map<string, Message>;
  ephemerals: Ephemeral[];
  /** By `user channel ts`. */
  messageInputs: Map<string, Inputs>;
  /** The modals that are open, bottom first, by user. */
  stacks: Map<string, OpenView[]>;
  homes: Map<string, OpenView>;
  files: Map<string, StoredFile>;
  warnings: Warning[];
  /** Scopes granted to the bot token. */
  scopes: Set<string>;
  switches: Switches;
  changes: Changes;
  nowMs(): number;
  /** The next message timestamp: the time, and always later than the one before. */
  nextTs(): string;
  nextId(prefix: string): string;
  warn(method: string, what: string): void;
};

/** The scopes that the bot asks for; without the optional ones for reading back its messages. */
export const DEFAULT_SCOPES = [
  "commands",
  "chat:write",
  "users:read",
  "users:read.email",
  "usergroups:read",
  "im:write",
  "channels:read",
  "groups:read",
  "files:write",
  "team:read",
];

const DEFAULT_SWITCHES: Switches = {
  ephemerals: "arrive",
  messagesTab: "on",
  plan: "paid",
  tokens: "good",
  shouldEscape: true,
  eventRetries: true,
  rateLimits: "real",
  channelBurst: 3,
  // One with 11,341 was refused: https://github.com/slackapi/bolt-js/issues/2867
  blocksCharactersMax: 11_340,
  metadataInClicks: false,
};

export type WorldOptions = {
  workspace: Workspace;
  nowMs: () => number;
  scopes?: string[] | undefined;
  switches?: Partial<Switches> | undefined;
};

export function createWorld(options: WorldOptions): SlackWorkspace {
  // A copy: what happens here must not leak into the next test that uses the same workspace.
  const { team, bot, users, groups, channels } = structuredClone(options.workspace);
  const changes = createChanges();
  const warnings: Warning[] = [];
  return {
    team,
    bot,
    users: byId(users),
    groups: byId(groups),
    channels: byId(channels),
    messages: new Map(),
    messagesByTs: new Map(),
    ephemerals: [],
    messageInputs: new Map(),
    stacks: new Map(),
    homes: new Map(),
    files: new Map(),
    warnings,
    scopes: new Set(options.scopes ?? DEFAULT_SCOPES),
    switches: { ...DEFAULT_SWITCHES, ...options.switches },
    changes,
    nowMs: options.nowMs,
    nextTs: timestamps(options.nowMs),
    nextId: identifiers(),
    warn(method, what) {
      warnings.push({ atMs: options.nowMs(), method, what });
      changes.tell({ kind: "warning" });
    },
  };
}

function byId<T extends { id: string }>(list: T[]): Map<string, T> {
  return new Map(list.map((one) => [one.id, one]));
}

function timestamps(nowMs: () => number): () => string {
  let lastMicros = 0;
  return () => {
    lastMicros = Math.max(lastMicros + 1, Math.floor(nowMs()) * 1000);
    return formatTs(lastMicros);
  };
}

function formatTs(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  return `${seconds}.${String(micros % 1_000_000).padStart(6, "0")}`;
}

function identifiers(): (prefix: string) => string {
  let last = 0;
  return (prefix) => {
    last += 1;
    return `${prefix}0${last.toString(36).toUpperCase().padStart(8, "0")}`;
  };
}
