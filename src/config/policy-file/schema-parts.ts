// The values that a policy file is made of: durations, Slack ids, address ranges, names, patterns.
// Each tells the JSON Schema what it looks like, and a person who wrote otherwise what to write.

import { z } from "zod";
import { formatDuration, parseDuration } from "../../domain/text/duration.ts";
import { hiddenCharacter } from "../../domain/text/hidden-characters.ts";
import { channelId, groupId, userId } from "../../domain/text/ids.ts";
import { shown } from "../config-fault.ts";
import { cidrFault, proxyRange } from "./cidr.ts";
import { CIDR_PATTERN, durationPattern, PROXY_PATTERN, TEXT_PATTERN } from "./patterns.ts";

type Bounds = { readonly atLeastMs: number; readonly atMostMs: number };

/** A length of time, as milliseconds. `purpose` says in the JSON Schema what it is for. */
export function duration(purpose: string, example: string, bounds: Bounds) {
  return z
    .string({ error: ({ input }) => (typeof input === "number" ? noUnit(input) : undefined) })
    .meta({
      description: `${purpose} ${between(bounds)}`,
      examples: [example],
      pattern: durationPattern(bounds.atLeastMs),
    })
    .transform((text, context) => {
      const durationMs = parseDuration(text);
      const fault = durationFault(text, durationMs, bounds);
      if (fault !== undefined) context.addIssue(fault);
      return durationMs ?? 0;
    });
}

const between = ({ atLeastMs, atMostMs }: Bounds): string =>
  `A duration with its unit, ${formatDuration(atLeastMs)} to ${formatDuration(atMostMs)}.`;

const noUnit = (text: number | string): string =>
  `${text} has no unit: write ${text}s for seconds, ${text}m for minutes or ${text}h for hours.`;

function durationFault(text: string, durationMs: number | undefined, bounds: Bounds) {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return noUnit(text.trim());
  if (durationMs === undefined) {
    return `${shown(text)} isn't a duration: write it like 90m, 2h or 1h30m.`;
  }
  const { atLeastMs, atMostMs } = bounds;
  if (durationMs < atLeastMs) {
    const least = formatDuration(atLeastMs);
    return `${shown(text)} is shorter than ${least}: write ${least} or more.`;
  }
  if (durationMs > atMostMs) {
    const most = formatDuration(atMostMs);
    return `${shown(text)} is longer than ${most}: write ${most} or less.`;
  }
  return undefined;
}

type IdKind = {
  readonly what: string;
  readonly letters: string;
  readonly example: string;
  readonly find: string;
};

const USER: IdKind = {
  what: "a member's ID",
  letters: "UW",
  example: "U0LEAD",
  find: "in Slack: the person's profile, More, Copy member ID",
};
const GROUP: IdKind = {
  what: "a user group's ID",
  letters: "S",
  example: "S0ONCALL",
  find: "in Slack: People, User groups, the group's menu, Copy group ID",
};
const CHANNEL: IdKind = {
  what: "a channel's ID",
  letters: "CG",
  example: "C0PROD",
  find: "in Slack: the channel's details, at the bottom",
};

/** Slack's own are 9 to 11 characters. */
const ID_REST = "[A-Z0-9]{1,30}";

function slackId<Id>(kind: IdKind, make: (text: string) => Id) {
  return z
    .string()
    .meta({
      description: `${kind.what[0]?.toUpperCase()}${kind.what.slice(1)} (${kind.find}).`,
      examples: [kind.example],
      pattern: `^[${kind.letters}]${ID_REST}$`,
    })
    .transform((text, context) => {
      const fault = idFault(text, kind);
      if (fault !== undefined) context.addIssue(fault);
      return make(text);
    });
}

