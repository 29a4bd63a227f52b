// What `jit init` wants to know: one question for each answer, asked of a person or read from an option.

import ipaddr from "ipaddr.js";
import { cidrFault } from "../../config/policy-file/cidr.ts";

export type Answers = {
  /** Where Slack reaches the bot, without a slash at the end; `undefined`: Socket Mode. */
  readonly url: string | undefined;
  readonly redis: string;
  /** Scopes of the role, as Azure writes them; none: to be filled in. */
  readonly scopes: readonly string[];
  readonly admin: string;
  readonly approvers: readonly string[];
  readonly channel: string;
  /** A CIDR. */
  readonly from: string;
};

export type OptionName = "url" | "redis" | "scopes" | "admin" | "approvers" | "channel" | "from";

export type Question = {
  readonly option: OptionName;
  readonly asks: string;
  /** Taken where nothing is answered. */
  readonly usual: string;
  /** Stands in for what isn't known yet, and has to be replaced. */
  readonly isPlaceholder: boolean;
  /** What is wrong with an answer, as a sentence; `undefined`: nothing. */
  readonly fault: (answer: string) => string | undefined;
};

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MANAGEMENT_GROUP = /^mg:[\w().-]{1,90}$/;
const PERSON = /^[UW][A-Z0-9]{2,20}$/;
const PERSON_OR_GROUP = /^[UWS][A-Z0-9]{2,20}$/;
const CHANNEL = /^[CG][A-Z0-9]{2,20}$/;

/** What `url` is where nothing has to be reachable. */
export const SOCKET_MODE = "socket-mode";
const NO_SCOPE = "later";

export const QUESTIONS: readonly Question[] = [
  {
    option: "url",
    asks: `How does Slack reach the bot? ${SOCKET_MODE}: it doesn't have to; or an https:// address`,
    usual: SOCKET_MODE,
    isPlaceholder: false,
    fault: urlFault,
  },
  {
    option: "scopes",
    asks: `Which Azure subscriptions? Their IDs, or mg:<management group>; ${NO_SCOPE}: fill it in afterwards`,
    usual: NO_SCOPE,
    isPlaceholder: true,
    fault: scopesFault,
  },
  {
    option: "redis",
    asks: "Where is Redis?",
    usual: "redis://localhost:6379",
    isPlaceholder: false,
    fault: (answer) =>
      /^rediss?:\/\/[^\s/?#]+(?:\/\d*)?$/.test(answer)
        ? undefined
        : "That isn't the address of a Redis: write it like redis://localhost:6379.",
  },
  {
    option: "admin",
    asks: "Who is the bot's admin? A Slack member ID (profile, Copy member ID)",
    usual: "U0ADMIN",
    isPlaceholder: true,
    fault: (answer) =>
      PERSON.test(answer) ? undefined : "That isn't a Slack member ID: write it like U012AB3CD.",
  },
  {
    option: "approvers",
    asks: "Who approves? Slack member IDs and group IDs",
    usual: "U0APPROVER",
    isPlaceholder: true,
    fault: (answer) =>
      listOf(answer).every((id) => PERSON_OR_GROUP.test(id))
        ? undefined
        : "Those aren't Slack IDs: write them like U012AB3CD,S012AB3CD.",
  },
  {
    option: "channel",
    asks: "Which Slack channel do they read? Its ID (at the end of the channel's details)",
    usual: "C0CHANNEL",
    isPlaceholder: true,
    fault: (answer) =>
      CHANNEL.test(answer) ? undefined : "That isn't a Slack channel ID: write it like C012AB3CD.",
  },
  {
    option: "from",
    asks: "Which network do people come from? An IPv4 CIDR",
    usual: "203.0.113.0/24",
    isPlaceholder: true,
    fault: cidrFault,
  },
];

/** Call with answers that have no fault. */
export function answersOf(given: ReadonlyMap<OptionName, string>): Answers {
  const of = (name: OptionName) => given.get(name) ?? "";
  const url = of("url");
  const scopes = of("scopes");
  return {
    url: url === SOCKET_MODE ? undefined : new URL(url).href.replace(/\/+$/, ""),
    redis: of("redis"),
    scopes: scopes === NO_SCOPE ? [] : listOf(scopes).map(scopeOf),
    admin: of("admin"),
    approvers: listOf(of("approvers")),
    channel: of("channel"),
    from: of("from"),
  };
}

const listOf = (answer: string): readonly string[] =>
  answer.split(/[\s,]+/).filter((part) => part !== "");

const scopeOf = (part: string): string =>
  part.startsWith("mg:")
    ? `/providers/Microsoft.Management/managementGroups/${part.slice("mg:".length)}`
    : `/subscriptions/${part.toLowerCase()}`;

function urlFault(answer: string): string | undefined {
  if (answer === SOCKET_MODE) return undefined;
  const example = `write it like https://jit.example.com, or ${SOCKET_MODE}`;
  const url = URL.parse(answer);
  if (url === null || url.protocol !== "https:" || url.hostname === "") {
    return `That isn't an https:// address: ${example}.`;
  }
  if (url.pathname !== "/" || /[?#@\s]/.test(answer)) {
    return `That is more than an address: ${example}.`;
  }
  return isPublic(url.hostname) ? undefined : `Slack can't reach ${url.hostname}: ${example}.`;
}

/** Slack calls from the internet. */
function isPublic(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(bare)) return ipaddr.process(bare).range() === "unicast";
  return bare.includes(".") && !/\.(?:local|localhost|internal)\.?$/.test(bare);
}

function scopesFault(answer: string): string | undefined {
  if (answer === NO_SCOPE) return undefined;
  const parts = listOf(answer);
  const isKnown = (part: string) => GUID.test(part) || MANAGEMENT_GROUP.test(part);
  if (parts.length === 0 || !parts.every(isKnown)) {
    return "Those aren't subscription IDs: separate them with commas, or write mg:<management group>.";
  }
  return parts.filter((part) => part.startsWith("mg:")).length > 1
    ? "Azure takes one management group in a role: name the one above them."
    : undefined;
}
