// What notifies the requester beside the live message: that something has happened for which they should look. Pure.

import type { AccessRequest, Step } from "../../../../domain/request/request.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { type Block, type Message, quote, sections, textOf } from "../blocks.ts";
import { stepLine } from "../request/steps.ts";
import { talkNews } from "../request/talk.ts";
import { essence, requesterHeadline } from "./requester-message.ts";

export function pingMessage(request: AccessRequest, steps: readonly Step[]): Message {
  return {
    text: textOf(essence(request, steps)),
    blocks: [
      ...sections(pingLines(request, steps)),
      ...talkNews(request, steps),
      ...denial(request),
    ],
  };
}

/** The headline, and what it doesn't say. */
export function pingLines(request: AccessRequest, steps: readonly Step[]): readonly Words[] {
  const you = { you: request.ask.requester, hideSource: false };
  const news = steps.filter(({ what }) => what !== "open" && what !== "denied");
  return [requesterHeadline(request), ...news.map((step) => stepLine(request, step, you))];
}

function denial(request: AccessRequest): Block[] {
  if (request.state !== "denied") return [];
  const by = words`Denied by ${{ user: request.deniedBy }}`;
  return request.denial.trim() === ""
    ? sections([words`${by}; no reason given.`])
    : quote(words`${by}:`, request.denial);
}
