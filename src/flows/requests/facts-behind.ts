// What the facts on a card rest on, told to those who may see the request, and to nobody else.

import { factWords, proofWords } from "../../domain/facts/fact-words.ts";
import { labelOf } from "../../domain/request/batch/label.ts";
import { isLead, type Lead } from "../../domain/request/batch/roles.ts";
import { membersOf } from "../../domain/request/members.ts";
import type { Ask } from "../../domain/rules/ask.ts";
import type { Fact } from "../../domain/rules/fact.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import { type Words, words } from "../../domain/text/words.ts";
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
  const visibility = await visibilityFor(deps, sender);
  if (isRefusal(visibility)) return visibility;
  const stored = await deps.requests.read(id);
  if (stored === undefined || !visibility.canSee(stored.request)) return noSuchRequest(id);
  const { request } = stored;
  const { ask } = request;
  const noted = isLead(request) ? notedTogether(request) : notedWith(ask, request.facts);
  if (noted.length === 0) return said(words`Nothing was noted with ${{ code: id }}.`);
  return said(
    words`Noted with ${{ code: id }}, as of ${{ atMs: ask.askedAtMs }}. This is advice: the rules are checked again when somebody approves.`,
    ...noted,
  );
}

const notedWith = (ask: Ask, facts: readonly Fact[] = []): readonly Words[] =>
  facts.map((fact) => words`${factWords(fact)}. ${proofWords(ask, fact)}`);

/** Of several VMs, those that stand on the card they share. */
export const notedTogether = (lead: Lead): readonly Words[] =>
  membersOf(lead).flatMap((member) => {
    const { vm: name } = member;
    // As it was requested, whatever an approver cut.
    const { durationMs, source = lead.ask.source } = member.cut ?? member;
    const ask = { ...lead.ask, vm: { ...lead.ask.vm, name }, durationMs, source };
    const facts = member.id === lead.id ? lead.facts : member.facts;
    return notedWith(ask, facts).map(
      (line) => words`${{ strong: `${labelOf(lead, member)}:` }} ${line}`,
    );
  });
