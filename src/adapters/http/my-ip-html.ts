// What the address page says in each case, as HTML. Pure; everything that somebody typed is escaped.

import { withHiddenShown } from "../../domain/text/hidden-characters.ts";
import { type Part, type Words, words } from "../../domain/text/words.ts";
import type { AddressView } from "../../ports/inbound.ts";

export type Shown = {
  readonly status: number;
  readonly title: string;
  readonly lines: readonly Words[];
  /** The button, where there is something to press. */
  readonly button?: Button | undefined;
};

type Button = {
  readonly seen: string;
  readonly press: string;
  readonly note?: string | undefined;
};

export function shownView(view: AddressView, button?: Button): Shown {
  switch (view.page) {
    case "waiting":
      return {
        status: 200,
        title: "Your address",
        lines: [...(button?.note === undefined ? [] : [[button.note]]), ...toPress(view, button)],
        button,
      };
    case "unknown":
      return over(404, "Link not found", "Check that you copied all of it.");
    case "used":
      return over(
        410,
        "This link has already been used",
        "It works once: /jit list in Slack shows the result.",
      );
    case "expired":
      return over(410, "This link has expired", "It was valid for ten minutes.");
    case "refused":
      return { status: 403, title: "Not from this address", lines: [view.say, NOT_USED] };
    case "done":
      return { status: 200, title: "Done", lines: [...view.lines, CLOSE] };
    case "again":
      return {
        status: 503,
        title: "Not now",
        lines: [view.say, view.isValid ? STILL_VALID : MAY_BE_USED],
      };
  }
}

function toPress(
  { name, ask }: Extract<AddressView, { page: "waiting" }>,
  button: Button | undefined,
): readonly Words[] {
  const seen = words`Your IP address is ${{ strong: button?.seen ?? "" }}.`;
  const whose = words`This link belongs to ${{ strong: name }}. Anyone using it acts for them.`;
  return ask === undefined
    ? [seen, whose, words`Press the button if ${name} connects from here.`]
    : [
        seen,
        whose,
        words`Requested: ${{ code: ask }}. Press the button to request it from this address.`,
      ];
}

const NOT_USED: Words = words`The link is still valid: nothing was requested.`;
/** After a fault nobody may say that nothing was requested: it may have been. */
const STILL_VALID: Words = words`The link is still valid: if it was already requested, pressing again won't request it twice.`;
const MAY_BE_USED: Words = words`If the link no longer works, get a new one in Slack: ${{ code: "/jit request … from my-ip" }}.`;
const CLOSE: Words = words`You can close this page.`;

const over = (status: number, title: string, why: string): Shown => ({
  status,
  title,
  lines: [words`${why} Request a new one in Slack: ${{ code: "/jit request … from my-ip" }}.`],
});

export const STYLE =
  "body{font:1.1rem/1.5 system-ui,sans-serif;margin:10vh auto;max-width:34rem;padding:0 1rem;color:#1d1c1d;background:#fff}" +
  "code{overflow-wrap:anywhere}button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.3rem;color:#fff;background:#006644}";

/** The whole page; it has no script, and asks for nothing from anywhere. */
export function htmlPage({ title, lines, button }: Shown): string {
  const paragraphs = lines.map((line) => `<p>${line.map(markup).join("")}</p>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${paragraphs}
${button === undefined ? "" : formOf(button)}
</main>
</body>
</html>
`;
}

const formOf = ({ seen, press }: Button): string =>
  `<form method="post">
<input type="hidden" name="press" value="${escaped(press)}">
<input type="hidden" name="seen" value="${escaped(seen)}">
<button type="submit">Use ${escaped(seen)}</button>
</form>`;

/** Slack's ids mean nothing to somebody who looks at a web page. */
function markup(part: Part): string {
  if (typeof part === "string") return escaped(part);
  if ("code" in part) return `<code>${escaped(part.code)}</code>`;
  if ("strong" in part) return `<strong>${escaped(part.strong)}</strong>`;
  if ("atMs" in part) return escaped(new Date(part.atMs).toUTCString());
  if ("link" in part) return escaped(part.says);
  if ("channel" in part) return "their channel";
  return "user" in part ? "a colleague" : "a group";
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string =>
  withHiddenShown(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
