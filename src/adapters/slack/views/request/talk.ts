// What approvers and the requester said to each other about a request: questions, answers, notes, who looks. Pure.

import { labelOf, ownLabel } from "../../../../domain/request/batch/label.ts";
import { isLead, type Lead } from "../../../../domain/request/batch/roles.ts";
import type { Said } from "../../../../domain/request/document/batch.ts";
import type { Step } from "../../../../domain/request/document/step.ts";
import { membersOf } from "../../../../domain/request/members.ts";
import { questionOf } from "../../../../domain/request/messages/passing-news.ts";
import type { AccessRequest, In } from "../../../../domain/request/request.ts";
import type { Policy } from "../../../../domain/rules/policy.ts";
import type { Question } from "../../../../domain/talk/talk.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { actions, type Block, QUOTE_SECTIONS, quote, sections } from "../blocks.ts";
import { vmsShort } from "./batch-lines.ts";
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
    ...noteBlocks(request),
  ];
}

/** Of several VMs they stand with those that they were said of. */
function noteBlocks(request: AccessRequest): Block[] {
  if (isLead(request)) return [];
  return request.approvals.flatMap(({ by, note }) =>
    note === undefined ? [] : noteBlock({ by, text: note }),
  );
}

/** `of`: of which of several VMs. */
type SaidOf = Pick<Said, "by" | "text"> & { readonly of?: Words };

const noteBlock = ({ by, text, of = [] }: SaidOf): Block[] =>
  quote(words`💬 ${{ strong: "Note" }} by ${{ user: by }}${of}:`, text, QUOTE_SECTIONS.beside);

/** Who denied it, and why in their own words; `most`: sections that these may fill. */
export function deniedBlocks({ by, text, of = [] }: SaidOf, most?: number): Block[] {
  const denied = words`Denied by ${{ user: by }}${of}`;
  return text.trim() === ""
    ? sections([words`${denied}; no reason given.`])
    : quote(words`${denied}:`, text, most);
}

/** The same for the requester: each question that waits has the button that answers it. */
export function talkForRequester(request: AccessRequest): Block[] {
  const { questions = [] } = request;
  const said = questions.flatMap((question) => questionNews(request, question));
  return [...said, ...noteBlocks(request)];
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
    if (step.what === "questioned") {
      const question = questionOf(request, step);
      return question === undefined ? [] : questionNews(request, question);
    }
    if (step.what !== "approved" || isLead(request)) return [];
    const approval = request.approvals.find(({ by, atMs }) => by === step.by && atMs === step.atMs);
    return approval?.note === undefined ? [] : noteBlock({ by: approval.by, text: approval.note });
  });
}

function questionNews(request: AccessRequest, question: Question): Block[] {
  if (question.answer !== undefined) return [...asked(question), ...yourAnswer(question.answer)];
  const isOpen = request.state === "pending";
  return [
    ...asked(question),
    ...(isOpen
      ? actions([button({ ...request, questions: [question] }, "answer")])
      : sections([words`This no longer needs an answer.`])),
  ];
}

const yourAnswer = ({ text }: NonNullable<Question["answer"]>): Block[] =>
  quote(words`💬 ${{ strong: "Your answer" }}:`, text, QUOTE_SECTIONS.beside);

// What approvers said with their decisions on several VMs stands once where it is the same, with its VMs.

type Saying = Said & {
  readonly vms: readonly string[];
  readonly isOfAll: boolean;
};

/** Each may fill a section. */
const SAYINGS_MAX = 4;

function sayings(lead: Lead): readonly Saying[] {
  const members = membersOf(lead);
  const all = members.flatMap(({ id, vm, group, said = [] }) =>
    said.map((one) => ({ id, vm: labelOf(lead, { vm, group }), said: one })),
  );
  const groups = Map.groupBy(all, ({ said: { what, by, text } }) =>
    JSON.stringify([what, by, text]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : {
          ...first.said,
          vms: group.map(({ vm }) => vm),
          isOfAll: group.length === members.length,
        };
  });
}

/** Where the channel doesn't see the reason, it sees no notes. */
export const saidOnCard = (lead: Lead, { hidesTalk }: { readonly hidesTalk: boolean }): Block[] =>
  blocksOf(sayings(lead).filter(({ what }) => !(hidesTalk && what === "approved")));

export const saidToRequester = (lead: Lead): Block[] => blocksOf(sayings(lead));

/** Of that, what these steps tell. */
export function saidInNews(lead: Lead, steps: readonly Step[]): Block[] {
  const told = (what: Said["what"], vms: readonly string[]) =>
    steps.some((step) => step.what === what && vms.includes(step.of ?? ownLabel(lead)));
  return blocksOf(sayings(lead).filter(({ what, vms }) => told(what, vms)));
}

function blocksOf(all: readonly Saying[]): Block[] {
  const more = all.length - SAYINGS_MAX;
  return [
    ...all.slice(0, SAYINGS_MAX).flatMap(blocksOfOne),
    ...(more > 0
      ? sections([
          words`${more} more: ${{ code: "/jit status" }} with a VM's ID shows what was said of it.`,
        ])
      : []),
  ];
}

function blocksOfOne({ what, by, text, vms, isOfAll }: Saying): Block[] {
  const of: Words = isOfAll ? [] : words` (${vmsShort(vms)})`;
  return what === "approved"
    ? noteBlock({ by, text, of })
    : deniedBlocks({ by, text, of }, QUOTE_SECTIONS.beside);
}
