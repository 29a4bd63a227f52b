// `/jit away` and `/jit back`: until when somebody doesn't decide, and who may for them.

import type { UserId } from "../../text/ids.ts";
import type { SpokenMoment } from "../../text/moments.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import { joined } from "../format-words.ts";
import { personAt } from "../parts/person-at.ts";
import { formatMoment, spokenMomentAt } from "../parts/spoken-moment.ts";
import { nothingAfter, type Verb } from "../verb.ts";
import { keyword, wordAt } from "../word-reader.ts";

export type AwayCommand = {
  readonly verb: "away";
  /** `undefined`: no longer, as with `/jit back`. */
  readonly until: SpokenMoment | undefined;
  readonly to: UserId | undefined;
};

export type BackCommand = { readonly verb: "back" };

const USAGE = "/jit away until <time> [to @user]";

export const away: Verb<AwayCommand> = {
  verb: "away",
  readsPeople: true,
  usage: USAGE,
  says: "Marks you as away and, where the rule allows it, lets somebody decide for you.",
  example: "/jit away until friday",
  read: readAway,
  format: ({ verb, until, to }) =>
    until === undefined
      ? joined(verb, "off")
      : joined(verb, "until", formatMoment(until), to && `to @${to}`),
};

export const back: Verb<BackCommand> = {
  verb: "back",
  usage: "/jit back",
  says: "Marks you as back, so nobody decides for you.",
  example: "/jit back",
  read: (text, at) => nothingAfter(text, at, "/jit back") ?? { verb: "back" },
  format: ({ verb }) => verb,
};

function readAway(text: string, at: number): AwayCommand | Refusal {
  const first = wordAt(text, at);
  if (keyword(first) === "off" && first !== undefined) {
    return (
      nothingAfter(text, first.end, USAGE) ?? {
        verb: "away",
        until: undefined,
        to: undefined,
      }
    );
  }
  const word = keyword(first) === "until" && first !== undefined ? wordAt(text, first.end) : first;
  if (word === undefined) {
    return refuse("incomplete")`Until when? Write for example ${{ code: away.example }}.`;
  }
  const found = spokenMomentAt(text, word);
  if (isRefusal(found)) return found;
  const next = wordAt(text, found.end);
  if (next === undefined) return { verb: "away", until: found.moment, to: undefined };
  if (keyword(next) !== "to") {
    return refuse(
      "unknown-command",
    )`I didn't understand ${typed(next.text)}: write ${{ code: USAGE }}.`;
  }
  const named = wordAt(text, next.end);
  if (named === undefined) {
    return refuse("incomplete")`Who decides for you? Write ${{ code: USAGE }}.`;
  }
  const to = personAt(named);
  if (isRefusal(to)) return to;
  return nothingAfter(text, named.end, USAGE) ?? { verb: "away", until: found.moment, to };
}
