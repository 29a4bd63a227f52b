// Turns what a person types after a slash command into what Slack sends when should_escape is on.

import type { SlackWorkspace } from "../slack-workspace.ts";
import { encodeEntities } from "./read-mrkdwn.ts";

const MAIL = /(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/;
const NAME = /(?<![\w@])@(?<name>[\w.-]*\w)/;
const ROOM = /(?<![\w#&])#(?<room>[\w-]+)/;
const ADDRESS = /(?<url>https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"])/;
// Slack links a bare host name, too, if it ends like one: a VM's full name is likely to.
const HOST =
  /(?<![\w@./-])(?<host>(?:[a-z\d-]+\.)+(?:com|net|org|io|dev|app|cloud|eu|de))(?![\w.-]*\w)/;
const TOKENS = new RegExp(
  [MAIL, NAME, ROOM, ADDRESS, HOST].map((one) => one.source).join("|"),
  "gi",
);

/**
 * Mentions, channels and links become sequences in angle brackets; `&`, `<` and `>` are escaped
 * everywhere else. Names that nobody has stay as they were typed.
 */
export function escapeTyped(text: string, world: SlackWorkspace): string {
  let escaped = "";
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    const token = mentionOf(world, match.groups ?? {});
    if (token === undefined) continue;
    escaped += encodeEntities(text.slice(from, match.index)) + token;
    from = match.index + match[0].length;
  }
  return escaped + encodeEntities(text.slice(from));
}

type Typed = Record<string, string | undefined>;

function mentionOf(
  world: SlackWorkspace,
  { mail, name, room, url, host }: Typed,
): string | undefined {
  if (mail !== undefined) return `<mailto:${mail}|${mail}>`;
  if (url !== undefined) return `<${encodeEntities(url)}>`;
  if (host !== undefined) return `<http://${host}|${host}>`;
  if (room !== undefined) {
    const found = [...world.channels.values()].find((one) => one.name === room);
    return found && `<#${found.id}|${found.name}>`;
  }
  if (name === undefined) return undefined;
  if (/^(channel|here|everyone)$/.test(name)) return `<!${name}>`;
  const user = [...world.users.values()].find((one) => one.name === name);
  if (user) return `<@${user.id}|${user.name}>`;
  const group = [...world.groups.values()].find((one) => one.handle === name);
  return group && `<!subteam^${group.id}|@${group.handle}>`;
}
