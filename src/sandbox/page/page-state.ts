// What the page is told by its server: everything that one person's screen shows, as plain data.

import type { Json } from "../slack/json.ts";
import type { Channel, Group, User } from "../slack/workspace-builder.ts";
import type { StepId } from "./steps.ts";

export type Shown = {
  nowMs: number;
  /** How far the demo's clock is ahead of the real one. */
  offsetMs: number;
  me: string;
  slack: SlackShown;
  azure: AzureShown;
  wire: WireLine[];
  whatIf: WhatIf;
  bot: BotShown;
  guide: GuideShown | undefined;
};

export type SlackShown = {
  team: string;
  botUser: string;
  people: Person[];
  groups: Group[];
  /** Those that the person can see; the last is their conversation with the bot. */
  channels: ChannelShown[];
  /** Bottom first; the last one is on top. */
  modals: ViewShown[];
  home: ViewShown | undefined;
  /** What each person could have read, for unread marks: by person and channel. */
  stamps: Record<string, Record<string, Stamp[]>>;
  shortcuts: Shortcut[];
  commands: CommandHint[];
};

export type Person = Pick<User, "id" | "name" | "realName" | "tz"> & {
  /** Such as `Approver`. */
  role: string;
};

export type ChannelShown = Omit<Channel, "members"> & {
  memberCount: number;
  topic: string;
  messages: MessageShown[];
};

type ContentShown = { text: string; blocks: Json[]; attachments: Json[]; mrkdwn: boolean };

export type MessageShown = ContentShown & {
  ts: string;
  channel: string;
  user: string;
  byApp: boolean;
  /** `only-you`: from the app; `slack`: Slack's own notice, for one person as well. */
  ephemeral?: "only-you" | "slack";
  threadTs?: string;
  broadcast: boolean;
  replies: MessageShown[];
  files: FileShown[];
  isEdited: boolean;
};

export type FileShown = { id: string; name: string; title: string; size: number; preview: string };

export type ViewShown = {
  id: string;
  hash: string;
  view: Json;
  /** Slack's value objects, by block id and action id. */
  values: Record<string, Record<string, Json>>;
  /** By block id. */
  errors: Record<string, string>;
};

/** `isFor`: it was written to this person, or names them. */
export type Stamp = { ts: string; isFor: boolean };

/** What a person puts into an input: text, the value of an option, an id, a date, or several. */
export type Typed = string | number | string[] | null;

type Shortcut = { name: string; callbackId: string; on: "message" | "anywhere" };
export type CommandHint = { usage: string; says: string; example: string };

export type AzureShown = {
  vms: VmShown[];
  doors: DoorShown[];
  subscriptions: SubscriptionShown[];
  /** What the bot's identity may do, by purpose. */
  rights: RightShown[];
};

export type SubscriptionShown = {
  id: string;
  name: string;
  plan: "P2" | "P1" | "off";
  managementGroups: string[];
  vmCount: number;
  /** The bot may read anything there at all. */
  isSeen: boolean;
  /** The bot may read its JIT policies. */
  isRead: boolean;
};

export type RightShown = { action: string; purpose: string; isGiven: boolean };

export type VmShown = {
  id: string;
  name: string;
  resourceGroup: string;
  subscription: string;
  os: "Linux" | "Windows";
  power: string;
  privateIp: string;
  publicIp: string | undefined;
  tags: Record<string, string>;
  jit: "configured" | "not configured" | "unsupported";
  ports: PortShown[];
  rules: RuleShown[];
};

export type PortShown = { number: number; protocol: string; max: string; sources: string[] };

type RuleShown = {
  name: string;
  priority: number;
  access: "Allow" | "Deny";
  ports: string[];
  source: string;
  isJit: boolean;
};

export type DoorShown = {
  key: string;
  vm: string;
  /** In lower case. */
  vmId: string;
  port: number;
  sources: string[];
  /** `closing`: what was asked later ends it before its time. */
  status: "opening" | "open" | "closing" | "shut";
  /** Azure's own word for why it is so. */
  reason: string;
  startMs: number;
  endMs: number;
  requestor: string;
  justification: string;
};

/** One exchange over the wire, with what it said in `detail`, which is asked for separately. */
export type WireLine = {
  id: string;
  atMs: number;
  from: "slack" | "bot";
  to: "bot" | "slack" | "azure";
  what: string;
  outcome: string;
  isGood: boolean;
  /** The bot only looked around. */
  isLook: boolean;
};

export const WHAT_IF = [
  "azureRefuses",
  "azureSlow",
  "azureThrottles",
  "graphThrottles",
  "azureNeverOpens",
  "slackAway",
  "botDown",
] as const;
export type WhatIfName = (typeof WHAT_IF)[number];
export type WhatIf = Record<WhatIfName, boolean>;

/** The step of the guided tour that was shown last. */
export type GuideShown = {
  step: StepId;
  /** Its scene is being set. */
  isBusy: boolean;
  /** Something is turned on that can be put right. */
  isOn: boolean;
  /** Where its outcome is told. */
  place: Place | undefined;
};

/** A message on somebody's screen. */
export type Place = { person: string; channel: string; ts: string };

type BotShown = { state: "starting" | "ready" | "down"; starts: number };

/** What the page asks its server to do, beside what people do in Slack. */
export type Deed =
  | { do: "switch"; name: WhatIfName; on: boolean }
  | { do: "advance"; minutes: number }
  | { do: "kill" }
  | { do: "open-in-portal"; vm: string; port: number }
  | { do: "shut-in-portal"; vm: string; port: number }
  /** Takes a right from the bot on a scope, or gives it back. */
  | { do: "right"; scope: string; action: string; isGiven: boolean }
  | { do: "plan"; subscription: string; plan: SubscriptionShown["plan"] };

/** Plays a step of the guided tour, or puts right what it has turned on. */
export type GuideDeed = { show: StepId | null };
