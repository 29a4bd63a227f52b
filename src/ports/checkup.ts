// What the doctor asks of each side: facts alone, which `flows/doctor/` judges.

import type { Permission } from "../domain/doctor/azure-rights.ts";
import type { ServersPlan } from "../domain/doctor/defender-plan.ts";
import type { Freeze } from "../domain/rules/freeze.ts";
import type { ChannelId } from "../domain/text/ids.ts";
import type { Rotas } from "./rotas.ts";
import type { ParkedList } from "./storage/dead-letters.ts";

/** What couldn't be asked: the service's own code and message. */
export type Unasked = { readonly code: string; readonly message: string };

/** The code where the list of VMs hasn't come yet, though others of Azure's answers have. */
export const STILL_READING = "StillReading";

export type SettingsFacts = {
  /** Whether the audit is chained with a key (`AUDIT_KEY`). */
  readonly auditKey: "good" | "guessable" | "none";
  /** What is sent to other machines without TLS. */
  readonly inTheClear: readonly ClearFacts[];
};

export type ClearFacts = {
  readonly what: "Redis" | "Traces";
  readonly host: string;
  /** What would encrypt it. */
  readonly fix: string;
};

export type TraceFacts =
  /** Where traces go, and why it doesn't take them; left out: it does. */
  | { readonly host: string; readonly code?: string }
  /** None are sent, and why; `isUnwilling`: somebody wants them. */
  | { readonly off: string; readonly isUnwilling?: true };

export type BotFacts = {
  readonly version: string;
  /** `the image`, `a clone` or `a package`. */
  readonly from: string;
};

export type ReplicaFacts = {
  readonly name: string;
  readonly version: string;
  /** Of its policy file. */
  readonly hash: string;
};

export type HostFacts = {
  readonly host: string;
  readonly use: "slack" | "azure" | "sign-in" | "redis" | "page";
  /** Why it can't be reached; left out: it can. */
  readonly code?: string;
  readonly daysLeft?: number;
};

export type SubscriptionFacts = {
  readonly id: string;
  /** As people know it; `undefined`: Azure didn't say. */
  readonly name?: string | undefined;
  readonly plan: ServersPlan | Unasked;
  /** What the bot's identity may do there. */
  readonly permissions: readonly Permission[] | Unasked;
  /** Whether all its JIT policies can be listed at once, and not only region by region. */
  readonly listsAtOnce: boolean | Unasked;
};

export type AzureFacts = {
  readonly subscriptions: readonly SubscriptionFacts[];
  /** How many it sees; or why it sees none. */
  readonly vms: number | Unasked;
  /** How many VMs have ports that stand open in spite of JIT. */
  readonly exposed: number;
  /** Azure's clock less ours; `undefined`: never heard. */
  readonly skewMs: number | undefined;
  /** Calls that are left before Azure throttles; `undefined`: it didn't say. */
  readonly left: { readonly reads: number | undefined; readonly queries: number | undefined };
};

export type SlackFacts = {
  readonly team: string;
  /** Slack's clock less ours; `undefined`: it didn't say. */
  readonly skewMs: number | undefined;
  /** What the token was granted; `undefined`: Slack didn't say. */
  readonly scopes: readonly string[] | undefined;
  readonly channels: readonly {
    readonly id: ChannelId;
    /** `shared`: another organisation can read it; `not-in`: the bot is no member; `unknown`: Slack didn't tell; `unseen`: it is private, or there is none, or the bot isn't allowed to read it. */
    readonly state: "in" | "shared" | "not-in" | "unseen" | "archived" | "unknown";
  }[];
};

export type RedisFacts = {
  readonly version: string;
  readonly latencyMs: number;
  /** Redis's own word for why it takes no writes; `undefined`: it takes them. */
  readonly refusesWrites: string | undefined;
  /** Redis's clock, by which everything is due, less ours; `undefined`: it didn't say. */
  readonly skewMs: number | undefined;
  /** `master` or `slave`, by Redis's own word; left out: it doesn't say. */
  readonly role?: string | undefined;
  readonly kept?: {
    /** Whether there is an append-only file; `undefined`: it doesn't say. */
    readonly appendOnly: boolean | undefined;
    /** `maxmemory-policy`. */
    readonly evicts: string | undefined;
    /** How long ago a snapshot was last saved; `undefined`: it doesn't say. */
    readonly savedAgoMs: number | undefined;
    /** That Redis couldn't write to its disk, in a sentence with its fix. */
    readonly fault: string | undefined;
  };
  /** Sentences with their fix. */
  readonly findings: readonly string[];
};

export type AuditFacts = {
  /** Redis's clock. */
  readonly nowMs: number;
  /** The last number that was given. */
  readonly lastSeq: number;
  /** The first entry that isn't sealed. */
  readonly waiting?: { readonly seq: number; readonly atMs: number } | undefined;
};

/** How far one who gets copies of the audit is, and whether it took one now. */
export type CopyFacts = {
  readonly name: string;
  /** Entries that it hasn't got. */
  readonly waiting: number;
  /** How long the first of these has waited. */
  readonly lagMs: number;
  readonly refused: Unasked | undefined;
};

/** What is parked until somebody brings it back; `undefined`: it can't be asked, as with the audit. */
export type WorkFacts = ParkedList & {
  /** Left out: access isn't frozen. */
  readonly frozen?: Freeze | undefined;
};

/** Each method throws a `Fault` of its world where that can't be asked at all. */
export type Checkup = {
  settings: SettingsFacts;
  bot: BotFacts;
  /** Which live; `undefined`: it can't be asked. */
  replicas(): Promise<readonly ReplicaFacts[] | undefined>;
  /** By TLS, from this machine. */
  hosts(): Promise<readonly HostFacts[]>;
  traces(): Promise<TraceFacts>;
  azure(): Promise<AzureFacts>;
  /** Of one subscription, as it was minutes ago; `undefined`: Azure doesn't tell. Never rejects for that. */
  plan(subscriptionId: string): Promise<ServersPlan | undefined>;
  slack(channels: readonly ChannelId[]): Promise<SlackFacts>;
  /** Why Slack refused the last direct message, if it refuses them all; `undefined`: it takes them, or isn't known. */
  direct(): Promise<string | undefined>;
  redis(): Promise<RedisFacts>;
  /** `undefined`: it can't be asked, which Redis's and Slack's own findings say. */
  audit(): Promise<AuditFacts | undefined>;
  /** Tries every receiver of the policy file; left out: there are none. */
  copies?(): Promise<readonly CopyFacts[] | undefined>;
  work(): Promise<WorkFacts | undefined>;
  rotas: Rotas;
};
