// `/jit request` and `/jit breakglass`: access asked for, the usual way or at once.

import { isRefusal, type Refusal } from "../../text/refusal.ts";
import { words } from "../../text/words.ts";
import { askedVm } from "../answer-fields.ts";
import { formatParts, NO_PARTS, type Parts, readParts } from "../ask-parts.ts";
import { asWord, joined } from "../format-words.ts";
import { formatSeveral, orUnjoined, type SeveralVms, severalAt } from "../several-vms.ts";
import type { Verb, VerbHelp } from "../verb.ts";
import type { VmRef } from "../vm-ref.ts";
import { wordAt } from "../word-reader.ts";

/** Access asked for. Whatever was left out is `undefined`: the VM's policy knows the defaults. */
export type RequestCommand = Omit<Parts, "protocol" | "into"> & {
  readonly verb: "request" | "breakglass";
  /** `undefined` where none is named, or several are. */
  readonly vm: VmRef | undefined;
  /** Left out where one VM is meant. */
  readonly several?: SeveralVms;
};

export const request = asking("request", {
  usage: "/jit request <vms> [<ports>] [<duration>] [from <source>] [at <time>] [for <reason …>]",
  says: "Requests access to a VM, or to several: vm-01,vm-02, rg:<group>, tag:<key>=<value> or bundle:<name>.",
  example: "/jit request vm-01 22 2h for the certificate renewal",
});

export const breakglass: Verb<RequestCommand> = {
  ...asking("breakglass", {
    usage: "/jit breakglass <vms> [<ports>] [<duration>] [from <source>] for <reason …>",
    says: "Opens access immediately in an emergency; everyone is notified, and it's reviewed afterwards.",
    example: "/jit breakglass vm-01 ssh 1h for the outage of the shop",
  }),
  alsoSpelled: ["break-glass"],
};

function asking(verb: RequestCommand["verb"], help: VerbHelp): Verb<RequestCommand> {
  const hint = words`a reason comes after ${{ code: "for" }}, as in ${{ code: help.example }}`;
  return {
    ...help,
    verb,
    read(text, at): RequestCommand | Refusal {
      const word = wordAt(text, at);
      if (word === undefined) return { verb, vm: undefined, ...NO_PARTS };
      const named = severalAt(text, at);
      if (isRefusal(named)) return named;
      const vm = named === undefined ? askedVm(word.text) : undefined;
      if (isRefusal(vm)) return vm;
      const end = named?.end ?? word.end;
      const isTimed = verb === "request";
      const parts = readParts(text, end, {
        reason: true,
        policy: false,
        at: isTimed,
        hint,
        // Only the form for one VM asks what was meant.
        readsOn: verb === "request" && named === undefined,
      });
      if (isRefusal(parts)) return orUnjoined(parts, text, { verb, begin: word.start, at: end });
      return { verb, vm, ...(named && { several: named.several }), ...parts };
    },
    format: ({ vm, several, ...parts }) =>
      joined(verb, vm && asWord(vm.typed), several && formatSeveral(several), formatParts(parts)),
  };
}
