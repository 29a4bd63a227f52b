// The policy file's schema: the one source of what is read, the defaults, and the JSON Schema.

import { z } from "zod";
import { parseSource } from "../../domain/network/source.ts";
import { VMS_PER_REQUEST } from "../../domain/rules/policy.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../domain/text/duration.ts";
import { shown } from "../config-fault.ts";
import { Bundles } from "./bundle-schema.ts";
import { OnCallSources, PeopleInSlack } from "./rota-schema.ts";
import { RULE_EXAMPLE, RuleFile } from "./rule-schema.ts";
import { ChannelIdText, CidrText, duration, People, ProxyText } from "./schema-parts.ts";
import { SINK_EXAMPLE, SINKS_MAX, Sink } from "./sink-schema.ts";

/** Every request is held against the rules one by one. */
export const RULES_MAX = 1000;
const REQUESTS_PER_PERSON_MAX = 1000;
/** They share one card, which has to be read on a phone. */
const VMS_PER_REQUEST_MAX = 50;

const Admins = People.refine(
  ({ users, groups }) => users.length + groups.length > 0,
  "This names nobody: give at least one user or group, because somebody has to be told about errors.",
).meta({
  description: "Who can see everything, is told about errors, and can configure VMs. Not empty.",
  anyOf: ["users", "groups"].map((key) => ({
    required: [key],
    properties: { [key]: { minItems: 1 } },
  })),
});

/** A word that can be typed after `from`, and can't be taken for an address or a keyword. */
const NETWORK_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

const NetworkName = z
  .string()
  .meta({ pattern: NETWORK_NAME.source })
  .superRefine((name, context) => {
    if (parseSource(name) !== undefined || /^(from|for)$/i.test(name)) {
      context.addIssue(`${shown(name)} has a meaning of its own in commands: choose another name.`);
    } else if (!NETWORK_NAME.test(name)) {
      context.addIssue(
        `${shown(name)} can't be typed as a source: begin with a letter, then use letters, ` +
          "digits, dots, dashes and underscores.",
      );
    }
  });

const Networks = z.record(
  NetworkName,
  z
    .union([CidrText, z.array(CidrText).min(1)])
    .meta({ examples: ["203.0.113.0/24", ["198.51.100.0/25", "198.51.100.128/25"]] }),
);

/** As Azure spells it; Azure doesn't know display names. */
const SUBSCRIPTION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const SubscriptionId = z
  .string()
  .meta({
    examples: ["00000000-0000-0000-0000-000000000001"],
    pattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
  })
  .refine((text) => SUBSCRIPTION_ID.test(text), {
    error: ({ input }) =>
      `${shown(input)} isn't a subscription's ID: write the ID, not the name, with its dashes.`,
  });

const ManagementGroup = z
  .string()
  .meta({ examples: ["mg-platform"], pattern: "^[A-Za-z0-9._()-]{1,90}$" })
  .refine((text) => /^[A-Za-z0-9._()-]{1,90}$/.test(text), {
    error: ({ input }) => `${shown(input)} isn't a management group's ID: write the ID alone.`,
  });

const requestLimit = z.int().min(1).max(REQUESTS_PER_PERSON_MAX).default(10);

