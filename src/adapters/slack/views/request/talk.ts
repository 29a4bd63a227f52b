// What approvers and the requester said to each other about a request: questions, answers, notes, who looks. Pure.

import type { AccessRequest, Approval, In, Step } from "../../../../domain/request/request.ts";
import type { Policy } from "../../../../domain/rules/policy.ts";
import type { Question } from "../../../../domain/talk/talk.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { actions, type Block, QUOTE_SECTIONS, quote, sections } from "../blocks.ts";
import { button } from "./buttons.ts";

type Hides = { readonly hide: Policy["privacy"]["hideOnCard"] };

/** What a card says of it. Where the channel doesn't get to see the reason, it doesn't see talk about it either. */
export function talkBlocks(request: AccessRequest, { hide }: Hides): Block[] {
  const { questions = [], approvals, id } = request;
  const notes = approvals.filter(({ note }) => note !== undefined);
  const count = questions.length + notes.length;
  if (count === 0) return [];
  if (hide.includes("reason")) {
    const what = count === 1 ? "1 question or note" : `${count} questions and notes`;
    return sections([
      words`💬 ${what}, not shown here: ${{ code: `/jit status ${id}` }} tells approvers`,
    ]);
  }
  return [
    ...questions.flatMap((question) => [...asked(question), ...answered(request, question)]),
    ...noteBlocks(notes),
  ];
}

const noteBlocks = (approvals: readonly Approval[]): Block[] =>
  approvals.flatMap(({ by, note }) =>
    note === undefined
      ? []
      : quote(words`💬 ${{ strong: "Note" }} by ${{ user: by }}:`, note, QUOTE_SECTIONS.beside),
  );

/** The same for the requester: each question that waits has the button that answers it. */
export function talkForRequester(request: AccessRequest): Block[] {
  const { questions = [], approvals } = request;
  const said = questions.flatMap((question) =>
    question.answer === undefined
      ? questionNews(request, question)
      : [...asked(question), ...answered(request, question)],
  );
  return [...said, ...noteBlocks(approvals)];
}

const asked = ({ by, text }: Question): Block[] =>
  quote(words`❓ ${{ strong: "Question" }} by ${{ user: by }}:`, text, QUOTE_SECTIONS.beside);

const answered = ({ ask, state }: AccessRequest, { answer }: Question): Block[] => {
  if (answer !== undefined) {
    const heading = words`💬 ${{ strong: "Answer" }} by ${{ user: ask.requester }}:`;
    return quote(heading, answer.text, QUOTE_SECTIONS.beside);
  }
  return state === "pending"
    ? sections([words`Waiting for ${{ user: ask.requester }} to answer.`])
    : [];
};

/** Who looks, until when. */
export const claimLine = ({ claim }: In<"pending">): readonly Words[] =>
  claim === undefined
    ? []
    : [
        words`👀 ${{ user: claim.by }} is on it until ${{ atMs: claim.untilMs }}. Others can still decide.`,
      ];

/** What the requester reads of it: what is new, to the letter, and where to answer. */
export function talkNews(request: AccessRequest, steps: readonly Step[]): Block[] {
  return steps.flatMap((step) => {
    const isOf = (one: { readonly by: string; readonly atMs: number }) =>
      one.by === step.by && one.atMs === step.atMs;
    if (step.what === "questioned") {
      const question = request.questions?.find(isOf);
      return question === undefined ? [] : questionNews(request, question);
    }
    if (step.what !== "approved") return [];
    const approval = request.approvals.find(isOf);
    return approval?.note === undefined
      ? []
      : quote(words`💬 ${{ user: approval.by }}:`, approval.note, QUOTE_SECTIONS.beside);
  });
}

function questionNews(request: AccessRequest, question: Question): Block[] {
  const isOpen = question.answer === undefined && request.state === "pending";
  return [
    ...asked(question),
    ...(isOpen ? actions([button({ ...request, questions: [question] }, "answer")]) : []),
  ];
}
