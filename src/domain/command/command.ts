// The command grammar: what people type after `/jit`, turned into what they want. A verb is one object in
// `verbs/`; the parser, the writer, the suggestions and the help are made of this list.

import { nearestWord } from "../text/nearest-names.ts";
import { type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { invisibleIn } from "./answer-fields.ts";
import { unescapeSlack } from "./slack-text.ts";
import type { Verb } from "./verb.ts";
import { again } from "./verbs/again-verb.ts";
import { audit } from "./verbs/audit-verb.ts";
import { away, back } from "./verbs/away-verb.ts";
import { cancel, end, open, status } from "./verbs/by-id-verb.ts";
import { doctor } from "./verbs/doctor-verb.ts";
import { explain } from "./verbs/explain-verb.ts";
import { extend } from "./verbs/extend-verb.ts";
import { form } from "./verbs/form-verb.ts";
import { freeze, unfreeze } from "./verbs/freeze-verb.ts";
import { help } from "./verbs/help-verb.ts";
import { list } from "./verbs/list-verb.ts";
import { change, disable, enable } from "./verbs/policy-verb.ts";
import { breakglass, request } from "./verbs/request-verb.ts";
import { review } from "./verbs/review-verb.ts";
import { vms } from "./verbs/vms-verb.ts";
import { keyword, wordAt } from "./word-reader.ts";

const LISTED = [
  form,
  request,
  breakglass,
  again,
  explain,
  status,
  list,
  open,
  cancel,
  end,
  extend,
  review,
  away,
  back,
  vms,
  enable,
  change,
  disable,
  freeze,
  unfreeze,
  audit,
  doctor,
  help,
] as const;

type CommandOf<V> = V extends Verb<infer C> ? C : never;

/** What a person wants, one type for each verb. */
export type Command = CommandOf<(typeof LISTED)[number]>;

/** In the order of the help. */
export const verbs: readonly Verb<Command>[] = LISTED;

const NAMED = verbs.filter(({ verb }) => verb !== "form");

const SPELLINGS: ReadonlyMap<string, Verb<Command>> = new Map(
  NAMED.flatMap((one) => [one.verb, ...(one.alsoSpelled ?? [])].map((said) => [said, one])),
);

/** A reason of the greatest length with every character escaped, and then some. */
const TEXT_CHARACTERS_MAX = 20_000;

/**
 * Reads the text of a slash command as Slack sends it with `should_escape`. Answers what is wanted,
 * or a refusal whose sentence names the first fault and the fix. Never throws, whatever the text.
 */
export function parseCommand(text: string): Command | Refusal {
  if (text.length > TEXT_CHARACTERS_MAX) {
    return refuse(
      "unknown-command",
    )`That's too long for a command: a reason can have 1,000 characters.`;
  }
  const names = unescapeSlack(text);
  const readsPeople = SPELLINGS.get(keyword(wordAt(names, 0)))?.readsPeople === true;
  return parseTyped(readsPeople ? unescapeSlack(text, "ids") : names);
}

/** Reads what was typed, unescaped: people are `@U0LEAD`. */
export function parseTyped(text: string): Command | Refusal {
  const word = wordAt(text, 0);
  if (word === undefined) return form.read(text, 0);
  const invisible = invisibleIn(text, "unknown-command");
  if (invisible !== undefined) return invisible;
  const verb = SPELLINGS.get(keyword(word));
  return verb === undefined ? unknown(word.text) : verb.read(text, word.end);
}

/** Which verb it begins with; `undefined`: none that there is. Whether the rest can be read is another matter. */
export function verbIn(text: string): Command["verb"] | undefined {
  const word = wordAt(text, 0);
  return word === undefined ? form.verb : SPELLINGS.get(keyword(word))?.verb;
}

/** Writes a command as a person would type it after `/jit`: the same command is read from it again. */
export const formatCommand = (command: Command): string =>
  verbs.find(({ verb }) => verb === command.verb)?.format(command) ?? "";

function unknown(word: string): Refusal {
  const meant = nearestWord(
    word,
    NAMED.map(({ verb }) => verb),
  );
  const helps = { code: "/jit help all" };
  return meant === undefined
    ? refuse("unknown-command")`Unknown command ${typed(word)}: ${helps} lists all commands.`
    : refuse(
        "unknown-command",
      )`Unknown command ${typed(word)}: did you mean ${{ code: `/jit ${meant}` }}?`;
}