export const PolicyFile = z
  .strictObject({
    azure: z
      .strictObject({
        cloud: z
          .enum(["public", "usgov", "china"])
          .default("public")
          .describe("Which Azure: its endpoint, and where its tokens come from."),
        subscriptions: z
          .array(SubscriptionId)
          .default([])
          .describe("Left out: every subscription that the bot's identity can read."),
        managementGroups: z
          .array(ManagementGroup)
          .default([])
          .describe("IDs of management groups whose subscriptions count, too."),
        sourceLists: z
          .boolean()
          .default(false)
          .describe(
            "Whether Azure is sent all ranges of a network at once, as its portal does. Azure doesn't document it, so try it first.",
          ),
      })
      .prefault({})
      .describe("Where the VMs are."),
    channels: z
      .strictObject({
        notices: ChannelIdText.describe(
          "Where endings, warnings and alarms go that have no channel of their own.",
        ),
      })
      .meta({
        description: "Where the bot posts in addition to the rules' own channels.",
        examples: [{ notices: "C0NOTICES" }],
      }),
    notices: z
      .enum(["all", "exceptions"])
      .default("all")
      .describe(
        "What goes to the notices channel: every ending as well, or only what no card shows.",
      ),
    admins: Admins,
    auditors: People.prefault({}).describe("Who can see everything and change nothing."),
    networks: Networks.prefault({}).describe(
      "Sources that people can name: an IPv4 CIDR, or a list of them to choose from.",
    ),
    endEarly: z
      .enum(["initiate", "nsg-rule", "off"])
      .default("initiate")
      .describe(
        "How access is ended early: by a short new grant, by deleting the NSG rule, or not at all.",
      ),
    limits: z
      .strictObject({
        openPerPerson: requestLimit,
        pendingPerPerson: requestLimit,
        asksPerMinute: requestLimit,
        vmsPerRequest: z
          .int()
          .min(1)
          .max(VMS_PER_REQUEST_MAX)
          .default(VMS_PER_REQUEST)
          .describe("How many VMs one request may name."),
      })
      .prefault({})
      .describe(
        "How many requests a person may have open, and waiting, at the same time, and make in a minute.",
      ),
    breaker: z
      .strictObject({
        opensPerMinute: z.int().min(1).max(10_000),
      })
      .optional()
      .meta({
        description:
          "If more than this many requests open within a minute, access is frozen and the admins are told. Left out: only an admin can freeze it.",
        examples: [{ opensPerMinute: 60 }],
      }),
    bundles: Bundles,
    onCall: OnCallSources,
    people: PeopleInSlack,
    myIp: z
      .strictObject({
        trustedProxies: z.array(ProxyText).default([]).describe("Whose header is trusted."),
        header: z
          .string()
          .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, {
            error: "This isn't the name of an HTTP header: write one such as x-forwarded-for.",
          })
          .toLowerCase()
          .default("x-forwarded-for")
          .describe("The header in which the proxies pass on the client's address."),
        rememberFor: duration(
          "How long an address is remembered before it's asked for again.",
          "12h",
          {
            atLeastMs: SECOND_MS,
            atMostMs: 30 * DAY_MS,
          },
        ).prefault("12h"),
      })
      .prefault({})
      .describe("How a person's own address is found for my-ip."),
    privacy: z
      .strictObject({ hideOnCard: z.array(z.enum(["source", "reason"])).default([]) })
      .prefault({})
      .describe("What isn't shown in the approvers' channel; the audit log keeps it."),
    audit: z
      .strictObject({
        keepFor: duration("Older entries are removed; at least 30d.", "400d", {
          atLeastMs: SECOND_MS,
          atMostMs: 3660 * DAY_MS,
        }).prefault("400d"),
        allowUnder30d: z
          .boolean()
          .default(false)
          .describe("Confirms that entries can be removed before they are 30 days old."),
        stream: z
          .array(Sink)
          .max(SINKS_MAX)
          .default([])
          .meta({
            description: "Who gets a copy of each entry as it's written.",
            examples: [[SINK_EXAMPLE]],
          }),
      })
      .prefault({})
      .describe("The record of everything that was requested, decided and done."),
    watch: z
      .union([
        z.literal("off"),
        z.literal(false),
        z.strictObject({
          every: z
            .union([
              z.literal("off"),
              z.literal(false),
              duration("How often Azure is read.", "1m", {
                atLeastMs: SECOND_MS,
                atMostMs: HOUR_MS,
              }),
            ])
            .meta({ description: "How often Azure is read, or off.", examples: ["1m", "off"] }),
        }),
      ])
      .meta({
        description:
          "How often to look for what is opened, closed or changed behind the bot's back; off: never.",
        examples: [{ every: "1m" }, "off"],
      })
      .prefault({ every: "1m" }),
    rules: z
      .array(RuleFile)
      .min(1)
      .max(RULES_MAX)
      .meta({
        description: "The first rule that matches decides; if none does, the request is refused.",
        examples: [[RULE_EXAMPLE]],
      }),
  })
  .meta({
    title: "Policy of just-in-time access",
    description: "Who may open what, and who approves.",
  });

export type PolicyFile = z.output<typeof PolicyFile>;
