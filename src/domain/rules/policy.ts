// The policy file as the rules read it: who may ask for what, who decides, for how long, from where.
// `config/` makes it of YAML; everything here is frozen and complete (defaults filled in).

import type { Hours } from "../hours/hours.ts";
import type { RotaSource } from "../on-call/rota.ts";
import type { ChannelId, GroupId, RotaName, UserId } from "../text/ids.ts";

export type People = {
  readonly users: readonly UserId[];
  readonly groups: readonly GroupId[];
  /** The people on call by one of these rotas at that moment; left out: none. */
  readonly onCall?: readonly RotaName[] | undefined;
};

/** A source that a rule allows. `network` refers to the file's `networks`; its CIDRs are IPv4. */
export type AllowedSource =
  | { readonly kind: "network"; readonly name: string; readonly cidrs: readonly string[] }
  | { readonly kind: "cidr"; readonly cidr: string }
  | { readonly kind: "my-ip" }
  | { readonly kind: "any" };

/** Every key given must match; texts may be globs, compared without regard to case. */
export type Match = {
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly subscriptions?: readonly string[];
  readonly resourceGroups?: readonly string[];
  readonly vms?: readonly string[];
  readonly ports?: readonly number[];
  /** Not empty; the rule is there only within them. */
  readonly hours?: readonly Hours[];
};

/** Which VMs belong to a bundle, as a rule's `match` says it. */
export type Bundle = Pick<Match, "tags" | "resourceGroups" | "vms">;

/** How many VMs one request may name, where the file doesn't say. */
export const VMS_PER_REQUEST = 20;

export type Rule = {
  readonly name: string;
  readonly match: Match;
  readonly requesters: "anyone" | People;
  /** Empty only where `approvals` is 0. */
  readonly approvers: People;
  /** Where the card goes; `undefined` only where `approvals` is 0. */
  readonly channel: ChannelId | undefined;
  /** How many distinct people must approve; 0 opens without a decision. */
  readonly approvals: number;
  readonly defaultDurationMs: number;
  readonly maxDurationMs: number;
  /** Not empty; the first is the default. */
  readonly networks: readonly AllowedSource[];
  readonly reason: "required" | "optional";
  readonly expireAfterMs: number;
  /** What is approved is opened by its requester, within this time; left out: at once. */
  readonly keepForMs?: number;
  /** How long what is approved waits for a freeze to be lifted; left out: as long as for its decision. */
  readonly heldForMs?: number;
  /** The file calls it `lapseAfter`, which still works. */
  readonly usesLapseAfter?: true;
  readonly remindAfterMs: number | undefined;
  readonly escalate: { readonly afterMs: number; readonly to: People } | undefined;
  readonly warnBeforeMs: number;
  readonly extend: { readonly max: number; readonly approvals: number } | undefined;
  readonly breakGlass: People;
  /** What these people request is approved by the rule itself; left out: nobody. */
  readonly autoApprove?: People;
  /** Its approvers may name somebody who decides for them while they are away. */
  readonly delegation?: true;
};

/** Who gets a copy of the audit as it is written. */
export type AuditSink =
  | {
      readonly kind: "syslog";
      readonly host: string;
      readonly port: number;
      readonly isTls: boolean;
      readonly format: "rfc5424" | "cef";
    }
  | { readonly kind: "https"; readonly url: string }
  | {
      readonly kind: "azure-monitor";
      /** Of a data collection endpoint or rule, without a slash at the end. */
      readonly endpoint: string;
      /** The data collection rule's immutable ID. */
      readonly ruleId: string;
      readonly stream: string;
    };

export type Cloud = "public" | "usgov" | "china";

export type Policy = {
  /** SHA-256 of the file's bytes, hex: recorded with every decision. */
  readonly hash: string;
  readonly azure: {
    readonly cloud: Cloud;
    readonly subscriptions: readonly string[];
    readonly managementGroups: readonly string[];
    /** Azure is sent all ranges of a network at once; left out: people choose one of them. */
    readonly sourceLists?: true;
  };
  readonly channels: { readonly notices: ChannelId };
  /** The notices channel hears only what no card has told; left out: of every end. */
  readonly notices?: "exceptions";
  readonly admins: People;
  readonly auditors: People;
  /** Named sources: IPv4 CIDRs, one or several. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
  readonly endEarly: "initiate" | "nsg-rule" | "off";
  readonly limits: {
    readonly openPerPerson: number;
    readonly pendingPerPerson: number;
    /** Of one person, in any minute. */
    readonly asksPerMinute: number;
    /** How many VMs one request may name; left out: `VMS_PER_REQUEST`. */
    readonly vmsPerRequest?: number;
  };
  /** VMs that are requested together, by the bundle's name; left out: there are none. */
  readonly bundles?: Readonly<Record<string, Bundle>>;
  /** More openings than that in a minute freeze access; left out: nothing does but an admin. */
  readonly breaker?: { readonly opensPerMinute: number };
  readonly myIp: {
    readonly trustedProxies: readonly string[];
    readonly header: string;
    readonly rememberForMs: number;
  };
  /** By name; left out: nobody is ever on call. */
  readonly onCall?: Readonly<Record<RotaName, RotaSource>>;
  /** How somebody on call is found in Slack; left out: by their verified address. */
  readonly people?: {
    readonly byEmail: boolean;
    /** By address, in lower case. */
    readonly map: Readonly<Record<string, UserId>>;
  };
  readonly privacy: { readonly hideOnCard: readonly ("source" | "reason")[] };
  readonly audit: { readonly keepForMs: number; readonly stream: readonly AuditSink[] };
  /** `undefined`: not watched. */
  readonly watch: { readonly everyMs: number } | undefined;
  /** The first rule that matches decides. Not empty. */
  readonly rules: readonly Rule[];
};
