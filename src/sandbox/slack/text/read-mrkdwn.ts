// Reads Slack's markup: the special sequences in angle brackets, and the text around them.

/** A stretch of mrkdwn. `token` is the sequence as it is in the text. */
export type Part =
  | { kind: "text"; text: string }
  | { kind: "user" | "channel" | "group"; id: string; label?: string; token: string }
  | { kind: "broadcast"; range: string; token: string }
  | { kind: "date"; unix: number; format: string; url?: string; fallback: string; token: string }
  | { kind: "link"; url: string; label?: string; token: string };

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

export function partsOf(mrkdwn: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of mrkdwn.matchAll(/<([^<>\n]+)>/g)) {
    const part = readToken(match[0], match[1] ?? "");
    if (!part) continue;
    if (match.index > from) parts.push({ kind: "text", text: mrkdwn.slice(from, match.index) });
    parts.push(part);
    from = match.index + match[0].length;
  }
  if (from < mrkdwn.length) parts.push({ kind: "text", text: mrkdwn.slice(from) });
  return parts;
}

function readToken(token: string, inside: string): Part | undefined {
  const bar = inside.indexOf("|");
  const head = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? {} : { label: inside.slice(bar + 1) };
  if (/^@[UWB][A-Z0-9]+$/.test(head)) return { kind: "user", id: head.slice(1), ...label, token };
  if (/^#[CGD][A-Z0-9]+$/.test(head)) {
    return { kind: "channel", id: head.slice(1), ...label, token };
  }
  if (head.startsWith("!")) return readSpecial(token, head.slice(1), label);
  if (SCHEME.test(head)) return { kind: "link", url: head, ...label, token };
  return undefined;
}

function readSpecial(token: string, head: string, label: { label?: string }): Part | undefined {
  if (/^(channel|here|everyone)$/.test(head)) return { kind: "broadcast", range: head, token };
  const [name, ...rest] = head.split("^");
  if (name === "subteam" && rest[0]) return { kind: "group", id: rest[0], ...label, token };
  if (name !== "date") return undefined;
  const [unix, format = "", ...url] = rest;
  return {
    kind: "date",
    unix: Number(unix),
    format,
    ...(url.length > 0 ? { url: url.join("^") } : {}),
    fallback: label.label ?? "",
    token,
  };
}

/** Turns the three escaped characters back. */
export function decodeEntities(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function encodeEntities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const MARKS = /(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu;

/** Takes away the marks of bold, italic and struck text that Slack would render. */
export function withoutMarks(text: string): string {
  let before: string;
  let after = text;
  do {
    before = after;
    after = before.replace(MARKS, "$2");
  } while (after !== before);
  return after;
}
