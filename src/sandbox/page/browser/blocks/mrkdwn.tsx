// Slack's markup as elements: everything typed by somebody stays text.

import type { ComponentChildren } from "preact";
import { renderDate } from "../../../slack/text/dates.ts";
import { decodeEntities, type Part, partsOf } from "../../../slack/text/read-mrkdwn.ts";
import { channelOf, groupOf, nameOf, type Seen, useSeen } from "../seen.ts";
import { withEmoji } from "./emoji.ts";

/** Stands for a sequence in angle brackets while the text around it is read. */
const ASIDE = /\uE000(\d+)\uE001/;
const INLINE =
  /`([^`\n]+)`|\uE000(\d+)\uE001|(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])/gu;

type Aside = Exclude<Part, { kind: "text" }>;

export function Mrkdwn({ text }: { text: string }) {
  const seen = useSeen();
  const aside: Aside[] = [];
  const marked = partsOf(text.replace(/[\uE000\uE001]/g, ""))
    .map((part) => (part.kind === "text" ? part.text : `\uE000${aside.push(part) - 1}\uE001`))
    .join("");
  return <>{fenced(marked).map((piece, index) => blockOf(piece, index, { seen, aside }))}</>;
}

/** Plain text with its emoji codes read. */
export function Plain({ text }: { text: string }) {
  return <>{withEmoji(text)}</>;
}

type Piece = { kind: "text" | "pre" | "quote"; text: string };
type Reading = { seen: Seen; aside: Aside[] };

function fenced(text: string): Piece[] {
  return text.split(/```\n?([\s\S]*?)\n?```\n?/).flatMap((part, index): Piece[] => {
    if (index % 2 === 1) return [{ kind: "pre", text: part }];
    return part === "" ? [] : quoted(part);
  });
}

function quoted(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const line of text.split("\n")) {
    const quote = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const kind = quote ? "quote" : "text";
    const said = quote?.[1] ?? line;
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += `\n${said}`;
    else pieces.push({ kind, text: said });
  }
  return pieces;
}

function blockOf({ kind, text }: Piece, key: number, reading: Reading) {
  if (kind === "pre") return <pre key={key}>{plainOf(text, reading)}</pre>;
  const inside = inline(text, reading);
  return kind === "quote" ? (
    <blockquote key={key}>{inside}</blockquote>
  ) : (
    <span key={key} class="lines">
      {inside}
    </span>
  );
}

function inline(text: string, reading: Reading): ComponentChildren[] {
  const nodes: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, asideIndex, mark, inside = ""] = match;
    nodes.push(withEmoji(decodeEntities(text.slice(from, match.index))));
    from = match.index + whole.length;
    if (code !== undefined) nodes.push(<code>{plainOf(code, reading)}</code>);
    else if (asideIndex !== undefined) nodes.push(shown(reading, Number(asideIndex)));
    else if (mark === "*") nodes.push(<strong>{inline(inside, reading)}</strong>);
    else if (mark === "_") nodes.push(<em>{inline(inside, reading)}</em>);
    else nodes.push(<s>{inline(inside, reading)}</s>);
  }
  nodes.push(withEmoji(decodeEntities(text.slice(from))));
  return nodes;
}

function plainOf(text: string, reading: Reading): ComponentChildren[] {
  return text
    .split(ASIDE)
    .map((part, index) => (index % 2 === 1 ? shown(reading, Number(part)) : decodeEntities(part)));
}

function shown({ seen, aside }: Reading, index: number): ComponentChildren {
  const part = aside[index];
  if (!part) return "";
  switch (part.kind) {
    case "user":
      return <span class={mention(part.id === seen.me.id)}>@{nameOf(seen, part.id)}</span>;
    case "group": {
      const group = groupOf(seen, part.id);
      const isMine = group?.users.includes(seen.me.id) === true;
      return <span class={mention(isMine)}>@{group?.handle ?? part.label ?? part.id}</span>;
    }
    case "channel":
      return (
        <span class="mention">#{channelOf(seen, part.id)?.name ?? part.label ?? part.id}</span>
      );
    case "broadcast":
      return <span class={mention(true)}>@{part.range}</span>;
    case "date":
      return (
        <time dateTime={isoOf(part.unix)} title={isoOf(part.unix)}>
          {renderDate(part.unix, part.format, { tz: seen.me.tz, nowMs: seen.nowMs }) ??
            decodeEntities(part.fallback)}
        </time>
      );
    case "link":
      return <Link url={decodeEntities(part.url)} label={decodeEntities(part.label ?? part.url)} />;
  }
}

const mention = (isMe: boolean): string => (isMe ? "mention mention-me" : "mention");

function isoOf(unix: number): string {
  return Number.isFinite(unix) ? new Date(unix * 1_000).toISOString() : "";
}

/** Only what is safe to follow becomes a link. */
export function Link({ url, label }: { url: string; label: string }) {
  if (!/^(https?|mailto):/i.test(url)) return <>{label}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {label}
    </a>
  );
}
