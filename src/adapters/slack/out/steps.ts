// What happened, one short line a step: in the card's thread and in private messages.

import { formatDuration, MINUTE_MS } from "../../../request/duration.ts";
import type { UserId } from "../../../request/ids.ts";
import { type AccessRequest, inForce, type Step, type StepKind } from "../../../request/request.ts";
import { listed, type Words, words } from "../../../request/words.ts";
import { lastFitting, type Message, sections, textOf } from "./blocks.ts";
import { slackHint } from "./fault-hints.ts";
import { ended, openingProgress } from "./outcome.ts";
import {
  faultWords,
  inLine,
  isUser,
  peopleWords,
  placeWords,
  sourceWords,
  usersWords,
} from "./phrases.ts";

/** Slack shows when a message was posted; from here on that is not when it happened. */
const LATE_MS = 2 * MINUTE_MS;

/** The thread below the card. Lines that come late or together carry the time when it happened. */
export function historyMessage(
  request: AccessRequest,
  steps: readonly Step[],
  nowMs: number,
): Message {
  const lines = steps.map((step) => {
    const line = stepLine(request, step);
    const isNews = steps.length === 1 && nowMs - step.atMs < LATE_MS;
    return isNews ? line : words`${{ atMs: step.atMs }}: ${line}`;
  });
  const last = steps.at(-1);
  const text = last === undefined ? words`${request.id}` : stepLine(request, last);
  return { text: textOf(text), blocks: sections(lastFitting(lines)) };
}

/** One step in words. `you` is the reader, who is not called by a mention. */
export function stepLine(request: AccessRequest, step: Step, you?: UserId): Words {
  return LINES[step.what](request, step, by(step, you));
}

function by({ by: user }: Step, you: UserId | undefined): Words {
  if (user === undefined) return [];
  return user === you ? words` by you` : words` by ${{ user }}`;
}

type Line = (request: AccessRequest, step: Step, by: Words) => Words;

const LINES: Readonly<Record<StepKind, Line>> = {
  asked: (request) => asked(request),
  "broke-glass": (request) =>
    words`🚨 Break-glass by ${{ user: request.ask.requester }}: opened at once, without an approval. Somebody else has to review it.`,
  "opened-by-rule": (request) =>
    words`The rule ${{ code: request.promised.rule }} needs no approval.`,
  reminded: (request) => words`Still waiting for a decision: ${deciders(request)}.`,
  escalated: (request) =>
    words`Nobody has decided yet, so these may decide as well: ${further(request)}.`,
  narrowed: (request, _step, who) => words`Cut down${who}: ${narrowedWords(request)}.`,
  left: (request) =>
    words`${{ user: request.ask.requester }} may not have access any more (deactivated, a guest now, or no longer among the rule's requesters).`,
  reviewed: (request, _step, who) => words`Reviewed${who}: ${verdict(request)}`,
  "review-reminded": (request) =>
    words`This still waits for a review: ${{ code: `/jit review ${request.id} ok` }} or ${{ code: `/jit review ${request.id} concern …` }}.`,
  "no-approvers": (request) =>
    words`Nobody could approve this now: an admin has to add an approver to the rule ${{ code: request.promised.rule }}.`,
  "card-unposted": cardUnposted,
  approved: (request, step, who) => words`Approved${who}${count(request, step)}.`,
  "approval-void": (_request, _step, who) =>
    words`The approval${who} does not count any more: no longer an approver.`,
  "taken-back": (_request, _step, who) => words`Approval taken back${who}.`,
  denied: (_request, _step, who) => words`Denied${who}.`,
  cancelled: (_request, _step, who) => words`Cancelled${who}. Nothing was opened.`,
  lapsed: () => words`Nobody decided in time, so it lapsed. It was not denied.`,
  opening: () => words`Azure is being asked to open it.`,
  delayed: (_request, step) => words`It takes longer. ${fault(step)}. The bot keeps trying.`,
  accepted: (request) =>
    request.state === "opening"
      ? words`${openingProgress(request)} The bot keeps looking.`
      : words`Accepted by Azure.`,
  open: (request) =>
    "grant" in request ? words`Open, until ${{ atMs: request.grant.endsAtMs }}.` : words`Open.`,
  retried: (_request, _step, who) => words`Retry${who}: Azure is asked again, until the same end.`,
  failed: (_request, step) => words`Opening it failed. ${fault(step)}.`,
  ending: (_request, _step, who) => words`Being ended early${who}. Open sessions are not cut.`,
  "not-ended": (request, step) =>
    words`Could not be ended early. ${fault(step)}.${endsAt(request)}`,
  "warning-missed": () => words`The warning before the end could not be given in time.`,
  ended: (request, _step, who) => endedLine(request, who),
  "still-open": () =>
    words`⚠️ It should be shut, and Azure still shows it open. The bot keeps looking.`,
  "closed-late": () => words`Azure now shows it shut, later than its end.`,
};

