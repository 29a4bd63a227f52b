// Turns the text of a slash command, as Slack escapes it, back into what the person typed.

const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Undoes `should_escape`: entities become characters, links what was typed, channels `#name`.
 * People become `@name`, or with `mentions` "ids" `@U0LEAD`, for a command that must know who is
 * meant. Typed angle brackets arrive as entities, so any other bracket was put there by Slack. The
 * result is plain text: what looks like `<!channel>` in it must be escaped when it is shown.
 */
export function unescapeSlack(text: string, mentions: "names" | "ids" = "names"): string {
  return text.replace(
    /<([^<>]*)>|&(?:amp|lt|gt);/g,
    (found, inside?: string) =>
      ENTITIES[found] ?? reference(unescapeSlack(inside ?? ""), mentions) ?? found,
  );
}

/** As Slack would send it if somebody typed it: for a command that a button carries. */
export const escapeSlack = (typed: string): string =>
  typed.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function reference(inside: string, mentions: "names" | "ids"): string | undefined {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  const name = (label || target.slice(1)).replace(/^[@#]/, "");
  if (/^@[A-Z0-9]+$/.test(target)) return mentions === "ids" ? target : `@${name}`;
  if (/^#[A-Z0-9]+$/.test(target)) return `#${name}`;
  if (/^!date\^/.test(target)) return label;
  if (/^!\w/.test(target)) return `@${name.replace(/^subteam\^/, "")}`;
  return /^[a-z][a-z0-9+.-]*:/i.test(target) ? label || target : undefined;
}
