// What approvers and the requester say to each other about a request that waits: none of it decides anything.

import type { Question } from "../../talk/talk.ts";
import { MINUTE_MS } from "../../text/duration.ts";
import { type Refusal, refuse } from "../../text/refusal.ts";
import type { Step } from "../document/step.ts";
import type { Moved } from "../moved.ts";
import { quietly, same, tell } from "../moves.ts";
import type { AccessRequest } from "../request.ts";
import { stateWord } from "../state-words.ts";
import { mayDecide, tooLate } from "./deciding-acts.ts";
import { type ActBy, isBy, wrongState } from "./person-act.ts";

/** More than a card has room for, and more than anybody should have to answer to be let in. */
const QUESTIONS_MAX = 5;

/** So long the others see who looks; then it is free again. */
export const CLAIM_MS = 10 * MINUTE_MS;

/** The question goes to the requester, privately, and stands on the card. */
export function ask(request: AccessRequest, act: ActBy<"ask">, nowMs: number): Moved | Refusal {
  const mayNot = mayDecide(request, act, "ask about");
  if (mayNot !== undefined) return mayNot;
  if (request.state !== "pending") return wrongState(request, "ask about");
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  const { questions = [] } = request;
  if (questions.length >= QUESTIONS_MAX) {
    return refuse(
      "too-many-questions",
    )`${request.id} already has ${QUESTIONS_MAX} questions. Talk to ${{ user: request.ask.requester }} directly, or decide.`;
  }
  const { by, text } = act;
  const asked: Question = { n: questions.length + 1, by, atMs: nowMs, text };
  return tell(
    { ...request, questions: [...questions, asked] },
    [{ what: "questioned", by, atMs: nowMs }],
    { what: "questioned", by, detail: { question: text } },
  );
}

/** Which question this step answers, if it does. */
export const questionAnswered = (
  { questions = [] }: AccessRequest,
  { what, atMs }: Step,
): Question | undefined =>
  what === "answered" ? questions.find(({ answer }) => answer?.atMs === atMs) : undefined;

/** The answer stands beside its question, and who asked hears of it. */
export function answer(
  request: AccessRequest,
  act: ActBy<"answer">,
  nowMs: number,
): Moved | Refusal {
  const { id } = request;
  if (!isBy(act, request.ask.requester)) {
    return refuse("not-yours")`Only the person who requested ${id} can answer.`;
  }
  const { questions = [] } = request;
  const asked = questions.find(({ n }) => n === act.question);
  // Before the state: that they have answered is what they can know.
  if (asked?.answer !== undefined) {
    return refuse(
      "wrong-state",
    )`You already answered that question ${{ atMs: asked.answer.atMs }}.`;
  }
  if (request.state !== "pending") {
    return refuse(
      "wrong-state",
    )`${id} is ${{ strong: stateWord(request) }}: it no longer needs an answer.`;
  }
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  if (asked === undefined) return refuse("wrong-state")`Nobody asked you that about ${id}.`;
  const { by, text } = act;
  const answered = { ...asked, answer: { atMs: nowMs, text } };
  return tell(
    { ...request, questions: questions.map((one) => (one === asked ? answered : one)) },
    [{ what: "answered", by, atMs: nowMs }],
    // By its number: the question is its author's to have erased.
    { what: "answered", by, detail: { question: asked.n, answer: text } },
  );
}

/** The others see who looks. It decides nothing, and keeps nobody from deciding. */
export function claim(request: AccessRequest, act: ActBy<"claim">, nowMs: number): Moved | Refusal {
  const mayNot = mayDecide(request, act, "look at");
  if (mayNot !== undefined) return mayNot;
  if (request.state !== "pending") return wrongState(request, "look at");
  const late = tooLate(request, nowMs);
  if (late !== undefined) return late;
  const { claim: current, approvals, id } = request;
  if (approvals.some((one) => isBy(act, one.by))) {
    return refuse("already-approved")`You've already approved ${id}.`;
  }
  if (current !== undefined && nowMs < current.untilMs) {
    const until = { atMs: current.untilMs };
    return isBy(act, current.by)
      ? refuse("already-claimed")`You're on ${id} until ${until}.`
      : refuse(
          "already-claimed",
        )`${{ user: current.by }} is on ${id} until ${until}. You can still decide.`;
  }
  const untilMs = Math.min(nowMs + CLAIM_MS, request.expiresAtMs);
  const { by } = act;
  return quietly(
    { ...request, claim: { by, untilMs } },
    { what: "claimed", by, detail: { untilMs } },
  );
}

/** The claim is over, and nobody has decided. */
export function unclaim(request: AccessRequest, nowMs: number): Moved {
  if (request.state !== "pending" || request.claim === undefined) return same(request);
  if (nowMs < request.claim.untilMs) return same(request);
  const { claim: _, ...free } = request;
  return quietly(free);
}

/** The oldest question that waits for an answer. */
export const openQuestion = ({
  questions,
}: Pick<AccessRequest, "questions">): Question | undefined =>
  questions?.find(({ answer }) => answer === undefined);