function deciders({ promised, ask }: AccessRequest): Words {
  const users = promised.approvers.users.filter((user) => user !== ask.requester);
  return peopleWords({ users, groups: promised.approvers.groups }, DECIDERS_NAMED_MAX);
}

/** Beyond these, mentions are noise to everybody who is named. */
const DECIDERS_NAMED_MAX = 10;

const further = ({ promised }: AccessRequest): Words =>
  peopleWords(promised.escalate?.to ?? { users: [], groups: [] }, DECIDERS_NAMED_MAX);

function narrowedWords(request: AccessRequest): Words {
  const { durationMs } = inForce(request);
  return words`${formatDuration(durationMs)} from ${sourceWords({ ...request.ask, ...inForce(request) })}`;
}

function verdict({ review }: AccessRequest): Words {
  if (review?.closed === undefined) return words`still open.`;
  const { verdict: said, text } = review.closed;
  const because = text === "" ? [] : words` ${text}`;
  return said === "ok" ? words`fine.${because}` : words`⚠️ a concern.${because}`;
}

function asked(request: AccessRequest): Words {
  const card = request.cards[0];
  if (request.state !== "pending" || card === undefined || card.dead !== undefined) {
    return words`Asked.`;
  }
  return words`Asked: the approvers see it in ${placeWords(card.to)}.`;
}

/** "(1 of 2)", where the approval still counts. */
function count(request: AccessRequest, step: Step): string {
  const needed = request.promised.approvals;
  const index = request.approvals.findIndex((one) => one.by === step.by && one.atMs === step.atMs);
  return index < 0 || needed < 2 ? "" : ` (${index + 1} of ${needed})`;
}

const fault = (step: Step): Words =>
  step.fault === undefined ? words`No reason is known` : faultWords(step.fault);

const endsAt = (request: AccessRequest): Words =>
  "grant" in request && request.state !== "ended"
    ? words` It ends ${{ atMs: request.grant.endsAtMs }}.`
    : [];

function endedLine(request: AccessRequest, who: Words): Words {
  if (request.state !== "ended") return words`Ended${who}.`;
  return ended(request, who).flatMap((line, index) => (index === 0 ? line : [" ", ...line]));
}

/** The card could not be posted: where, why, and who was asked instead. */
function cardUnposted(request: AccessRequest, step: Step): Words {
  const code = step.fault?.code ?? "unknown";
  const dead = request.cards
    .filter((card) => card.dead === code)
    .map((card) => placeWords(card.to));
  const where = dead.length === 0 ? words`its channel` : listed(dead);
  const hint = slackHint(code);
  const why = hint === undefined ? [] : words` (${hint})`;
  const instead = request.cards.flatMap(({ to, dead: why }) =>
    isUser(to) && why === undefined ? [to] : [],
  );
  const then =
    instead.length === 0
      ? words`Nobody else could be asked: tell an admin.`
      : words`Asked privately instead: ${usersWords(instead)}.`;
  return words`⚠️ The request could not be posted in ${where}. Slack says ${{ code: inLine(code, 100) }}${why}. ${then}`;
}
