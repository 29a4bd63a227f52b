// Shows a message or a view as one person reads it: lines of plain text.

import { asList, asObject, asText, type Json, objectsIn, textAt } from "../json.ts";
import type { Channel, Group, User } from "../workspace-builder.ts";
import { type DateReader, renderDate } from "./dates.ts";
import { decodeEntities, type Part, partsOf, withoutMarks } from "./read-mrkdwn.ts";

export type Reader = DateReader & {
  users: Map<string, User>;
  groups: Map<string, Group>;
  channels: Map<string, Channel>;
};

/** A message, an ephemeral message, or a view. */
export type Readable = {
  text?: unknown;
  blocks?: unknown;
  attachments?: unknown;
  mrkdwn?: unknown;
  title?: unknown;
  submit?: unknown;
};

/** The top-level text shows only where there are no blocks, as in Slack. */
export function plainText(shown: Readable, reader: Reader): string {
  const blocks = objectsIn(shown.blocks);
  const text = asText(shown.text) ?? "";
  const top = shown.mrkdwn === false ? decodeEntities(text) : readMrkdwn(text, reader);
  const lines = [
    readText(shown.title, reader),
    blocks.length > 0 ? "" : top,
    ...blocks.map((block) => readBlock(block, reader)),
    ...objectsIn(shown.attachments).map((one) => readAttachment(one, reader)),
    shown.submit ? `[${readText(shown.submit, reader)}]` : "",
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function readAttachment(attachment: Json, reader: Reader): string {
  const blocks = objectsIn(attachment.blocks);
  if (blocks.length > 0) return blocks.map((block) => readBlock(block, reader)).join("\n");
  return ["pretext", "title", "text"]
    .map((key) => readMrkdwn(asText(attachment[key]) ?? "", reader))
    .filter((line) => line !== "")
    .join("\n");
}

function readBlock(block: Json, reader: Reader): string {
  const elements = asList(block.elements) ?? [];
  switch (block.type) {
    case "section":
      return lines([
        readText(block.text, reader),
        ...(asList(block.fields) ?? []).map((field) => readText(field, reader)),
        readElement(block.accessory, reader),
      ]);
    case "header":
      return readText(block.text, reader);
    case "markdown":
      return asText(block.text) ?? "";
    case "context":
    case "actions":
      return elements.map((one) => readElement(one, reader)).join(" ");
    case "input":
      return lines([
        readText(block.label, reader),
        readElement(block.element, reader),
        readText(block.hint, reader),
      ]);
    case "divider":
      return "---";
    case "image":
      return `[image: ${asText(block.alt_text) ?? ""}]`;
    case "rich_text":
      return lines(elements.map((one) => readRich(one, reader)));
    default:
      return "";
  }
}

function readElement(value: unknown, reader: Reader): string {
  const element = asObject(value);
  if (!element) return "";
  if (element.type === "mrkdwn" || element.type === "plain_text") return readText(element, reader);
  if (element.type === "image") return `[image: ${asText(element.alt_text) ?? ""}]`;
  if (element.type === "button") return `[${readText(element.text, reader)}]`;
  if (element.type === "overflow") {
    const choices = (asList(element.options) ?? []).map((one) => textAt(one, "text", "text") ?? "");
    return `[⋯ ${choices.join(" | ")}]`;
  }
  const initial =
    textAt(element, "initial_option", "text", "text") ??
    asText(element.initial_value) ??
    asText(element.initial_date) ??
    asText(element.initial_user) ??
    textAt(element, "placeholder", "text");
  return `(${initial ?? ""})`;
}

function readText(value: unknown, reader: Reader): string {
  const text = textAt(value, "text") ?? "";
  return asObject(value)?.type === "mrkdwn" ? readMrkdwn(text, reader) : text;
}

/** mrkdwn as it is rendered: names for mentions, labels for links, no marks, no entities. */
function readMrkdwn(mrkdwn: string, reader: Reader): string {
  // What must not be touched by the later steps is put aside, and put back at the end.
  const aside: string[] = [];
  const putAside = (text: string): string => `\uE000${aside.push(text) - 1}\uE001`;
  const tokens = partsOf(mrkdwn)
    .map((part) => (part.kind === "text" ? part.text : putAside(readPart(part, reader))))
    .join("");
  const code = tokens
    .replace(/```\n?([\s\S]*?)\n?```/g, (_, inside: string) => putAside(decodeEntities(inside)))
    .replace(/`([^`\n]+)`/g, (_, inside: string) => putAside(decodeEntities(inside)));
  let text = decodeEntities(withoutMarks(code));
  while (text.includes("\uE000")) {
    text = text.replace(/\uE000(\d+)\uE001/g, (_, index: string) => aside[Number(index)] ?? "");
  }
  return text;
}

function readPart(part: Exclude<Part, { kind: "text" }>, reader: Reader): string {
  switch (part.kind) {
    case "user":
      return `@${reader.users.get(part.id)?.displayName ?? part.label ?? part.id}`;
    case "channel":
      return `#${reader.channels.get(part.id)?.name ?? part.label ?? part.id}`;
    case "group":
      return `@${reader.groups.get(part.id)?.handle ?? part.label ?? part.id}`;
    case "broadcast":
      return `@${part.range}`;
    case "date":
      return renderDate(part.unix, part.format, reader) ?? decodeEntities(part.fallback);
    case "link":
      return part.label === undefined
        ? decodeEntities(part.url)
        : `${decodeEntities(part.label)} (${decodeEntities(part.url)})`;
  }
}

function readRich(value: unknown, reader: Reader): string {
  const part = asObject(value) ?? {};
  const inside = (asList(part.elements) ?? []).map((one) => readRich(one, reader));
  switch (part.type) {
    case "rich_text_list":
      return inside.map((line) => `• ${line}`).join("\n");
    case "rich_text_section":
    case "rich_text_quote":
    case "rich_text_preformatted":
      return inside.join("");
    case "user":
      return `@${reader.users.get(String(part.user_id))?.displayName ?? part.user_id}`;
    case "usergroup":
      return `@${reader.groups.get(String(part.usergroup_id))?.handle ?? part.usergroup_id}`;
    case "channel":
      return `#${reader.channels.get(String(part.channel_id))?.name ?? part.channel_id}`;
    case "broadcast":
      return `@${part.range}`;
    case "date":
      return (
        renderDate(Number(part.timestamp), String(part.format), reader) ?? String(part.fallback)
      );
    case "emoji":
      return `:${part.name}:`;
    case "link":
      return part.text === undefined ? String(part.url) : `${part.text} (${part.url})`;
    default:
      return asText(part.text) ?? "";
  }
}

function lines(parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
