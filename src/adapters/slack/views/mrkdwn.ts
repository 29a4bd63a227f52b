// Writes sentences in Slack's markup, so that nothing that was typed becomes a mention or a link.

import { withHiddenShown } from "../../../domain/text/hidden-characters.ts";
import type { Part, Words } from "../../../domain/text/words.ts";

/**
 * Escapes the three characters with which Slack's markup begins, and no others.
 * Source: https://docs.slack.dev/messaging/formatting-message-text
 */
export const escapeMrkdwn = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The sentence as mrkdwn: strings escaped, people as mentions, times in the reader's own zone. */
export const mrkdwn = (sentence: Words): string => sentence.map(markup).join("");

/**
 * The sentence as pieces of at most `most` characters each, at least one. A mention, a time or
 * a piece of code is never cut in two, and neither is an escaped character.
 */
export function mrkdwnPieces(sentence: Words, most: number): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  const add = (atom: string): void => {
    if (piece.length + atom.length > most) {
      pieces.push(piece);
      piece = "";
    }
    piece += atom;
  };
  for (const part of sentence) {
    const whole = markup(part);
    // Looked at point by point only where it has to be cut.
    if (typeof part === "string" && piece.length + whole.length > most) {
      for (const point of withHiddenShown(part)) add(escapeMrkdwn(point));
    } else add(whole);
  }
  pieces.push(piece);
  return pieces.filter((one) => one !== "");
}

/** As much of `text` as fits `most` characters when escaped; "…" stands for the rest. */
export function escapeWithin(text: string, most: number): string {
  const shown = withHiddenShown(text);
  const whole = escapeMrkdwn(shown);
  if (whole.length <= most) return whole;
  let cut = "";
  for (const point of shown) {
    const escaped = escapeMrkdwn(point);
    if (cut.length + escaped.length > most - 1) break;
    cut += escaped;
  }
  return `${cut}…`;
}

function markup(part: Part): string {
  if (typeof part === "string") return escapeMrkdwn(withHiddenShown(part));
  if ("user" in part) return `<@${part.user}>`;
  if ("group" in part) return `<!subteam^${part.group}>`;
  if ("channel" in part) return `<#${part.channel}>`;
  if ("link" in part) return link(part);
  if ("atMs" in part) return moment(part.atMs);
  return "code" in part ? code(part.code) : strong(part.strong);
}

/** Of ours alone; a web address that could leave its place is shown as a text. */
const link = ({ link: url, says }: { link: string; says: string }): string =>
  /^https?:\/\/[^\s<>|]+$/.test(url)
    ? `<${escapeMrkdwn(url)}|${escapeMrkdwn(says)}>`
    : escapeMrkdwn(`${says} (${url})`);

function moment(atMs: number): string {
  const unix = Math.floor(atMs / 1000);
  const inUtc = new Date(unix * 1000).toISOString();
  const fallback = `${inUtc.slice(0, 10)} ${inUtc.slice(11, 16)} UTC`;
  return `<!date^${unix}^{date_short_pretty} at {time}|${fallback}>`;
}

/** Names and lines to copy are far shorter; with this bound every one fits a block. */
const CODE_CHARACTERS_MAX = 1_000;

function code(text: string): string {
  const line = oneLine(text).replaceAll("`", "ˋ");
  return line === "" ? "" : `\`${escapeWithin(line, CODE_CHARACTERS_MAX)}\``;
}

function strong(text: string): string {
  // Bold ends at a star or a line break, and a backtick would begin code that swallows its end.
  const line = oneLine(text).replaceAll("*", "∗").replaceAll("`", "ˋ").trim();
  return line === "" ? "" : `*${escapeWithin(line, CODE_CHARACTERS_MAX)}*`;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
