// `/jit freeze` and `/jit unfreeze`: the brake. Nothing opens while access is frozen, but by break-glass.

import { isRefusal } from "../../text/refusal.ts";
import { askedReason } from "../answer-fields.ts";
import { joined } from "../format-words.ts";
import { nothingAfter, stray, type Verb } from "../verb.ts";
import { keyword, wordAt } from "../word-reader.ts";

export type FreezeCommand = { readonly verb: "freeze"; readonly reason: string | undefined };
export type UnfreezeCommand = { readonly verb: "unfreeze" };

const USAGE = "/jit freeze [for <reason …>]";

export const freeze: Verb<FreezeCommand> = {
  verb: "freeze",
  usage: USAGE,
  forAdmins: true,
  says: "For admins: nothing opens until it's lifted, except break-glass.",
  example: "/jit freeze for a leaked key",
  read(text, at) {
    const word = wordAt(text, at);
    if (word === undefined) return { verb: "freeze", reason: undefined };
    if (keyword(word) !== "for") return stray(word, USAGE);
    const reason = askedReason(text.slice(word.end));
    return isRefusal(reason) ? reason : { verb: "freeze", reason };
  },
  format: ({ verb, reason }) => joined(verb, reason && `for ${reason}`),
};

export const unfreeze: Verb<UnfreezeCommand> = {
  verb: "unfreeze",
  usage: "/jit unfreeze",
  forAdmins: true,
  says: "For admins: lifts the freeze; what waited is checked again and opens.",
  example: "/jit unfreeze",
  read: (text, at) => nothingAfter(text, at, "/jit unfreeze") ?? { verb: "unfreeze" },
  format: ({ verb }) => verb,
};
