// `/jit status` and `/jit cancel`: one request, by its id, and nothing more.

import type { RequestId } from "../../text/ids.ts";
import { isRefusal } from "../../text/refusal.ts";
import { joined } from "../format-words.ts";
import { idAt } from "../id-at.ts";
import { nothingAfter, type Verb, type VerbHelp } from "./verb.ts";

export type IdCommand = { readonly verb: "status" | "cancel"; readonly id: RequestId };

export const status = withId("status", {
  usage: "/jit status <id>",
  says: "Shows a request and where it stands.",
  example: "/jit status JIT-4K7QWD",
});

export const cancel = withId("cancel", {
  usage: "/jit cancel <id>",
  says: "Cancels your request before it's decided.",
  example: "/jit cancel JIT-4K7QWD",
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
