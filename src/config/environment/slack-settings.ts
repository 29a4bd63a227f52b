// How to reach Slack: over HTTP with a signing secret, or over Socket Mode with an app token.

import type { Variables } from "./variables.ts";

export type SlackSettings = {
  /** Secret. */
  readonly botToken: string;
  /** With a slash at the end, as Slack's client wants it. */
  readonly apiUrl: string;
} & (
  | {
      readonly mode: "http";
      /** Secret. */
      readonly signingSecret: string;
    }
  | {
      readonly mode: "socket";
      /** Secret. */
      readonly appToken: string;
    }
);

// Only what is certainly the wrong kind of secret is refused: other Slacks have other prefixes.
const KINDS: readonly { readonly what: string; readonly begins: RegExp }[] = [
  { what: "a bot token", begins: /^(?:xoxe\.)?xoxb-/ },
  { what: "a user token", begins: /^(?:xoxe\.)?xoxp-/ },
  { what: "an app token", begins: /^xapp-/ },
];

const BOT_TOKEN =
  "set it to the bot token (xoxb-…) under OAuth & Permissions in the app's settings";
const APP_TOKEN =
  "set it to the app-level token (xapp-…) under Basic Information in the app's settings";
const SIGNING_SECRET = "set it to the signing secret under Basic Information in the app's settings";

/** Answers `undefined` where something is missing or wrong, which is then among the faults. */
export function readSlack(from: Variables): SlackSettings | undefined {
  const botToken = token(from, "SLACK_BOT_TOKEN", { wanted: "a bot token", fix: BOT_TOKEN });
  from.require("SLACK_BOT_TOKEN", BOT_TOKEN);
  const apiUrl = readSlackUrl(from);
  const way = readWay(from);
  if (botToken === undefined || way === undefined) return undefined;
  return { botToken, apiUrl, ...way };
}

/** With a slash at the end. */
export function readSlackUrl(from: Variables): string {
  const url = from.url("SLACK_API_URL", {
    protocols: ["https:", "http:"],
    getsSecrets: true,
    example: "https://slack-gov.com/api/",
  });
  return `${url ?? "https://slack.com/api"}/`;
}

function readWay(from: Variables) {
  const appToken = token(from, "SLACK_APP_TOKEN", { wanted: "an app token", fix: APP_TOKEN });
  if (appToken !== undefined) return { mode: "socket", appToken } as const;
  // What was to be Socket Mode must not start in HTTP mode for a fault in the token.
  if (from.isSet("SLACK_APP_TOKEN")) return undefined;
  const signingSecret = token(from, "SLACK_SIGNING_SECRET", {
    wanted: undefined,
    fix: SIGNING_SECRET,
  });
  if (signingSecret !== undefined) return { mode: "http", signingSecret } as const;
  from.require("SLACK_SIGNING_SECRET", `${SIGNING_SECRET}, or set SLACK_APP_TOKEN for Socket Mode`);
  return undefined;
}

type Wish = { readonly wanted: string | undefined; readonly fix: string };

function token(from: Variables, name: string, { wanted, fix }: Wish): string | undefined {
  const value = from.secret(name);
  if (value === undefined) return undefined;
  const kind = KINDS.find(({ begins }) => begins.test(value))?.what;
  if (kind === undefined || kind === wanted) return value;
  from.fault(name, `holds ${kind}: ${fix}`);
  return undefined;
}
