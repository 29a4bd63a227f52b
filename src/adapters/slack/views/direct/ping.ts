// What notifies the requester beside the live message: that something has happened for which they should look. Pure.

import { isLead } from "../../../../domain/request/batch/roles.ts";
import type { Step, StepKind } from "../../../../domain/request/document/step.ts";
import {
  asksSomething,
  isAnswerable,
  isAnyReady,
  tellsOfReadiness,
} from "../../../../domain/request/messages/passing-news.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { type Block, type Message, sections, textOf } from "../blocks.ts";
import { vmsInText } from "../request/batch-lines.ts";
import { doorWords } from "../request/outcome.ts";
import { stepLine } from "../request/steps.ts";
import { deniedBlocks, saidInNews, talkNews } from "../request/talk.ts";
import { batchPing, batchPingLines } from "./batch-message.ts";
import { essence, requesterHeadline } from "./requester-message.ts";

export function pingMessage(request: AccessRequest, told: readonly Step[]): Message {
  const steps = stillTrue(request, told);
  if (steps.every(isTalk) && !isAnswerable(request, steps)) {
    if (steps.length < told.length) return wasReady(request, steps);
    if (asksSomething(steps)) return wasAsked(request, steps);
  }
  if (isLead(request)) return batchPing(request, steps);
  return {
    text: textOf(essence(request, steps)),
    blocks: [
      ...sections(pingLines(request, steps)),
      ...talkNews(request, steps),
      ...denial(request),
      ...whereNext(request),
    ],
  };
}

/** The headline, and what it doesn't say. */
export function pingLines(request: AccessRequest, told: readonly Step[]): readonly Words[] {
  const steps = stillTrue(request, told);
  if (isLead(request)) return batchPingLines(request, steps);
  const you = { you: request.ask.requester, hideSource: false };
  const news = steps.filter(({ what }) => what !== "open" && what !== "denied");
  return [requesterHeadline(request), ...news.map((step) => stepLine(request, step, you))];
}

/** Without what told that something is Ready, where nothing is any more. */
const stillTrue = (request: AccessRequest, steps: readonly Step[]): readonly Step[] =>
  isAnyReady(request) ? steps : steps.filter((step) => !tellsOfReadiness([step]));

const TALK: ReadonlySet<StepKind> = new Set(["approved", "questioned", "answered"]);

const isTalk = ({ what }: Step): boolean => TALK.has(what);

/** What was said with it stays; how it stands changes again, and is said once, in the live message. */
function wasReady(request: AccessRequest, steps: readonly Step[]): Message {
  const said = words`☑️ ${{ strong: "Was ready to open" }}: ${whatOf(request)}, ${{ code: request.id }}. The message above shows how it stands.`;
  return past(request, steps, said);
}

/** What was asked stays, without a button: it is answered, or decided. */
function wasAsked(request: AccessRequest, steps: readonly Step[]): Message {
  const said = words`☑️ ${{ strong: "You were asked" }} about ${whatOf(request)}, ${{ code: request.id }}. The message above shows how it stands.`;
  return past(request, steps, said);
}

const whatOf = (request: AccessRequest): Words =>
  isLead(request) ? words`${vmsInText(request)}` : doorWords(request);

function past(request: AccessRequest, steps: readonly Step[], said: Words): Message {
  return {
    text: textOf(said),
    blocks: [
      ...sections([said]),
      ...talkNews(request, steps),
      ...(isLead(request) ? saidInNews(request, steps) : []),
    ],
  };
}

/** Buttons stand once, where the whole is. */
const whereNext = ({ state }: AccessRequest): Block[] =>
  state === "failed"
    ? sections([
        words`${{ strong: "Retry" }}, where it can help, and Azure's own words are in the message above.`,
      ])
    : [];

function denial(request: AccessRequest): Block[] {
  if (request.state !== "denied") return [];
  return deniedBlocks({ by: request.deniedBy, text: request.denial });
}
