// What is done to a request that is there: by a button, by the form behind it or by a command; to it alone or to its
// batch. Whether somebody may is decided in `requests/deciding/`.

import { askedDuration, askedReason } from "../domain/command/answer-fields.ts";
import { stateWord } from "../domain/request/state-words.ts";
import { frozenWords } from "../domain/rules/freeze.ts";
import type { RequestId } from "../domain/text/ids.ts";
import { plainText } from "../domain/text/plain-text.ts";
import { isRefusal, type Refusal } from "../domain/text/refusal.ts";
import { type Words, words } from "../domain/text/words.ts";
import type { Answer, Button, Click, Inbound, Sender } from "../ports/inbound.ts";
import { answering, NOTHING, once, said } from "./answering/answering.ts";
import { forOneAct } from "./answering/one-act.ts";
import { actTogether, batchExtended } from "./batches.ts";
import { formAgain } from "./forms/again-form.ts";
import { formAfter, opensForm } from "./forms/forms.ts";
import { askedWords } from "./requests/asking/asked-words.ts";
import { type Decision, decide, mayDecideAtAll } from "./requests/deciding/decide.ts";
import { leadOf, mayDecideTogether, type TogetherDecision } from "./requests/deciding/together.ts";
import { type ExtendAsk, extend, extendable } from "./requests/extending/extend.ts";
import { refuseExtension } from "./requests/extending/extend-together.ts";
import { factsBehind } from "./requests/facts-behind.ts";

type Needs = Parameters<typeof decide>[0] &
  Parameters<typeof actTogether>[0] &
  Parameters<typeof extend>[0] &
  Parameters<typeof refuseExtension>[0] &
  Parameters<typeof formAgain>[0] &
  Parameters<typeof factsBehind>[0] &
  Parameters<typeof answering>[0];

const ACTS: Readonly<Record<Exclude<Button, "extend" | "again" | "facts">, Decision["act"]>> = {
  approve: "approve",
  deny: "deny",
  "take-back": "take-back",
  open: "open",
  retry: "retry",
  end: "end",
  cancel: "cancel",
  change: "approve",
  ask: "ask",
  answer: "answer",
  claim: "claim",
  "review-ok": "review",
  "review-concern": "review",
  requeue: "requeue",
};

/** A button of a card or a list: done at once, or answered with the form behind it. */
export async function clicked(
  deps: Needs,
  sender: Sender,
  click: Click,
): Promise<Answer | Refusal> {
  if (click.button === "extend") {
    const lead = await leadOf(deps, click);
    if (lead !== undefined) {
      return (await refuseExtension(deps, sender, lead)) ?? formAfter(deps, click.button, click);
    }
    const found = await extendable(deps, sender, click);
    return isRefusal(found) ? found : formAfter(deps, click.button, click);
  }
  if (click.button === "again") return formAgain(deps, sender, click.id);
  if (click.button === "facts")
    return once(deps, sender, () => factsBehind(deps, sender, click.id));
  const decision: Decision = {
    act: ACTS[click.button],
    id: click.id,
    ...(click.question !== undefined && { question: click.question }),
    button: click,
  };
  if (!opensForm(click.button)) return actOn(deps, sender, decision);
  // Sending the form decides, and everything is checked again then.
  const lead = await leadOf(deps, click);
  const refusal =
    lead === undefined
      ? await mayDecideAtAll(deps, sender, decision)
      : await mayDecideTogether(deps, sender, { lead, decision });
  return refusal ?? formAfter(deps, click.button, click);
}

