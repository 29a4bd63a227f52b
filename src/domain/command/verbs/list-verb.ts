// `/jit list`: requests, all that one may see or some of them.

import { isRefusal, type Refusal } from "../../text/refusal.ts";
import { labelledVm } from "../answer-fields.ts";
import { asWord, joined } from "../format-words.ts";
import { nothingAfter, stray, type Verb } from "../verb.ts";
import type { VmRef } from "../vm-ref.ts";
import { keyword, wordAt } from "../word-reader.ts";

export type ListCommand = {
  readonly verb: "list";
  readonly filter: "mine" | "open" | "pending" | { readonly vm: VmRef } | undefined;
};

const USAGE = "/jit list [mine|open|pending|vm:<vm>]";

export const list: Verb<ListCommand> = {
  verb: "list",
  usage: USAGE,
  says: "Lists requests.",
  example: "/jit list open",
  read: readList,
  format: ({ verb, filter }) =>
    joined(verb, typeof filter === "object" ? asWord(`vm:${filter.vm.typed}`) : filter),
};

function readList(text: string, at: number): ListCommand | Refusal {
  const word = wordAt(text, at);
  if (word === undefined) return { verb: "list", filter: undefined };
  const said = keyword(word);
  const filter = said === "mine" || said === "open" || said === "pending" ? said : labelledVm(word);
  if (filter === undefined) return stray(word, USAGE);
  if (isRefusal(filter)) return filter;
  return (
    nothingAfter(text, word.end, USAGE) ?? {
      verb: "list",
      filter: typeof filter === "string" ? filter : { vm: filter },
    }
  );
}
