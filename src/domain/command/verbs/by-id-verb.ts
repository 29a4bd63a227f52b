// `/jit status`, `/jit cancel` and `/jit open`: one request, by its id; and `/jit end`: one, or for admins all that is open.

import type { RequestId, UserId } from "../../text/ids.ts";
import { nearestWord } from "../../text/nearest-names.ts";
import { plainText } from "../../text/plain-text.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import { labelledVm } from "../answer-fields.ts";
import { asWord, joined } from "../format-words.ts";
import { idAt } from "../parts/id-at.ts";
import { personAt } from "../parts/person-at.ts";
import { nothingAfter, stray, type Verb, type VerbHelp } from "../verb.ts";
import type { VmRef } from "../vm-ref.ts";
import { keyword, type Word, wordAt } from "../word-reader.ts";

export type IdCommand = { readonly verb: "status" | "cancel" | "open"; readonly id: RequestId };

export const status = withId("status", {
  usage: "/jit status <id>",
  says: "Shows a request and where it stands.",
  example: "/jit status JIT-4K7QWD",
});

export const cancel = withId("cancel", {
  usage: "/jit cancel <id>",
  says: "Cancels your request before it opens.",
  example: "/jit cancel JIT-4K7QWD",
});

export const open = withId("open", {
  usage: "/jit open <id>",
  says: "Opens your approved request, where its rule waits for you.",
  example: "/jit open JIT-4K7QWD",
});

function withId(verb: IdCommand["verb"], help: VerbHelp): Verb<IdCommand> {
  return {
    ...help,
    verb,
    read(text, at) {
      const found = idAt(text, at, help.example);
      if (isRefusal(found)) return found;
      return nothingAfter(text, found.end, help.usage) ?? { verb, id: found.id };
    },
    format: ({ id }) => joined(verb, id),
  };
}

/** Left out: of everybody, everywhere. */
export type EndAllOf =
  | { readonly vm: VmRef }
  | { readonly rule: string }
  | { readonly user: UserId }
  | undefined;

export type EndCommand =
  | { readonly verb: "end"; readonly id: RequestId }
  | { readonly verb: "end"; readonly all: EndAllOf };

const END_USAGE = "/jit end <id>|all [vm:<vm>|rule:<rule>|@user]";
const END_EXAMPLE = "/jit end JIT-4K7QWD";

export const end: Verb<EndCommand> = {
  verb: "end",
  readsPeople: true,
  usage: END_USAGE,
  says: "Ends access early; for admins, everything that is open.",
  example: END_EXAMPLE,
  read: readEnd,
  format: (command) =>
    "id" in command ? joined("end", command.id) : joined("end", "all", formatOf(command.all)),
};

function formatOf(of: EndAllOf): string | undefined {
  if (of === undefined) return undefined;
  if ("user" in of) return `@${of.user}`;
  return asWord("vm" in of ? `vm:${of.vm.typed}` : `rule:${of.rule}`);
}

function readEnd(text: string, at: number): EndCommand | Refusal {
  const word = wordAt(text, at);
  if (keyword(word) !== "all" || word === undefined) {
    const found = idAt(text, at, END_EXAMPLE);
    if (isRefusal(found)) return (word && perhapsAll(text, word)) ?? found;
    return nothingAfter(text, found.end, END_USAGE) ?? { verb: "end", id: found.id };
  }
  const narrower = wordAt(text, word.end);
  if (narrower === undefined) return { verb: "end", all: undefined };
  const all = readOf(narrower);
  if (isRefusal(all)) return all;
  return nothingAfter(text, narrower.end, END_USAGE) ?? { verb: "end", all };
}

/** `alll` is nearer to `all` than to any ID. */
function perhapsAll(text: string, word: Word): Refusal | undefined {
  if (nearestWord(word.text, ["all"]) === undefined) return undefined;
  const meant = { code: plainText(`/jit end all${text.slice(word.end)}`, MEANT_CHARACTERS_MAX) };
  return refuse("bad-id")`${typed(word.text)} isn't a request ID: did you mean ${meant}?`;
}

const MEANT_CHARACTERS_MAX = 100;

function readOf(word: Word): NonNullable<EndAllOf> | Refusal {
  if (word.text.startsWith("@")) {
    const user = personAt(word);
    return isRefusal(user) ? user : { user };
  }
  if (/^rule:/i.test(word.text)) {
    const rule = word.text.slice("rule:".length).trim();
    return rule === ""
      ? refuse(
          "incomplete",
        )`Which rule? Write for example ${{ code: "/jit end all rule:production" }}.`
      : { rule };
  }
  const vm = labelledVm(word);
  if (vm === undefined) return stray(word, END_USAGE);
  return isRefusal(vm) ? vm : { vm };
}
