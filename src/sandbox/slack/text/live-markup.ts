// Finds everything in a message that Slack would render as a mention, a broadcast or a link.

import { asList, asObject, type Json, objectsIn, textAt } from "../json.ts";
import type { Readable } from "./plain.ts";
import { partsOf } from "./read-mrkdwn.ts";

export type Live = {
  kind: "broadcast" | "user" | "group" | "channel" | "link";
  /** The sequence as it was sent, such as `<!channel>`. */
  token: string;
  /** A JSON pointer to the text that it is in. */
  at: string;
};

/** All of them, in the top-level text (which notifies), in every mrkdwn text and in rich text. */
export function broadcasts(shown: Readable & { linkNames?: unknown }): Live[] {
  const found: Live[] = [];
  if (shown.mrkdwn !== false) found.push(...inMrkdwn(shown.text, "/text"));
  if (shown.linkNames === true) found.push(...inBareNames(shown.text, "/text"));
  found.push(...inValue(shown.blocks, "/blocks"));
  for (const [index, attachment] of objectsIn(shown.attachments).entries()) {
    const at = `/attachments/${index}`;
    for (const key of ["pretext", "title", "text"]) {
      found.push(...inMrkdwn(attachment[key], `${at}/${key}`));
    }
    found.push(...inValue(attachment.blocks, `${at}/blocks`));
  }
  return found;
}

function inValue(value: unknown, at: string): Live[] {
  const list = asList(value);
  if (list) return list.flatMap((one, index) => inValue(one, `${at}/${index}`));
  const object = asObject(value);
  if (!object) return [];
  if (object.type === "mrkdwn") return inMrkdwn(object.text, `${at}/text`);
  const rich = inRich(object, at);
  return rich
    ? [rich]
    : Object.entries(object).flatMap(([key, inner]) => inValue(inner, `${at}/${key}`));
}

function inMrkdwn(text: unknown, at: string): Live[] {
  if (typeof text !== "string") return [];
  return partsOf(text).flatMap((part): Live[] => {
    if (part.kind === "text") return [];
    // A date is no mention, unless a link hides behind it.
    if (part.kind === "date" && part.url === undefined) return [];
    return [{ kind: part.kind === "date" ? "link" : part.kind, token: part.token, at }];
  });
}

function inBareNames(text: unknown, at: string): Live[] {
  if (typeof text !== "string") return [];
  return [...text.matchAll(/(?<![\w<!])@([\w.-]+)/g)].map(([token, name]) => ({
    kind: /^(channel|here|everyone)$/.test(name ?? "") ? "broadcast" : "group",
    token,
    at,
  }));
}

const RICH: Record<string, [kind: Live["kind"], id: string]> = {
  broadcast: ["broadcast", "range"],
  user: ["user", "user_id"],
  usergroup: ["group", "usergroup_id"],
  channel: ["channel", "channel_id"],
  link: ["link", "url"],
};

function inRich(element: Json, at: string): Live | undefined {
  const [kind, id] = RICH[String(element.type)] ?? [];
  const token = id === undefined ? undefined : textAt(element, id);
  return kind && token !== undefined ? { kind, token, at } : undefined;
}
