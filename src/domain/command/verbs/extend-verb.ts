// `/jit extend`: more time for an access.

import { formatDuration } from "../../text/duration.ts";
import type { RequestId } from "../../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { askedDuration, askedReason } from "../answer-fields.ts";
import { joined } from "../format-words.ts";
import { durationAt, misspelledDurationAt } from "../parts/duration-at.ts";
import { idAt } from "../parts/id-at.ts";
import { stray, type Verb } from "../verb.ts";
import { keyword, wordAt } from "../word-reader.ts";

export type ExtendCommand = {
  readonly verb: "extend";
  readonly id: RequestId;
  readonly durationMs: number;
  readonly reason: string | undefined;
};

const USAGE = "/jit extend <id> <duration> [for <reason …>]";
const EXAMPLE = "/jit extend JIT-4K7QWD 1h for the import that still runs";

export const extend: Verb<ExtendCommand> = {
  verb: "extend",
  usage: USAGE,
  says: "Requests more time.",
  example: EXAMPLE,
  read: readExtend,
  format: ({ verb, id, durationMs, reason }) =>
    joined(verb, id, formatDuration(durationMs), reason && `for ${reason}`),
};

/** A duration is needed here, so `extend JIT-4K7QWD for 2h` can only mean one. */
function readExtend(text: string, at: number): ExtendCommand | Refusal {
  const found = idAt(text, at, EXAMPLE);
  if (isRefusal(found)) return found;
  const lead = wordAt(text, found.end);
  const led = keyword(lead) === "for" || keyword(lead) === "by";
  const start = led && lead !== undefined ? lead.end : found.end;
  const duration = durationAt(text, start);
  const spelled = duration?.spelled ?? misspelledDurationAt(text, start, true);
  if (spelled === undefined) {
    return refuse("incomplete")`How much longer? For example ${{ code: EXAMPLE }}.`;
  }
  const durationMs = askedDuration(spelled);
  if (isRefusal(durationMs)) return durationMs;
  const after = wordAt(text, duration?.end ?? start);
  if (after === undefined) return { verb: "extend", id: found.id, durationMs, reason: undefined };
  if (keyword(after) !== "for") return stray(after, USAGE);
  const reason = askedReason(text.slice(after.end));
  return isRefusal(reason) ? reason : { verb: "extend", id: found.id, durationMs, reason };
}
