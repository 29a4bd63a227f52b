// What the requester is told where direct messages don't reach them: called in the card's thread, where
// everybody reads along and nothing stands that the card hides; or shown to them alone in a channel.

import { isLead } from "../../../../domain/request/batch/roles.ts";
import type { StepKind } from "../../../../domain/request/document/step.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { timeLeft } from "../../../../domain/text/duration.ts";
import { capital } from "../../../../domain/text/plain-text.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import type { RequesterNews } from "../../../../ports/chat.ts";
import { type Message, sections, textOf } from "../blocks.ts";
import type { CardView } from "../card-view.ts";
import { stateTitle } from "../phrases.ts";
import { batchTitle, vmsInText } from "./batch-lines.ts";
import { doorWords } from "./outcome.ts";
import { stepLine } from "./steps.ts";

/** The state says it, or the thread does, by calling whom it concerns: they aren't to be called twice. */
const SAID_ANYWAY: ReadonlySet<StepKind> = new Set([
  ...(["asked", "opening", "open", "reminded", "escalated", "review-reminded"] as const),
  "waits-again",
]);

/** No address, no way in and no reason: of those, `/jit status` tells the requester alone. */
export function calledMessage(
  request: AccessRequest,
  news: RequesterNews,
  { nowMs, hide, extendable }: Pick<CardView, "nowMs" | "hide"> & { readonly extendable: boolean },
): Message {
  const { ask, id } = request;
  const what = isLead(request)
    ? words`${{ strong: batchTitle(request).said }} · ${vmsInText(request)}`
    : words`${headline(request, news, nowMs)}: ${doorWords(request)}`;
  const said = [
    words`${{ user: ask.requester }}, ${what}${isLead(request) ? " · " : ", "}${{ code: id }}`,
    ...latest(request, news, hide.includes("source")),
    [...(extendable ? moreTime(request, news) : []), ...direct(request)],
  ];
  return { text: textOf(said[0] ?? []), blocks: sections(said) };
}

function headline(request: AccessRequest, news: RequesterNews, nowMs: number): Words {
  const { icon, said } = stateTitle(request);
  if (request.state !== "open") return words`${icon} ${{ strong: said }}`;
  const { endsAtMs } = request.grant;
  if ("steps" in news) return words`${icon} ${{ strong: said }} until ${{ atMs: endsAtMs }}`;
  return words`⏰ ${{ strong: capital(timeLeft(endsAtMs - nowMs)) }}, until ${{ atMs: endsAtMs }}`;
}

function latest(
  request: AccessRequest,
  news: RequesterNews,
  hideSource: boolean,
): readonly Words[] {
  if (!("steps" in news)) return [];
  return news.steps
    .filter(({ what }) => !SAID_ANYWAY.has(what))
    .map((step) => stepLine(request, step, { hideSource }));
}

const moreTime = (request: AccessRequest, news: RequesterNews): Words =>
  "steps" in news ? [] : words`Need longer? ${{ code: `/jit extend ${request.id} 1h` }}. `;

function direct({ id, state }: AccessRequest): Words {
  const status = { code: `/jit status ${id}` };
  return state === "open"
    ? words`I can't send you direct messages: ${status} shows you how to connect.`
    : words`I can't send you direct messages, so news comes here: ${status} shows you more.`;
}

/** The private message, and why it stands where it does. */
export function whispered({ id }: AccessRequest, message: Message): Message {
  const why = words`I can't send you direct messages, so this is gone when Slack reloads: ${{ code: `/jit status ${id}` }} shows it again.`;
  return { ...message, blocks: [...message.blocks, ...sections([why])] };
}