/** An id as it is copied out of a message (`<@U0LEAD|lea>`), or typed in lower case. */
const MENTION = /^<?[@#!]?(?:subteam\^)?([A-Za-z0-9]+)(?:\|[^>]*)?>?$/;

function idFault(text: string, kind: IdKind): string | undefined {
  const fits = (id: string, { letters }: IdKind) => new RegExp(`^[${letters}]${ID_REST}$`).test(id);
  if (fits(text, kind)) return undefined;
  const bare = MENTION.exec(text)?.[1]?.toUpperCase();
  // Real ids begin with a letter and a digit; without one it may be a name like @ulf.
  if (bare !== undefined && (text.startsWith("<") || /^.\d/.test(bare)) && fits(bare, kind))
    return `${shown(text)} isn't ${kind.what} as Slack spells it: write ${bare}.`;
  const other = [USER, GROUP, CHANNEL].find((one) => one !== kind && fits(text, one));
  if (other !== undefined) return `${text} is ${other.what}: write ${misplaced(kind, other)}`;
  if (/^D[A-Z0-9]+$/.test(text)) {
    return `${text} is a direct message: write a channel's ID such as ${kind.example}.`;
  }
  return `${shown(text)} isn't ${kind.what}: write one such as ${kind.example} (${kind.find}).`;
}

function misplaced(kind: IdKind, other: IdKind): string {
  if (other === CHANNEL || kind === CHANNEL) return `${kind.what} such as ${kind.example} here.`;
  return other === GROUP ? "it under groups." : "it under users.";
}

export const UserIdText = slackId(USER, userId);
export const GroupIdText = slackId(GROUP, groupId);
export const ChannelIdText = slackId(CHANNEL, channelId);

export const People = z
  .strictObject({
    users: z.array(UserIdText).default([]),
    groups: z.array(GroupIdText).default([]),
  })
  .meta({
    description: "Members and user groups. The members of a group are looked up at each use.",
    examples: [{ users: ["U0LEAD"], groups: ["S0ONCALL"] }],
  });

/** A word: it stands on cards, and in the keys of what is looked up. */
const ROTA_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

export const RotaNameText = z
  .string()
  .meta({ pattern: ROTA_NAME.source, examples: ["payments"] })
  .superRefine((name, context) => {
    if (!ROTA_NAME.test(name)) {
      context.addIssue(
        `${shown(name)} can't be a rota's name: begin with a letter, then use letters, digits, ` +
          "dots, dashes and underscores.",
      );
    }
  });

/** Where it is settled only at the moment itself who they are. */
export const PeopleOnCall = z
  .strictObject({
    ...People.shape,
    onCall: z.array(RotaNameText).default([]),
  })
  .meta({
    description:
      "Members, user groups, and those on call by a rota of onCall. Looked up at each use.",
    examples: [{ users: ["U0LEAD"], groups: ["S0ONCALL"], onCall: ["payments"] }],
  });

/** In the JSON Schema: a user, a group or a rota at least. */
export const SOMEBODY = {
  anyOf: ["users", "groups", "onCall"].map((key) => ({
    required: [key],
    properties: { [key]: { minItems: 1 } },
  })),
};

export const CidrText = z
  .string()
  .meta({
    description: "An IPv4 CIDR without host bits.",
    examples: ["203.0.113.0/24"],
    pattern: CIDR_PATTERN,
  })
  .superRefine((text, context) => {
    const fault = cidrFault(text);
    if (fault !== undefined) context.addIssue(fault);
  });

export const ProxyText = z
  .string()
  .meta({
    description: "An address or CIDR of a proxy, IPv4 or IPv6.",
    examples: ["10.0.0.0/24"],
    pattern: PROXY_PATTERN,
  })
  .transform((text, context) => {
    const read = proxyRange(text);
    if ("range" in read) return read.range;
    context.addIssue(read.fault);
    return z.NEVER;
  });

/** Longer than any name that Azure gives; it keeps matching cheap. */
const PATTERN_CHARACTERS_MAX = 200;

/** One line of text without spaces around it. */
const lineOfText = (charactersMax: number) =>
  z
    .string()
    .meta({ minLength: 1, maxLength: charactersMax, pattern: TEXT_PATTERN })
    .superRefine((text, context) => {
      const fault = textFault(text, charactersMax);
      if (fault !== undefined) context.addIssue(fault);
    });

/** A name or a glob. */
export const PatternText = lineOfText(PATTERN_CHARACTERS_MAX);

/** Azure's bounds: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources */
const TAG_NAME_CHARACTERS_MAX = 512;
const TAG_VALUE_CHARACTERS_MAX = 256;

export const TagNameText = lineOfText(TAG_NAME_CHARACTERS_MAX);

const quoteIt = ({ input }: { readonly input?: unknown }): string | undefined =>
  typeof input === "number" || typeof input === "boolean"
    ? `A tag's value is text, and this is read as ${input}: put it in quotes.`
    : undefined;

/** A value or a glob. */
const TagValueText = z
  .string({ error: quoteIt })
  .meta({ minLength: 1, maxLength: TAG_VALUE_CHARACTERS_MAX, pattern: TEXT_PATTERN })
  .pipe(lineOfText(TAG_VALUE_CHARACTERS_MAX));

export const TagValues = (emptyList: string) =>
  z.union([TagValueText, z.array(TagValueText).min(1, emptyList)], { error: quoteIt });

/** Shown on cards and in lists, where a longer one would be cut. */
const NAME_CHARACTERS_MAX = 75;

export const NameText = lineOfText(NAME_CHARACTERS_MAX).meta({ examples: ["production"] });

function textFault(text: string, charactersMax: number): string | undefined {
  if (text.trim() === "") return "This text is empty: write something, or remove it.";
  if (text.length > charactersMax) {
    return `This text is longer than ${charactersMax} characters: shorten it.`;
  }
  if (text.trim() !== text) return `${shown(text)} has spaces around it: remove them.`;
  if (/\p{Cc}/u.test(text)) {
    return `${shown(text)} has line breaks or control characters in it: remove them.`;
  }
  const hidden = hiddenCharacter(text);
  return hidden === undefined
    ? undefined
    : `${shown(text)} has an invisible character in it (${hidden}): remove it.`;
}
