// What people do to several VMs at once, and what they are answered.

import { formatCommand } from "../domain/command/command.ts";
import { escapeSlack } from "../domain/command/slack-text.ts";
import { parseVmRef } from "../domain/command/vm-ref.ts";
import type { Lead } from "../domain/request/batch/roles.ts";
import { isRefusal, type Refusal } from "../domain/text/refusal.ts";
import { words } from "../domain/text/words.ts";
import type { Answer, AnswerButton, Sender } from "../ports/inbound.ts";
import { NOTHING, said } from "./answering/answering.ts";
import { severalWords } from "./requests/asking/asked-words.ts";
import type { Unmade } from "./requests/asking/create-batch.ts";
import {
  recordEach,
  type SeveralAsked,
  submitSeveral,
  unmadeLines,
} from "./requests/asking/submit-several.ts";
import { withCommand } from "./requests/asking/try-ask.ts";
import { decideTogether, type TogetherDecision } from "./requests/deciding/together.ts";
import type { ExtendAsk } from "./requests/extending/extend.ts";
import { extendTogether } from "./requests/extending/extend-together.ts";

type Needs = Parameters<typeof submitSeveral>[0] &
  Parameters<typeof decideTogether>[0] &
  Parameters<typeof extendTogether>[0];

export async function severalRequested(
  deps: Needs,
  sender: Sender,
  command: SeveralAsked,
  options: { readonly notTwice?: boolean } = {},
): Promise<Answer | Refusal> {
  const submitted = await submitSeveral(deps, sender, command, options);
  if (submitted === "repeated") return NOTHING;
  if ("prove" in submitted) return said(...submitted.prove);
  if (isRefusal(submitted)) return withCommand(submitted, command);
  const asks = askingFor(command, submitted.unmade);
  return { ...said(...severalWords(submitted)), ...(asks && { buttons: [asks] }) };
}

/** Those who can open the rest can be asked to; `undefined`: nobody can, or there is no rest. */
function askingFor(
  { several: _, ...command }: SeveralAsked,
  unmade: readonly Unmade[],
): AnswerButton | undefined {
  const wanted = unmade.filter(({ refusal }) => refusal.others !== undefined);
  const [vm, ...also] = wanted.flatMap(({ typedAs = "" }) => parseVmRef(typedAs) ?? []);
  if (vm === undefined) return undefined;
  const selector = { resourceGroup: undefined, tags: [], vm, also };
  const which = also.length === 0 ? { vm } : { several: { selector } };
  return { does: "ask-others", text: escapeSlack(formatCommand({ ...command, ...which })) };
}

export async function batchExtended(
  deps: Needs,
  sender: Sender,
  about: { readonly lead: Lead; readonly wanted: ExtendAsk },
): Promise<Answer | Refusal> {
  const extended = await extendTogether(deps, sender, about);
  if (extended === "repeated") return NOTHING;
  return isRefusal(extended) ? extended : said(...severalWords(extended));
}

/** The card that they share says what came of it; what was refused for some of them, only this answer. */
export async function actTogether(
  deps: Needs,
  sender: Sender,
  about: { readonly lead: Lead; readonly decision: TogetherDecision },
): Promise<Answer | Refusal> {
  const outcome = await decideTogether(deps, sender, about);
  if (outcome === "repeated") return NOTHING;
  if (isRefusal(outcome)) return outcome;
  const { act: what, id } = about.decision;
  const { done, refusals } = outcome;
  const facts = { request: id, user: sender.user, act: what, done: done.length };
  deps.log.info(facts, "somebody acted on a batch");
  if (refusals.length === 0) return NOTHING;
  await recordEach(deps, sender, { act: what, request: id, unmade: refusals });
  return said(
    words`Done for ${done.length} of ${done.length + refusals.length} VMs.`,
    ...unmadeLines(refusals),
  );
}
