// Finds the id of a request within a command, as people type it: `JIT-4K7QWD`, `4k7qwd`, `#JIT-4K7QWD.`.

import { parseRequestId, type RequestId } from "../../text/ids.ts";
import { type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import { wordAt } from "../word-reader.ts";
import { withoutPunctuation } from "./duration-at.ts";

/** Answers the id at `at` and where it ends; the refusal shows the example. */
export function idAt(
  text: string,
  at: number,
  exampleOfUse: string,
): { readonly id: RequestId; readonly end: number } | Refusal {
  const word = wordAt(text, at);
  const example = { code: exampleOfUse };
  if (word === undefined) {
    return refuse("incomplete")`Which request? For example ${example}.`;
  }
  const id = parseRequestId(withoutPunctuation(word.text).replace(/^#/, ""));
  return id === undefined
    ? refuse("bad-id")`${typed(word.text)} isn't a request ID: write for example ${example}.`
    : { id, end: word.end };
}
