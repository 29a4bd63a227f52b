// A rule of the policy file as it is written: what it matches, who may ask, who decides.

import { z } from "zod";
import { parseSource } from "../../domain/network/source.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../domain/text/duration.ts";
import { cidrFault } from "./cidr.ts";
import { HoursFile } from "./hours-schema.ts";
import { RULE_NETWORK_PATTERN } from "./patterns.ts";
import {
  ChannelIdText,
  duration,
  NameText,
  PatternText,
  People,
  PeopleOnCall,
  SOMEBODY,
  TagNameText,
  TagValues,
} from "./schema-parts.ts";

/** More people than this belong in a user group. */
const APPROVALS_MAX = 20;
const EXTENSIONS_MAX = 100;
const HOURS_MAX = 50;
/** They are offered in a menu, which takes no more. */
export const NETWORKS_MAX = 100;

/** One of a rule's networks; whether a name exists is seen only with the whole file. */
export const RuleNetwork = z
  .string()
  .meta({
    examples: ["vpn", "203.0.113.0/24", "my-ip", "any"],
    pattern: RULE_NETWORK_PATTERN,
  })
  .transform((text, context) => {
    const source = parseSource(text);
    if (source === undefined && !/[/:]|^\d/.test(text)) {
      return { kind: "name", name: text } as const;
    }
    if (source !== undefined && "myIp" in source) return { kind: "my-ip" } as const;
    if (/^any$/i.test(text)) return { kind: "any" } as const;
    const fault = cidrFault(text);
    if (fault !== undefined) context.addIssue(fault);
    return { kind: "cidr", cidr: text } as const;
  });

const EMPTY_LIST = "This list is empty: name at least one, or remove the key to match everything.";

const Patterns = z
  .array(PatternText)
  .min(1, EMPTY_LIST)
  .meta({ examples: [["rg-prod-*"]] });

/** Azure's policies take 0 as well; nobody can connect to it. */
const Port = z
  .int()
  .min(1, { error: ({ input }) => notPort(input) })
  .max(65_535, { error: ({ input }) => notPort(input) });

const notPort = (input: unknown): string => `${input} isn't a port: write 1 to 65535.`;

const Match = z
  .strictObject({
    tags: z
      .record(TagNameText, TagValues(EMPTY_LIST))
      .refine((tags) => Object.keys(tags).length > 0, {
        error: "This names no tag: name one, or remove the key to match every VM.",
      })
      .meta({
        description: "Every tag named must have one of the values. Globs, any case.",
        examples: [{ env: "prod" }, { env: ["prod", "live"] }],
        minProperties: 1,
      })
      .optional(),
    subscriptions: Patterns.describe("Subscription IDs. Globs, any case.").optional(),
    resourceGroups: Patterns.describe("Resource groups. Globs, any case.").optional(),
    vms: Patterns.describe("Names of VMs. Globs, any case.").optional(),
    ports: z
      .array(Port)
      .min(1, EMPTY_LIST)
      .meta({ description: "Ports that can be requested.", examples: [[22, 3389]] })
      .optional(),
    hours: z
      .array(HoursFile)
      .max(HOURS_MAX)
      .meta({
        description: "The rule applies only in these hours. Left out: at any hour.",
        examples: [[{ days: "mon-fri", from: "08:00", to: "18:00", zone: "Europe/Zurich" }]],
      })
      .optional(),
  })
  .meta({
    description: "Every key given must match; a key left out matches everything.",
    examples: [{ tags: { env: "prod" }, ports: [22, 3389] }],
  });

/** Azure allows a day at most: more is warned of, and does no harm, for the VM's own policy bounds it. */
const grantLength = { atLeastMs: MINUTE_MS, atMostMs: 7 * DAY_MS };
/** A request that waits for longer than a week has been forgotten. */
const waiting = { atLeastMs: SECOND_MS, atMostMs: 7 * DAY_MS };
/** An undecided request expires after this time, where a rule doesn't say otherwise. */
export const EXPIRE_AFTER_MS = 4 * HOUR_MS;
/** An approval that waits for its requester is good for this time. */
export const KEEP_FOR_MS = 8 * HOUR_MS;

