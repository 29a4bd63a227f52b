// A person in a command, who must be known by their id: Slack tells it only of people picked from its list.

import { type UserId, userId } from "../../text/ids.ts";
import { type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import type { Word } from "../word-reader.ts";
import { withoutPunctuation } from "./duration-at.ts";

/** Answers whom the word mentions, or a refusal: a bare name could be anybody's. */
export function personAt({ text }: Word): UserId | Refusal {
  const mention = withoutPunctuation(text);
  if (/^@[UW][A-Z0-9]{1,20}$/.test(mention)) return userId(mention.slice(1));
  const lead = { code: "@" };
  return refuse(
    "ambiguous",
  )`I can't tell who ${typed(mention)} is: choose from the list Slack shows after ${lead}.`;
}
