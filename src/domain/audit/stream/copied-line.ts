// A line of somebody's copy, as receivers write it: the line itself, behind a syslog header, in CEF, or as one of the
// texts of a JSON object. Pure.

import { cefOf, lineInCef } from "./cef.ts";
import { parseStreamLine, type StreamEntry } from "./stream-line.ts";

/** As receivers nest what they got: a result, its record, its raw text. */
const DEPTH_MAX = 4;

/** `undefined`: it carries no entry, or not to the byte as it was sent. */
export function readCopiedLine(text: string, depth = 0): StreamEntry | undefined {
  const line = text.replace(/\r?\n?$/, "");
  const plain = parseStreamLine(line);
  if (plain !== undefined) return plain;
  const cefAt = line.search(/(?:^| )CEF:0\|/);
  if (cefAt >= 0) return inCef(line.slice(cefAt).trimStart());
  const behindHeader = line.indexOf(' {"seq":');
  if (behindHeader > 0 && !line.startsWith("{"))
    return parseStreamLine(line.slice(behindHeader + 1));
  return depth < DEPTH_MAX ? inObject(line, depth) : undefined;
}

/** The fields beside the line are the line's own, or somebody changed them. */
function inCef(message: string): StreamEntry | undefined {
  const entry = parseStreamLine(lineInCef(message) ?? "");
  return entry !== undefined && cefOf(entry) === message ? entry : undefined;
}

function inObject(line: string, depth: number): StreamEntry | undefined {
  if (!line.startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return inValues(value, depth);
}

function inValues(value: unknown, depth: number): StreamEntry | undefined {
  if (typeof value !== "object" || value === null || depth >= DEPTH_MAX) return undefined;
  for (const one of Object.values(value)) {
    const found =
      typeof one === "string" ? readCopiedLine(one, depth + 1) : inValues(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
