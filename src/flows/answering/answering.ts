// Runs what somebody asked for, and turns whatever comes of it into an answer: a refusal, a fault, a bug.

import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import { type Words, words } from "../../domain/text/words.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, AnswerButton, Sender } from "../../ports/inbound.ts";
import type { Deps } from "../deps.ts";
import { refusedNote } from "./audit-notes.ts";
import { faultWords } from "./fault-words.ts";
import { fixButtons } from "./fix-buttons.ts";
import { noticing } from "./one-act.ts";
import { record } from "./record.ts";

type Needs = Pick<Deps, "deliveries" | "auditNotes" | "log" | "policy" | "onCommitted">;

export const NOTHING: Answer = { answer: "nothing" };
export const said = (...lines: readonly Words[]): Answer => ({ answer: "said", lines });
/** A preview makes room for what became of it, so that nobody presses it twice. */
export const replaced = (...lines: readonly Words[]): Answer => ({
  answer: "said",
  lines,
  replaces: true,
});

/** What it is about, for the audit and the log. */
export type About = {
  readonly request?: RequestId;
  readonly about: string;
  /** All of what was typed, to be done by somebody else. */
  readonly typed?: string;
};

/**
 * Runs a flow; a refusal is recorded and said, a fault is said as what it is, a bug is logged. What the flow
 * commits goes through the ports that it is given: a fault after that isn't said to have changed nothing.
 */
export async function answering<D extends Needs>(
  deps: D,
  sender: Sender,
  about: About,
  flow: (deps: D, hasCommitted: () => boolean) => Promise<Answer | Refusal>,
): Promise<Answer> {
  const facts = { request: about.request, user: sender.user };
  const { noticed, hasCommitted } = noticing(deps);
  try {
    const outcome = await flow(noticed, hasCommitted);
    if (!isRefusal(outcome)) return outcome;
    if ((await recordRefusal(deps, sender, about, outcome)) === "repeated") return NOTHING;
    const { say, refused } = outcome;
    return { answer: "said", lines: [say], refused, ...buttonsBelow(outcome, about.typed) };
  } catch (thrown) {
    return failed(deps, { facts, hasCommitted: hasCommitted() }, thrown);
  }
}

/** What to press instead of typing it again. */
function buttonsBelow(
  refusal: Refusal,
  typed: string | undefined,
): { readonly buttons?: readonly AnswerButton[] } {
  if (typed === undefined) return {};
  const asks = refusal.others === undefined ? [] : [{ does: "ask-others", text: typed } as const];
  const buttons = [...asks, ...fixButtons(refusal, typed)];
  return buttons.length === 0 ? {} : { buttons };
}

/** Writes down that somebody was refused; "repeated": this delivery was written down before. */
export async function recordRefusal(
  deps: Needs,
  sender: Sender,
  { request, about }: About,
  { refused }: Refusal,
): Promise<"recorded" | "repeated"> {
  deps.log.info({ request, user: sender.user, refused }, "refused");
  const note = refusedNote(deps.policy(), { by: sender.user, why: refused, about });
  return record(deps, { request, note, delivery: sender.delivery });
}

/**
 * For what only looks: a repeated delivery gets no second answer. A refusal is recorded by the caller. What commits
 * or records something hands on the delivery with it, and is wrapped in this no more: it would take the delivery first.
 */
export async function once(
  deps: Needs,
  sender: Sender,
  look: () => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  const answer = await look();
  if (isRefusal(answer)) return answer;
  return (await deps.deliveries.take(sender.delivery)) ? answer : NOTHING;
}

function failed(
  deps: Needs,
  { facts, hasCommitted }: { readonly facts: object; readonly hasCommitted: boolean },
  thrown: unknown,
): Answer {
  if (!isFault(thrown)) {
    deps.log.error({ ...facts, err: thrown }, "a command or click failed");
    return said(
      words`Something went wrong on my side. Check the request before you try again: ${{ code: "/jit list" }}.`,
    );
  }
  deps.log.error({ ...facts, source: thrown.source, code: thrown.code }, thrown.message);
  return said(faultWords(thrown, { hasCommitted }));
}
