// `/jit explain`: what would happen, without asking.

import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { words } from "../../text/words.ts";
import { askedVm } from "../answer-fields.ts";
import { formatParts, noSource, type Parts, readParts } from "../ask-parts.ts";
import { asWord, joined } from "../format-words.ts";
import type { Verb } from "../verb.ts";
import type { VmRef } from "../vm-ref.ts";
import { wordAt } from "../word-reader.ts";

export type ExplainCommand = Pick<Parts, "ports" | "durationMs" | "source"> & {
  readonly verb: "explain";
  readonly vm: VmRef;
};

const EXAMPLE = "/jit explain vm-01 3389 2h";

export const explain: Verb<ExplainCommand> = {
  verb: "explain",
  usage: "/jit explain <vm> [<ports>] [<duration>] [from <source>]",
  says: "Shows what a request would lead to, without making it.",
  example: EXAMPLE,
  read: readExplain,
  format: (command) =>
    joined(
      command.verb,
      asWord(command.vm.typed),
      formatParts({ ...command, reason: undefined, unclear: undefined }),
    ),
};

/** A reason is read and left out, so that a request can be tried by changing its first word. */
function readExplain(text: string, at: number): ExplainCommand | Refusal {
  const example = { code: EXAMPLE };
  const word = wordAt(text, at);
  if (word === undefined) return refuse("incomplete")`Which VM? For example ${example}.`;
  const vm = askedVm(word.text);
  if (isRefusal(vm)) return vm;
  const hint = words`write for example ${example}`;
  const parts = readParts(text, word.end, { reason: true, policy: false, hint });
  if (isRefusal(parts)) return parts;
  if (parts.unclear === "duration-or-reason") {
    const lead = { code: "for" };
    const full = { code: "22 2h" };
    return refuse("ambiguous")`Leave out ${lead} before a duration: write for example ${full}.`;
  }
  if (parts.unclear === "source") return noSource();
  const { ports, durationMs, source } = parts;
  return { verb: "explain", vm, ports, durationMs, source };
}
