// The review of an access that nobody approved beforehand: that it is open, or what it came to. Pure.

import type { AccessRequest } from "../../../../domain/request/request.ts";
import type { Review } from "../../../../domain/talk/talk.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { type Block, QUOTE_SECTIONS, quote, sections } from "../blocks.ts";
import { inLine } from "../phrases.ts";
import { reviewersCalled } from "./deciders.ts";

type Closed = NonNullable<Review["closed"]>;

/** What a card says of it, above its buttons. */
export function reviewBlocks({ review, ask }: AccessRequest): Block[] {
  if (review === undefined) return [];
  if (review.closed === undefined) {
    return sections([
      words`🔎 ${{ strong: "Needs a review" }} by an approver or admin other than ${{ user: ask.requester }}.`,
    ]);
  }
  return closedBlocks(review.closed);
}

/** Who closed it, with which verdict, and their words verbatim. */
function closedBlocks(closed: Closed): Block[] {
  const heading = verdictWords(closed, words` by ${{ user: closed.by }} ${{ atMs: closed.atMs }}`);
  return closed.text.trim() === ""
    ? sections([heading])
    : quote(heading, closed.text, QUOTE_SECTIONS.beside);
}

export const isReviewed = (request: AccessRequest): boolean => request.review?.closed !== undefined;

const TEXT_IN_LINE_MAX = 300;

/** One line for the thread; the card has the words whole. */
export function reviewedLine({ review }: AccessRequest, by: Words): Words {
  if (review?.closed === undefined) return words`Reviewed${by}.`;
  const { text } = review.closed;
  const line = verdictWords(review.closed, by);
  return text.trim() === "" ? line : words`${line} “${inLine(text, TEXT_IN_LINE_MAX)}”`;
}

const verdictWords = ({ verdict }: Closed, by: Words): Words =>
  verdict === "ok"
    ? words`🔎 Reviewed${by}: justified.`
    : words`⚠️ Reviewed${by}, ${{ strong: "with a concern." }}`;

/** Calls those who may review, as long as nobody has. */
export function reviewReminder(request: AccessRequest): Words {
  const { review } = request;
  if (review === undefined || review.closed !== undefined) {
    return words`A review reminder was due.`;
  }
  const approvers = reviewersCalled(request);
  const who =
    approvers.length === 0 ? words`an admin` : words`an approver (${approvers}) or an admin`;
  return words`🔎 ${{ strong: "Still needs a review" }} by ${who}: press ${{ strong: "Justified" }} or ${{ strong: "Raise a concern…" }} on the card.`;
}

export const howToReview = (id: AccessRequest["id"]): Words =>
  words`${{ code: `/jit review ${id} ok` }} or ${{ code: `/jit review ${id} concern …` }}`;
