// `/jit review`: what somebody thinks of an access in an emergency, afterwards.

import type { RequestId } from "../../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { askedReason } from "../answer-fields.ts";
import { joined } from "../format-words.ts";
import { withoutPunctuation } from "../parts/duration-at.ts";
import { idAt } from "../parts/id-at.ts";
import type { Verb } from "../verb.ts";
import { keyword, wordAt } from "../word-reader.ts";

export type ReviewCommand = {
  readonly verb: "review";
  readonly id: RequestId;
  readonly verdict: "ok" | "concern";
  readonly text: string | undefined;
};

const EXAMPLE = "/jit review JIT-4K7QWD ok";

export const review: Verb<ReviewCommand> = {
  verb: "review",
  usage: "/jit review <id> ok|concern [<text …>]",
  says: "Closes the review of break-glass access.",
  example: EXAMPLE,
  read: readReview,
  format: ({ verb, id, verdict, text }) => joined(verb, id, verdict, text),
};

function readReview(text: string, at: number): ReviewCommand | Refusal {
  const found = idAt(text, at, EXAMPLE);
  if (isRefusal(found)) return found;
  const word = wordAt(text, found.end);
  const verdict = withoutPunctuation(keyword(word));
  if (word === undefined || (verdict !== "ok" && verdict !== "concern")) {
    const ok = { code: "ok" };
    const concern = { code: "concern" };
    return refuse(
      "incomplete",
    )`Say ${ok} or ${concern} after the ID, for example ${{ code: EXAMPLE }}.`;
  }
  const remark = askedReason(text.slice(word.end));
  return isRefusal(remark) ? remark : { verb: "review", id: found.id, verdict, text: remark };
}
