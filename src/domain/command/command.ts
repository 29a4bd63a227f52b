// The command grammar: what people type after `/jit`, turned into what they want.

import { type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { nearest } from "../vm/search/nearest-names.ts";
import { invisibleIn } from "./answer-fields.ts";
import {
  type AuditCommand,
  type ExtendCommand,
  type IdCommand,
  type ListCommand,
  nothingAfter,
  type ReviewCommand,
  readAudit,
  readExtend,
  readIdOnly,
  readList,
  readReview,
  readVms,
  type VmsCommand,
} from "./record-verbs.ts";
import { unescapeSlack } from "./slack-text.ts";
import {
  type ExplainCommand,
  type PolicyCommand,
  type RequestCommand,
  readExplain,
  readPolicy,
  readRequest,
} from "./vm-verbs.ts";
import { keyword, wordAt } from "./word-reader.ts";

export type Command =
  /** Nothing was typed: the empty form. */
  | { readonly verb: "form" }
  | { readonly verb: "help" }
  | { readonly verb: "doctor" }
  | RequestCommand
  | ExplainCommand
  | PolicyCommand
  | IdCommand
  | ListCommand
  | ExtendCommand
  | ReviewCommand
  | VmsCommand
  | AuditCommand;

/** A reason of the greatest length with every character escaped, and then some. */
const TEXT_CHARACTERS_MAX = 20_000;

type Read = (text: string, at: number) => Command | Refusal;

const VERBS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["request", (text, at) => readRequest("request", text, at)],
  ["breakglass", (text, at) => readRequest("breakglass", text, at)],
  ["explain", readExplain],
  ["status", (text, at) => readIdOnly("status", text, at)],
  ["list", readList],
  ["cancel", (text, at) => readIdOnly("cancel", text, at)],
  ["end", (text, at) => readIdOnly("end", text, at)],
  ["extend", readExtend],
  ["review", readReview],
  ["vms", readVms],
  ["enable", (text, at) => readPolicy("enable", text, at)],
  ["change", (text, at) => readPolicy("change", text, at)],
  ["disable", (text, at) => readPolicy("disable", text, at)],
  ["audit", readAudit],
  ["doctor", (text, at) => nothingAfter(text, at, "doctor") ?? { verb: "doctor" }],
  ["help", () => ({ verb: "help" })],
]);

/** Spellings that people bring from elsewhere. */
const OTHER_SPELLINGS: ReadonlyMap<string, string> = new Map([
  ["break-glass", "breakglass"],
  ["?", "help"],
  ["-h", "help"],
  ["--help", "help"],
]);

/**
 * Reads the text of a slash command as Slack sends it with `should_escape`. Answers what is wanted,
 * or a refusal whose sentence names the first fault and the fix. Never throws, whatever the text.
 */
export function parseCommand(text: string): Command | Refusal {
  if (text.length > TEXT_CHARACTERS_MAX) {
    return refuse(
      "unknown-command",
    )`That is longer than any command: a reason has room for 1,000 characters.`;
  }
  const names = unescapeSlack(text);
  const verb = wordAt(names, 0);
  // The audit looks for a person, who must be known by id; everybody else reads names.
  const plain = keyword(verb) === "audit" ? unescapeSlack(text, "ids") : names;
  return parseTyped(plain);
}

/** Reads what was typed, unescaped: people are `@U0LEAD`. */
export function parseTyped(text: string): Command | Refusal {
  const verb = wordAt(text, 0);
  if (verb === undefined) return { verb: "form" };
  const invisible = invisibleIn(text, "unknown-command");
  if (invisible !== undefined) return invisible;
  const said = keyword(verb);
  const read = VERBS.get(OTHER_SPELLINGS.get(said) ?? said);
  return read === undefined ? unknown(verb.text) : read(text, verb.end);
}

function unknown(word: string): Refusal {
  const [meant] = nearest(word, VERBS.keys(), 1);
  const help = { code: "/jit help" };
  return meant === undefined
    ? refuse("unknown-command")`I do not know the command ${typed(word)}: ${help} lists them all.`
    : refuse(
        "unknown-command",
      )`I do not know the command ${typed(word)}: did you mean ${{ code: `/jit ${meant}` }}?`;
}
