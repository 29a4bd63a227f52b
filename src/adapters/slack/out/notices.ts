// Notices for a channel: those that fall together stand in one message, each with person and VM.

import type { Notice } from "../../../ports/store.ts";
import type { In } from "../../../request/request.ts";
import { type Words, words } from "../../../request/words.ts";
import { type Message, SECTION_CHARACTERS_MAX, sections, textOf } from "./blocks.ts";
import { mrkdwn } from "./mrkdwn.ts";
import { SHUT_BY_HAND } from "./outcome.ts";
import { inLine, portsWords } from "./phrases.ts";

/** Slack refuses very long messages well below 50 full sections, and nobody reads them. */
const CHARACTERS_MAX = 3 * SECTION_CHARACTERS_MAX;
const NOTICES_MAX = 40;

/** A message of the first `count` notices, as many as fit; at least one. */
export function noticesMessage(notices: readonly Notice[]): { message: Message; count: number } {
  const lines: Words[] = [];
  let characters = 0;
  for (const notice of notices.slice(0, NOTICES_MAX)) {
    const line = noticeLine(notice);
    characters += mrkdwn(line).length + 1;
    if (lines.length > 0 && characters > CHARACTERS_MAX) break;
    lines.push(line);
  }
  const shown = notices.slice(0, lines.length);
  const [only = [], ...others] = lines;
  const text = others.length === 0 ? only : [summary(shown)];
  const heading = others.length === 0 ? [] : [words`${{ strong: summary(shown) }}`];
  return {
    message: { text: textOf(text), blocks: sections([...heading, ...lines]) },
    count: lines.length,
  };
}

type Kind = Notice["what"];

/** In the order of their weight: what somebody has to act on is counted first. */
const KINDS: Readonly<Record<Kind, { icon: string; said: string; counted: string }>> = {
  alarm: { icon: "🚨", said: "Alarm", counted: "alarm" },
  "break-glass": { icon: "🚨", said: "Break-glass", counted: "break-glass" },
  concern: { icon: "⚠️", said: "A review has a concern", counted: "with a concern" },
  "still-open": { icon: "⚠️", said: "Still open after its end", counted: "still open" },
  "set-aside": { icon: "⚠️", said: "Set aside", counted: "set aside" },
  failed: { icon: "❌", said: "Failed", counted: "failed" },
  "closed-late": { icon: "⚪", said: "Shut, later than its end", counted: "shut late" },
  "no-approvers": {
    icon: "⚠️",
    said: "Nobody could approve it",
    counted: "without an approver",
  },
  review: { icon: "🔎", said: "Still waits for a review", counted: "to be reviewed" },
  left: { icon: "🚪", said: "The requester may not have access any more", counted: "left" },
  opened: { icon: "🟢", said: "Opened by the rule, without an approval", counted: "opened" },
  ended: { icon: "⚪", said: "Ended", counted: "ended" },
};

/** `1 still open, 3 ended` */
function summary(notices: readonly Notice[]): string {
  const counts = Object.entries(KINDS).flatMap(([what, { counted }]) => {
    const count = notices.filter((notice) => notice.what === what).length;
    const plural = what === "alarm" && count > 1 ? "s" : "";
    return count === 0 ? [] : [`${count} ${counted}${plural}`];
  });
  return counts.join(", ");
}

const HOW: Readonly<Record<In<"ended">["how"], string>> = {
  expired: " on time",
  early: " early",
  elsewhere: " before its time, not by this bot",
  extended: ", carried on by an extension",
};
const howWords = (how: string): string =>
  Object.entries(HOW).find(([known]) => known === how)?.[1] ?? ` (${inLine(how, 100)})`;

const TEXT_CHARACTERS_MAX = 600;

function noticeLine(notice: Notice): Words {
  const { icon, said } = KINDS[notice.what];
  const { id, requester, vm, ports = [], how, text, atMs } = notice;
  const about = listed(
    [
      ...(vm === undefined ? [] : [words`${{ code: vm }}`]),
      ...(ports.length === 0 ? [] : [words`${portsWords(ports)}`]),
      ...(requester === undefined ? [] : [words`asked for by ${{ user: requester }}`]),
      ...(id === undefined ? [] : [words`${{ code: id }}`]),
    ],
    ", ",
  );
  const heading = `${said}${how === undefined ? "" : howWords(how)}`;
  return words`${icon} ${{ strong: heading }} (${{ atMs }}):${[
    ...(about.length === 0 ? [] : words` ${about}.`),
    ...(text === undefined ? [] : words` ${inLine(text, TEXT_CHARACTERS_MAX)}`),
    ...(notice.what === "still-open" ? words` ${SHUT_BY_HAND}` : []),
  ]}`;
}

const listed = (parts: readonly Words[], between: string): Words =>
  parts.flatMap((part, index) => (index === 0 ? part : [between, ...part]));