const approvalCount = z.int().min(0).max(APPROVALS_MAX);

/** What every rule needs, and no more. */
export const RULE_EXAMPLE = {
  name: "production",
  requesters: "anyone",
  approvers: { groups: ["S0ONCALL"] },
  channel: "C0PROD",
  networks: ["my-ip"],
};

export const RuleFile = z
  .strictObject({
    name: NameText.describe("Unique; shown on cards and in the audit."),
    match: Match.prefault({}),
    requesters: z.union([z.literal("anyone"), People]).meta({
      description: "Who can request access: anyone (any full member of the workspace), or people.",
      examples: ["anyone", { users: ["U0ERIN"], groups: ["S0DEVS"] }],
    }),
    approvers: PeopleOnCall.prefault({}).describe("Required and not empty unless approvals is 0."),
    channel: ChannelIdText.optional().describe("Where the card goes; optional if approvals is 0."),
    approvals: approvalCount
      .default(1)
      .describe("How many distinct people must approve; 0 opens without a decision."),
    defaultDuration: duration(
      "Used when a request names none. Default 1h, or maxDuration where that is shorter.",
      "1h",
      grantLength,
    ).optional(),
    maxDuration: duration(
      "The longest that can be requested; the VM's own policy may limit it further.",
      "4h",
      grantLength,
    ).prefault("3h"),
    networks: z
      .array(RuleNetwork)
      .min(1)
      .max(NETWORKS_MAX)
      .meta({
        description:
          "Allowed sources, the first is the default: names from networks, IPv4 CIDRs, my-ip, any.",
        examples: [["vpn", "my-ip"]],
      }),
    reason: z
      .enum(["required", "optional"])
      .default("required")
      .describe("Whether a request must say what it is for."),
    expireAfter: duration(
      "How long a request waits for a decision before it expires. Default 4h.",
      "1h",
      waiting,
    ).optional(),
    lapseAfter: duration("The old name of expireAfter.", "1h", waiting)
      .meta({ deprecated: true })
      .optional(),
    start: z
      .enum(["approval", "requester"])
      .default("approval")
      .describe("When the clock starts: with the approval, or when the requester presses Open."),
    keepFor: duration(
      "How long an approval that waits is good: for its requester (default 8h), or for a freeze to be lifted (default: as expireAfter).",
      "8h",
      waiting,
    ).optional(),
    remindAfter: duration(
      "When approvers are reminded of a request that still waits. Default: never.",
      "15m",
      waiting,
    ).optional(),
    escalate: z
      .strictObject({
        after: duration("When they are told; must be before expireAfter.", "30m", waiting),
        to: PeopleOnCall,
      })
      .meta({ examples: [{ after: "30m", to: { users: ["U0BOSS"], groups: [] } }] })
      .optional()
      .describe("Whom to tell of a request that still waits. Default: nobody."),
    warnBefore: duration(
      "How long before the end to warn; never more than a third of the grant.",
      "10m",
      { atLeastMs: SECOND_MS, atMostMs: DAY_MS },
    ).prefault("10m"),
    extend: z
      .strictObject({
        max: z.int().min(1).max(EXTENSIONS_MAX).describe("How often one access may be extended."),
        approvals: approvalCount
          .optional()
          .describe(
            "How many approvals an extension needs. Default: as many as the rule asks for.",
          ),
      })
      .meta({ examples: [{ max: 1, approvals: 1 }] })
      .optional()
      .describe("Default: no extension."),
    breakGlass: PeopleOnCall.prefault({}).describe(
      "Who can open access immediately; it's reviewed afterwards.",
    ),
    autoApprove: PeopleOnCall.prefault({}).describe(
      "What these people request needs no approval. Default: nobody.",
    ),
    delegation: z
      .boolean()
      .default(false)
      .describe("Whether approvers can name who decides for them while they are away."),
  })
  .meta({
    examples: [RULE_EXAMPLE],
    // Approvals need approvers, and a channel for them.
    anyOf: [
      { required: ["approvals"], properties: { approvals: { const: 0 } } },
      { required: ["channel", "approvers"], properties: { approvers: SOMEBODY } },
    ],
  });

export type RuleFile = z.output<typeof RuleFile>;
