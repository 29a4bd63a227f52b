// Notices for a channel: those that fall together stand in one message, each with person and VM.

import type { Notice } from "../../../ports/store.ts";
import type { In } from "../../../request/request.ts";
import { type Words, words } from "../../../request/words.ts";
import { type Message, SECTION_CHARACTERS_MAX, sections, textOf } from "./blocks.ts";
import { mrkdwn } from "./mrkdwn.ts";
import { SHUT_BY_HAND } from "./outcome.ts";
import { inLine, portsWords } from "./phrases.ts";
import { howToReview } from "./review.ts";

/** Slack refuses very long messages well below 50 full sections, and nobody reads them. */
const CHARACTERS_MAX = 3 * SECTION_CHARACTERS_MAX;
const NOTICES_MAX = 40;

export type NoticesView = {
  /** What requesters gave as their reasons is not for everybody who reads along. */
  readonly hideReason: boolean;
};

/** A message of the first `count` notices, as many as fit; at least one. */
export function noticesMessage(
  notices: readonly Notice[],
  view: NoticesView,
): { message: Message; count: number } {
  const lines: Words[] = [];
  let characters = 0;
  for (const notice of notices.slice(0, NOTICES_MAX)) {
    const line = noticeLine(notice, view);
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

type Wording = {
  readonly icon: string;
  readonly said: string;
  readonly counted: string;
  /** Where more than one is counted differently. */
  readonly many?: string;
};

/** In the order of their weight: what somebody has to act on is counted first. */
const KINDS: Readonly<Record<Kind, Wording>> = {
  alarm: { icon: "🚨", said: "Alarm", counted: "alarm", many: "alarms" },
  "break-glass": { icon: "🚨", said: "Break-glass, without an approval", counted: "break-glass" },
  "still-open": { icon: "⚠️", said: "Still open after its end", counted: "still open" },
  "no-approvers": {
    icon: "⚠️",
    said: "Nobody could approve it",
    counted: "without an approver",
  },
  concern: {
    icon: "⚠️",
    said: "Reviewed, with a concern",
    counted: "review with a concern",
    many: "reviews with a concern",
  },
  "set-aside": { icon: "⚠️", said: "Set aside", counted: "set aside" },
  review: { icon: "🔎", said: "Still to be reviewed", counted: "to be reviewed" },
  failed: { icon: "❌", said: "Failed", counted: "failed" },
  left: {
    icon: "🚪",
    said: "May not have access any more",
    counted: "no longer allowed",
  },
  "closed-late": { icon: "⚪", said: "Shut, later than its end", counted: "shut late" },
  // Azure has not opened anything yet when this is said.
  opened: { icon: "🔑", said: "Granted by its rule, without an approval", counted: "by rule" },
  ended: { icon: "⚪", said: "Ended", counted: "ended" },
  mended: { icon: "🟢", said: "In order again", counted: "in order again" },
};

/** `1 still open, 3 ended` */
function summary(notices: readonly Notice[]): string {
  const counts = Object.entries(KINDS).flatMap(([what, { counted, many = counted }]) => {
    const count = notices.filter((notice) => notice.what === what).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? counted : many}`];
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

function noticeLine(notice: Notice, view: NoticesView): Words {
  const { icon, said } = KINDS[notice.what];
  const { id, requester, vm, ports = [], how, atMs } = notice;
  const asked = notice.what === "break-glass" ? "by" : "asked for by";
  const about = listed(
    [
      ...(vm === undefined ? [] : [words`${{ code: vm }}`]),
      ...(ports.length === 0 ? [] : [words`${portsWords(ports)}`]),
      ...(requester === undefined ? [] : [words`${asked} ${{ user: requester }}`]),
      ...(id === undefined ? [] : [words`${{ code: id }}`]),
    ],
    ", ",
  );
  const heading = `${said}${how === undefined ? "" : howWords(how)}`;
  return words`${icon} ${{ strong: heading }} (${{ atMs }}):${[
    ...(about.length === 0 ? [] : words` ${about}.`),
    ...toDo(notice),
    ...textWords(notice, view),
  ]}`;
}

/** What the reader can do about it, or need not. */
function toDo({ what, id }: Notice): Words {
  switch (what) {
    case "still-open":
      return words` ${SHUT_BY_HAND}`;
    case "break-glass":
    case "review":
      return id === undefined ? [] : words` To review it: ${howToReview(id)}.`;
    case "no-approvers":
      return words` An admin has to add an approver to its rule.`;
    case "left":
      return words` The bot cancels what was pending and ends what was open.`;
    default:
      return [];
  }
}

/** What somebody typed or Azure said stands last, so that nothing of ours seems to be part of it. */
function textWords({ what, text }: Notice, { hideReason }: NoticesView): Words {
  if (text === undefined || text.trim() === "") return [];
  const shown = inLine(text, TEXT_CHARACTERS_MAX);
  if (what === "concern") return words` The concern: “${shown}”`;
  if (what !== "break-glass") return words` ${shown}`;
  return hideReason ? words` Its reason is not shown here.` : words` Why: “${shown}”`;
}

const listed = (parts: readonly Words[], between: string): Words =>
  parts.flatMap((part, index) => (index === 0 ? part : [between, ...part]));
