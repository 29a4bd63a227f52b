// A sentence for people, made of parts, so that each surface (Slack, terminal, log) renders it safely:
// plain strings are escaped, people become mentions, times are shown in the reader's own zone.

import type { ChannelId, GroupId, UserId } from "./ids.ts";

export type Part =
  | string
  | { readonly user: UserId }
  | { readonly group: GroupId }
  | { readonly channel: ChannelId }
  /** A moment, in milliseconds since the epoch. */
  | { readonly atMs: number }
  /** Something to type or copy, verbatim. */
  | { readonly code: string }
  | { readonly strong: string }
  /** A web address to open. */
  | { readonly link: string; readonly says: string };

export type Words = readonly Part[];

/** Builds a sentence: words`Ask ${{ user }} again at ${{ atMs }}.` Words inside words are joined. */
export function words(
  texts: TemplateStringsArray,
  ...values: readonly (Part | Words | number)[]
): Words {
  const parts: Part[] = [];
  texts.forEach((text, index) => {
    if (text !== "") parts.push(text);
    const value = values[index];
    if (value === undefined) return;
    if (typeof value === "number") parts.push(String(value));
    else if (isWords(value)) parts.push(...value);
    else parts.push(value);
  });
  return parts;
}

const isWords = (value: Part | Words): value is Words => Array.isArray(value);

/** Joins with commas and a last "and" or "or": a, b and c. */
export function listed(items: readonly (Part | Words)[], last: "and" | "or" = "and"): Words {
  const parts: Part[] = [];
  items.forEach((item, index) => {
    if (index > 0) parts.push(index === items.length - 1 ? ` ${last} ` : ", ");
    if (isWords(item)) parts.push(...item);
    else parts.push(item);
  });
  return parts;
}

/** The sentence for a terminal or a log: people as `@U0LEAD`, times in UTC. */
export function plain(sentence: Words): string {
  return sentence
    .map((part) => {
      if (typeof part === "string") return part;
      if ("user" in part) return `@${part.user}`;
      if ("group" in part) return `@${part.group}`;
      if ("channel" in part) return `#${part.channel}`;
      if ("link" in part) return `${part.says} (${part.link})`;
      if ("atMs" in part) return `${new Date(part.atMs).toISOString().slice(0, 19)}Z`;
      return "code" in part ? part.code : part.strong;
    })
    .join("");
}
