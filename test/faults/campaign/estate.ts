// Where the campaign takes place: people, channels and VMs enough for hundreds of lives at once, and the policy.

import type { AzureEstate } from "../../../src/sandbox/azure/world/azure-estate.ts";
import { buildWorld, policy, subscription, vm } from "../../../src/sandbox/azure/world/parts.ts";
import {
  channel,
  group,
  person,
  type Workspace,
  workspace,
} from "../../../src/sandbox/slack/workspace-builder.ts";

/** Slack takes a message a second in a channel, and a life posts about five in its own. */
const CHANNELS = 32;
const SUBSCRIPTIONS = 8;
const VMS_PER_CHANNEL = 16;
const REQUESTERS = 150;
/** They take no direct messages. */
const SHY = 20;

export const NOTICES = "C0NOTICES";
export const GENERAL = "C0GENERAL";
export const APPROVERS = ["U0APPA", "U0APPB", "U0APPC", "U0APPD"] as const;
/** Approves, too, but is away; somebody stands in for them. */
export const ABSENT = "U0AWAY";
export const STAND_IN = "U0STAND";
export const ADMIN = "U0ADMIN";
/** May decide nothing: a full member, a guest, and somebody who has left. */
export const OUTSIDERS = ["U0OUT", "U0GUEST", "U0GONE"] as const;

/** What a rule asks for decides which lives can be led under it. */
export type RuleKind = "one" | "two" | "none";

/** Of every eight channels, one asks for two approvals and one for none. */
const kindOf = (index: number): RuleKind =>
  index % 8 === 6 ? "two" : index % 8 === 7 ? "none" : "one";

export const APPROVALS: Readonly<Record<RuleKind, number>> = { one: 1, two: 2, none: 0 };

export type Place = {
  readonly vm: string;
  readonly channel: string;
  readonly rule: RuleKind;
  /** Others of the same rule, which are requested with it or not at all. */
  readonly beside?: readonly string[];
};

/** At so many of a channel's VMs several may be requested together. */
const PLACES_OF_SEVERAL = 4;

const numbered = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);
const two = (n: number): string => String(n).padStart(2, "0");
const channelAt = (index: number): string => `C0ACCESS${two(index)}`;
const vmAt = (index: number, n: number): string => `vm-${two(index)}-${two(n)}`;

const besideAt = (index: number, n: number): readonly string[] =>
  n < PLACES_OF_SEVERAL ? ["a", "b"].map((letter) => `${vmAt(index, n)}-${letter}`) : [];

/** Every VM that is requested by itself, with the rule that decides about it. */
export const PLACES: readonly Place[] = numbered(VMS_PER_CHANNEL).flatMap((n) =>
  numbered(CHANNELS).map((index) => ({
    vm: vmAt(index, n),
    channel: channelAt(index),
    rule: kindOf(index),
    ...(n < PLACES_OF_SEVERAL && { beside: besideAt(index, n) }),
  })),
);

export const requesterAt = (n: number): string => `U0REQ${String(n % REQUESTERS).padStart(3, "0")}`;

export const shyRequesterAt = (n: number): string => `U0SHY${two(n % SHY)}`;
export const isShy = (user: string): boolean => user.startsWith("U0SHY");

const OWNERS = 100;
/** Those who have access from long ago, and ask for nothing more. */
export const ownerAt = (n: number): string => `U0OWN${String(n % OWNERS).padStart(3, "0")}`;

export function campaignWorkspace(): Workspace {
  const channels = numbered(CHANNELS).map((n) => channel(channelAt(n), `access-${two(n)}`));
  return workspace({
    people: [
      ...numbered(REQUESTERS).map((n) => person(requesterAt(n), `req${n}`, `Requester ${n}`)),
      ...numbered(OWNERS).map((n) => person(ownerAt(n), `own${n}`, `Owner ${n}`)),
      ...numbered(SHY).map((n) =>
        person(shyRequesterAt(n), `shy${n}`, `Shy ${n}`, {
          refusesDirect: "messages_tab_disabled",
        }),
      ),
      ...APPROVERS.map((id, n) => person(id, `app${n}`, `Approver ${n}`)),
      person(ABSENT, "away", "Aiko Away"),
      person(STAND_IN, "stand", "Stan Standin"),
      person("U0OUT", "out", "Olaf Outside"),
      person("U0GUEST", "guest", "Gast Guest", { isRestricted: true }),
      person("U0GONE", "gone", "Gus Gone", { deleted: true }),
      person(ADMIN, "ada", "Ada Novak", { isAdmin: true }),
    ],
    groups: [group("S0ONCALL", "oncall", ["U0APPC", "U0APPD"])],
    channels: [...channels, channel(NOTICES, "notices"), channel(GENERAL, "general")],
  });
}

export function campaignAzure(): AzureEstate {
  return buildWorld(
    ...numbered(SUBSCRIPTIONS).map((n) => subscription({ name: `Sub ${n}` })),
    ...numbered(CHANNELS).flatMap((index) => {
      const at = {
        subscription: `Sub ${index % SUBSCRIPTIONS}`,
        resourceGroup: `rg-${two(index)}`,
      };
      const vms = numbered(VMS_PER_CHANNEL).flatMap((n) => [vmAt(index, n), ...besideAt(index, n)]);
      const tags = { channel: two(index) };
      // A policy for each VM: whoever reads it reads it on account of a request for that VM.
      return vms.flatMap((name) => [
        vm({ ...at, name, tags }),
        policy({ ...at, name: `of-${name}`, vms: [name], ports: [22, 3389], max: "PT3H" }),
      ]);
    }),
  );
}

/** An undecided request is to be over within the run as well. */
const rule = (index: number, approvers: string): string => `
  - name: access ${two(index)}
    match: { tags: { channel: "${two(index)}" } }
    requesters: anyone
    approvers: { users: [${approvers}], groups: [S0ONCALL] }
    delegation: true
    approvals: ${APPROVALS[kindOf(index)]}
    channel: ${channelAt(index)}
    networks: [vpn, office]
    reason: optional
    maxDuration: 3h
    warnBefore: 20s
    expireAfter: 90s
    remindAfter: 40s
    escalate: { after: 60s, to: { users: [${ADMIN}] } }
    extend: { max: 1, approvals: 1 }`;

const policyWith = (...approvers: readonly string[]): string => `
channels: { notices: ${NOTICES} }
admins: { users: [${ADMIN}] }
networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24 }
limits: { openPerPerson: 50, pendingPerPerson: 50 }
watch: off
rules:${numbered(CHANNELS)
  .map((index) => rule(index, approvers.join()))
  .join("")}
`;

export const CAMPAIGN_POLICY = policyWith("U0APPA", "U0APPB", ABSENT);
/** Names one of the group by themselves, too: other people to call, and the same who decide. */
export const CHANGED_POLICY = policyWith("U0APPA", "U0APPB", "U0APPC", ABSENT);
