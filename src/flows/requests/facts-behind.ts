// What the facts on a card rest on, told to those who may see the request, and to nobody else.

import { factWords, proofWords } from "../../domain/facts/fact-words.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import { said } from "../answering/answering.ts";
import type { Deps } from "../deps.ts";
import { noSuchRequest } from "./deciding/decide.ts";
import { visibilityFor } from "./visibility.ts";

type Needs = Pick<Deps, "requests" | "absences" | "storeClock" | "chat" | "onCall" | "policy">;

export async function factsBehind(
  deps: Needs,
  sender: Sender,
  id: RequestId,
): Promise<Answer | Refusal> {
  const sight = await visibilityFor(deps, sender);
  if (isRefusal(sight)) return sight;
  const stored = await deps.requests.read(id);
  if (stored === undefined || !sight.maySee(stored.request)) return noSuchRequest(id);
  const { ask, facts = [] } = stored.request;
  if (facts.length === 0) return said(words`Nothing was noted with ${{ code: id }}.`);
  return said(
    words`Noted with ${{ code: id }}, as of ${{ atMs: ask.askedAtMs }}. This is advice: the rules are checked again when somebody approves.`,
    ...facts.map((fact) => words`${factWords(ask, fact)}. ${proofWords(ask, fact)}`),
  );
}
