// What the doctor finds: one line each, fine or not, with the fix in the same line.

import type { ChannelId } from "../text/ids.ts";
import { type Part, type Words, words } from "../text/words.ts";

export type Level = "fine" | "warning" | "fault";

export type Finding = {
  readonly level: Level;
  /** Whose it is: Settings, Policy file, Slack, Redis, Azure. */
  readonly about: string;
  readonly says: string;
  /** The channels that `says` names by their ids, where Slack can show their names. */
  readonly channels?: readonly ChannelId[];
};

const MARKS: Readonly<Record<Level, string>> = { fine: "✓", warning: "!", fault: "✗" };

/** `✗ Azure: …`: the mark and the words, never the mark alone. */
export const findingLine = ({ level, about, says }: Finding): string =>
  `${MARKS[level]} ${about}: ${level === "warning" ? "warning: " : ""}${says}`;

/** The same for Slack, which shows the names of channels. */
export function findingWords(finding: Finding): Words {
  const line = findingLine(finding);
  const ids = finding.channels ?? [];
  const byId = new Map<string, ChannelId>(ids.map((id) => [id, id]));
  const parts = line.split(/(\b[CG][A-Z0-9]+\b)/).map((text): Part => {
    const channel = byId.get(text);
    return channel === undefined ? text : { channel };
  });
  return words`${parts}`;
}

const WEIGHT: Readonly<Record<Level, number>> = { fault: 0, warning: 1, fine: 2 };

/** The worst first, for readers who read only the beginning; else as they were. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((one, other) => WEIGHT[one.level] - WEIGHT[other.level]);

/** By what findings of several subscriptions are the same; left out: by what they say. */
export type Alike = { readonly alike?: string };

/** Of more, their number says enough. */
const NAMED_MAX = 3;

export type Subscription = { readonly id: string; readonly name?: string | undefined };

/** What is found of many subscriptions alike is said once, with how many there are. */
export function together(
  findings: readonly (Omit<Finding, "about"> & Alike & { readonly subscription: Subscription })[],
): readonly Finding[] {
  const alike = Map.groupBy(findings, ({ level, says, alike }) => `${level} ${alike ?? says}`);
  return [...alike.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const who = whoOf(same.map(({ subscription }) => subscription));
    return [{ level: first.level, about: "Azure", says: `${who}: ${first.says}` }];
  });
}

function whoOf(subscriptions: readonly Subscription[]): string {
  const [first] = subscriptions;
  const { length } = subscriptions;
  if (length === 1 && first?.name !== undefined) {
    return `subscription ${first.name} (${first.id})`;
  }
  if (length === 1) return `subscription ${first?.id}`;
  const named = subscriptions.slice(0, NAMED_MAX).map(({ id, name }) => name ?? id);
  return `${length} subscriptions (${named.join(", ")}${length > NAMED_MAX ? ", …" : ""})`;
}
