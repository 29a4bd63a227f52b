// An entry in the Common Event Format, which carries the whole line in a field of its own. Pure.
//
// Source of the format and its escapes: ArcSight's "Common Event Format" guide, version 26: in the header `\` and `|`
// are escaped, in the extension `\`, `=` and line breaks.

import { type StreamEntry, streamFields, streamLine } from "./stream-line.ts";

const START = "CEF:0|";

export function cefOf(entry: StreamEntry): string {
  const { atMs, what, by, requester, request, vm } = streamFields(entry);
  const header = ["jit", "jit", "1", what, what.replaceAll("-", " "), String(severityOf(what))];
  const extension: readonly (readonly [string, string])[] = [
    ["rt", String(atMs)],
    ["externalId", String(entry.seq)],
    ["cn1Label", "seq"],
    ["cn1", String(entry.seq)],
    ["act", what],
    ["suser", by],
    ["cs1Label", "requester"],
    ["cs1", requester],
    ["cs2Label", "request"],
    ["cs2", request],
    ["cs3Label", "vm"],
    ["cs3", vm],
    ["cs6Label", "entry"],
    ["cs6", streamLine(entry)],
  ];
  const has = (value: string) => value !== "";
  const shown = extension.filter(
    ([key, value], n) =>
      has(value) && !(key.endsWith("Label") && !has(extension[n + 1]?.[1] ?? "")),
  );
  return `${START}${header.map(inHeader).join("|")}|${shown
    .map(([key, value]) => `${key}=${inExtension(value)}`)
    .join(" ")}`;
}

const inHeader = (text: string): string => text.replace(/[\\|]/g, "\\$&").replace(/[\r\n]+/g, " ");

const inExtension = (text: string): string =>
  text.replace(/[\\=]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");

/** From 0 to 10, as the format has it. */
const USUAL = 3;
const AMISS = 5;
const GRAVE = 8;

function severityOf(what: string): number {
  if (/elsewhere|^audit-(?:lost|refused)$|^broke-glass/.test(what)) return GRAVE;
  return /refused|denied|failed|not-|^parked$/.test(what) ? AMISS : USUAL;
}

/** The line that a CEF message carries; `undefined`: it carries none. */
export function lineInCef(message: string): string | undefined {
  if (!message.startsWith(START)) return undefined;
  const mark = " cs6=";
  const at = message.indexOf(mark);
  if (at < 0) return undefined;
  return message
    .slice(at + mark.length)
    .replace(/\\([\\=nr])/g, (_, one: string) => (one === "n" ? "\n" : one === "r" ? "\r" : one));
}
