// `/jit again`: what one requested before, checked as it is today.

import type { RequestId } from "../../text/ids.ts";
import { isRefusal } from "../../text/refusal.ts";
import { joined } from "../format-words.ts";
import { idAt } from "../parts/id-at.ts";
import { nothingAfter, type Verb } from "../verb.ts";
import { wordAt } from "../word-reader.ts";

export type AgainCommand = {
  readonly verb: "again";
  /** `undefined`: the last one. */
  readonly id: RequestId | undefined;
};

const USAGE = "/jit again [<id>]";
const EXAMPLE = "/jit again JIT-4K7QWD";

export const again: Verb<AgainCommand> = {
  verb: "again",
  usage: USAGE,
  says: "Requests the same again: your last request, or one by its ID.",
  example: EXAMPLE,
  read(text, at) {
    if (wordAt(text, at) === undefined) return { verb: "again", id: undefined };
    const found = idAt(text, at, EXAMPLE);
    if (isRefusal(found)) return found;
    return nothingAfter(text, found.end, USAGE) ?? { verb: "again", id: found.id };
  },
  format: ({ verb, id }) => joined(verb, id),
};