/** Does it to one request, or to the batch that the button stands for; what only the card shows isn't said again. */
export async function actOn(
  deps: Needs,
  sender: Sender,
  decision: TogetherDecision,
): Promise<Answer | Refusal> {
  const lead =
    decision.button && (await leadOf(deps, { id: decision.id, nonce: decision.button.nonce }));
  if (lead !== undefined) return actTogether(deps, sender, { lead, decision });
  const outcome = await decide(deps, sender, decision);
  if (outcome === "repeated") return NOTHING;
  if (isRefusal(outcome)) return outcome;
  const { id, state } = outcome;
  deps.log.info({ request: id, user: sender.user, act: decision.act, state }, "somebody acted");
  // A click on a card is answered by the card, one on the home tab by the tab; what was shown to
  // one person in a channel doesn't change, and a command has nothing else to look at.
  const { button } = decision;
  const isSeen = button?.message !== undefined || sender.channel === undefined;
  if (outcome.state === "ready" && outcome.frozen !== undefined && decision.act === "approve") {
    return said(
      words`Access is ${frozenWords(outcome.frozen)}. ${{ strong: outcome.id }} is approved, and opens when an admin lifts the freeze.`,
    );
  }
  if (button !== undefined && isSeen) return NOTHING;
  if (decision.act === "requeue") return said(words`Trying ${{ strong: outcome.id }} again.`);
  if (decision.act === "review") return said(reviewedWords(id, decision.verdict));
  return said(words`${{ strong: outcome.id }} is now ${{ strong: stateWord(outcome) }}.`);
}

/** A review changes no state. */
const reviewedWords = (id: RequestId, verdict: Decision["verdict"]): Words =>
  verdict === "concern"
    ? words`Your concern about ${{ strong: id }} is recorded, and its review is closed.`
    : words`Your review of ${{ strong: id }} is recorded: the access was justified.`;

/** More time, for one request or for its batch. */
export async function extendedBy(
  deps: Needs,
  sender: Sender,
  wanted: ExtendAsk,
): Promise<Answer | Refusal> {
  const { id, nonce } = wanted;
  const lead = nonce === undefined ? undefined : await leadOf(deps, { id, nonce });
  if (lead !== undefined) return batchExtended(deps, sender, { lead, wanted });
  const submitted = await extend(deps, sender, wanted);
  if (submitted === "repeated") return NOTHING;
  return isRefusal(submitted) ? submitted : said(...askedWords(submitted));
}

/** What the forms behind a card's buttons send. */
export function decidingForms(
  deps: Needs,
): Pick<Inbound, "deny" | "concern" | "extend" | "approveChanged" | "ask" | "answer"> {
  /** What was typed is checked, goes into the decision, and is said again where that is refused. */
  const withText = (
    sender: Sender,
    { nonce, text }: { nonce: string; text: string },
    decision: Omit<TogetherDecision, "button" | "reason">,
  ): Promise<Answer> =>
    answering(deps, sender, { request: decision.id, about: decision.act }, async (noticed) => {
      const reason = askedReason(text) ?? "";
      if (isRefusal(reason)) return keepsTyped(reason, text);
      const button = { nonce, message: undefined };
      const done = await actOn(forOneAct(noticed), sender, { ...decision, reason, button });
      return isRefusal(done) ? keepsTyped(done, text) : done;
    });
  return {
    deny: (sender, { id, nonce, reason }) =>
      withText(sender, { nonce, text: reason }, { act: "deny", id }),
    concern: (sender, { id, nonce, text }) =>
      withText(sender, { nonce, text }, { act: "review", id, verdict: "concern" }),
    ask: (sender, { id, nonce, text }) => withText(sender, { nonce, text }, { act: "ask", id }),
    answer: (sender, { id, nonce, question, text }) =>
      withText(sender, { nonce, text }, { act: "answer", id, question }),
    extend: (sender, { id, nonce, duration, reason: typed }) =>
      answering(deps, sender, { request: id, about: "extend" }, async (noticed) => {
        const durationMs = askedDuration(duration);
        if (isRefusal(durationMs)) return durationMs;
        const reason = askedReason(typed) ?? "";
        if (isRefusal(reason)) return reason;
        return extendedBy(forOneAct(noticed), sender, { id, nonce, durationMs, reason });
      }),
    approveChanged: (sender, { id, nonce, duration, source, note = "", only, shown }) =>
      withText(
        sender,
        { nonce, text: note },
        { act: "approve", id, narrow: { duration, source }, only, shown },
      ),
  };
}

/** A refusal shows what was typed, so that nobody types it twice. */
const keepsTyped = ({ refused, say }: Refusal, text: string): Refusal =>
  text.trim() === ""
    ? { refused, say }
    : { refused, say: words`${say} You wrote: ${plainText(text, KEPT_CHARACTERS_MAX)}` };

/** As much as any of the fields takes. */
const KEPT_CHARACTERS_MAX = 1_000;
