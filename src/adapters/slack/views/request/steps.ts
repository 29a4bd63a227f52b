// What happened, one short line a step: in the card's thread and in private messages.

import { waitsForRequester } from "../../../../domain/request/acts/ready.ts";
import { questionAnswered } from "../../../../domain/request/acts/talk-acts.ts";
import { ownLabel } from "../../../../domain/request/batch/label.ts";
import { isFollower, isLead } from "../../../../domain/request/batch/roles.ts";
import { whoDecides } from "../../../../domain/request/deciders/who-decides.ts";
import {
  SHARED_CHANNEL,
  wasNeverShown,
} from "../../../../domain/request/document/sent-messages.ts";
import type { Step, StepKind } from "../../../../domain/request/document/step.ts";
import type { Approval } from "../../../../domain/request/request.ts";
import { type AccessRequest, grantOf, type In } from "../../../../domain/request/request.ts";
import { autoApprovedWords } from "../../../../domain/rules/auto-approval.ts";
import { frozenWords } from "../../../../domain/rules/freeze.ts";
import type { UserId } from "../../../../domain/text/ids.ts";
import { listed, type Words, words } from "../../../../domain/text/words.ts";
import {
  faultNoteWords,
  inLine,
  isUser,
  nameInLine,
  placeWords,
  recoveredWords,
  usersWords,
} from "../phrases.ts";
import { decidersCalled, furtherCalled, nobodyCan, nobodyWords } from "./deciders.ts";
import { because, slackHint } from "./fault-hints.ts";
import { narrowedWords } from "./narrowed.ts";
import { ended, openingProgress, portOrPorts } from "./outcome.ts";
import { parkedLines } from "./parked.ts";
import { reviewedLine, reviewReminder } from "./review.ts";

export type Reader = {
  /** Who isn't called by a mention; nobody in particular in a thread. */
  readonly you?: UserId;
  readonly hideSource: boolean;
};

/** One step in words. */
export function stepLine(request: AccessRequest, step: Step, reader: Reader): Words {
  const isRequester = reader.you === request.ask.requester;
  if (step.of !== undefined) return memberLine(step, step.of);
  if (isLead(request) && OF_ONE_VM.has(step.what)) return memberLine(step, ownLabel(request));
  return LINES[step.what](request, step, { ...reader, isRequester, by: by(step, reader.you) });
}

/** What happened to one of several VMs. */
function memberLine(step: Step, vm: string): Words {
  const { what, fault: why } = step;
  const said = why === undefined ? words`.` : because(why);
  return words`${{ code: nameInLine(vm, VM_CHARACTERS_MAX) }}: ${MEMBER_LINES[what] ?? "changed"}${said}`;
}

const VM_CHARACTERS_MAX = 64;

const MEMBER_LINES: Readonly<Partial<Record<StepKind, string>>> = {
  left: "the requester can no longer have access",
  recovered: "found open in Azure, its record was lost",
  approved: "approved, with a note",
  denied: "denied",
  cancelled: "an admin cancelled it",
  lapsed: "it expired",
  ready: "approved: press Open when you need it",
  "ready-reminded": "still waiting for you to press Open",
  "held-up": "not opened yet",
  "not-opened": "not opened",
  watched: "Azure refused to open it, and an earlier request that got no answer may still open it",
  open: "open",
  failed: "couldn't open",
  "not-ended": "couldn't end it early",
  "warning-missed": "the warning before the end couldn't be sent in time, as far as the bot knows",
  ended: "ended",
  "still-open": "it should be closed, and Azure still shows it open",
  "closed-late": "Azure now shows it closed, after its end",
  parked: "parked after an error",
};

/** Nothing is on record of it; a process may have died right after Slack took it. */
export const WARNING_MISSED: Words = words`The warning before the end couldn't be sent in time, as far as the bot knows.`;

/** What the lead is told of itself, and not of all. */
const OF_ONE_VM: ReadonlySet<StepKind> = new Set([
  "recovered",
  "held-up",
  "not-opened",
  "watched",
  "open",
  "failed",
  "not-ended",
  "warning-missed",
  "ended",
  "still-open",
  "closed-late",
]);

function by({ by: user }: Step, you: UserId | undefined): Words {
  if (user === undefined) return [];
  return user === you ? words` by you` : words` by ${{ user }}`;
}

type Reading = Reader & { readonly isRequester: boolean; readonly by: Words };

type Line = (request: AccessRequest, step: Step, reading: Reading) => Words;

const LINES: Readonly<Record<StepKind, Line>> = {
  asked: (request) => asked(request),
  "broke-glass": brokeGlass,
  "opened-by-rule": ({ ask, promised }) => autoApprovedWords(ask, promised.rule),
  reminded,
  escalated,
  narrowed,
  left: ({ ask }, _step, { isRequester }) =>
    words`${isRequester ? "You" : { user: ask.requester }} can no longer have access: deactivated, now a guest, or no longer allowed by the rule.`,
  reviewed: (request, _step, { by }) => reviewedLine(request, by),
  "review-reminded": (request, _step, { isRequester }) =>
    isRequester ? words`Somebody else still has to review it.` : reviewReminder(request),
  "no-approvers": (request) =>
    nobodyCan(request)
      ? nobodyWords(request)
      : words`Nobody could approve this when it was requested.`,
  recovered: (request) => {
    const grant = grantOf(request);
    return grant === undefined
      ? words`⚠️ The bot found it open in Azure: its record was lost.`
      : words`${recoveredWords(grant)}${endsAt(request)}`;
  },
  adopted: (request) => {
    const grant = grantOf(request);
    return grant === undefined
      ? words`⚠️ Opened in Azure, not by this bot.`
      : words`${recoveredWords(grant)}${endsAt(request)}`;
  },
  "card-unposted": cardUnposted,
  unasked: () => UNASKED,
  approved: (request, step, { by }) => {
    const { note, for: away } = approvalOf(request, step) ?? {};
    const instead = away === undefined ? [] : words` for ${{ user: away }}`;
    const noted = note === undefined ? "" : ", with a note";
    return words`Approved${by}${instead}${count(request, step)}${noted}.`;
  },
  "approval-void": (_request, _step, { by }) =>
    words`The approval${by} no longer counts: not an approver now.`,
  questioned,
  answered,
  "taken-back": (_request, _step, { by }) => words`Approval withdrawn${by}.`,
  denied: (_request, _step, { by }) => words`Denied${by}.`,
  cancelled: (_request, _step, { by }) => words`Cancelled${by}.`,
  lapsed: (request) =>
    request.state === "lapsed" && request.frozen === true
      ? words`Approved while access was frozen, and expired before it could open.`
      : request.state === "lapsed" && request.unused === true
        ? words`It was approved and not opened in time, so it expired. ${request.unread === true ? "Azure couldn't be read, so the bot hasn't checked that nothing is open." : "Nothing was opened."}`
        : request.state === "lapsed" && request.heldUp !== undefined
          ? words`It was approved, and expired instead of opening: ${faultNoteWords(request.heldUp)}.`
          : request.state === "lapsed" && request.unchecked === true
            ? words`It was approved, but couldn't be checked in time, so it expired.`
            : isFollower(request)
              ? words`It wasn't decided in time, so it expired. It wasn't denied.`
              : wasNeverShown(request)
                ? words`It couldn't be shown to the approvers in time, so it expired. It wasn't denied.`
                : words`Nobody decided in time, so it expired. It wasn't denied.`,
  ready: (request, _step, { isRequester }) =>
    request.state === "ready" && request.fromMs !== undefined
      ? words`It's approved, and ${waitsForRequester(request) ? "can be opened" : "opens"} ${{ atMs: request.fromMs }}. Everything is checked again then.`
      : request.state === "ready"
        ? words`It's ready: ${isRequester ? "open it" : words`${{ user: request.ask.requester }} can open it`} by ${{ atMs: request.expiresAtMs }}. The time starts when it's opened.`
        : words`It was ready to open.`,
  "ready-reminded": (request, _step, { isRequester }) =>
    request.state === "ready"
      ? words`${isRequester ? "You haven't" : words`${{ user: request.ask.requester }} hasn't`} opened it yet: it expires ${{ atMs: request.expiresAtMs }}.`
      : words`It hadn't been opened yet.`,
  started: (_request, _step, { by }) => words`Opened${by}; everything was checked again.`,
  frozen: (request) =>
    request.state === "ready" && request.frozen !== undefined && !request.unchecked
      ? words`It waits: access is ${frozenWords(request.frozen)}.`
      : words`It waited, because access was frozen.`,
  thawed: () => words`The freeze is lifted, and everything was checked again.`,
  "held-up": (request, step) =>
    request.state === "ready"
      ? words`Not opened yet: ${heldUpWords(request, step)}`
      : words`It couldn't open at first. ${heldUpBy(step)}.`,
  "not-opened": (request, step) => {
    if (request.ask.opensAtMs !== undefined) {
      return words`Not opened at its time${because(step.fault)}`;
    }
    return request.state === "cancelled" && request.heldUp !== undefined
      ? words`Not opened${because(step.fault)}`
      : words`Not opened when the freeze was lifted${because(step.fault)}`;
  },
  opening: (request) => words`Opening the ${portOrPorts(request)}…`,
  delayed: (_request, step) =>
    words`Taking longer than usual${because(step.fault)} The bot keeps trying.`,
  watched: (_request, step) =>
    words`Azure refused to open it${because(step.fault)} An earlier request that got no answer may still open it; the bot keeps checking until the end.`,
  accepted: (request) =>
    request.state === "opening" ? openingProgress(request) : words`Accepted by Azure.`,
  open: (request) =>
    "grant" in request ? words`Open until ${{ atMs: request.grant.endsAtMs }}.` : words`Open.`,
  retried: (_request, _step, { by }) => words`Retried${by}; the end time is unchanged.`,
  "waits-again": waitsAgain,
  failed: (request, step) =>
    words`Couldn't open the ${portOrPorts(request)}${because(step.fault, { isShownWhole: true })}`,
  ending: (_request, _step, { by }) => words`Closing early${by}. Existing sessions stay connected.`,
  "not-ended": (request, step) =>
    words`Couldn't end it early${because(step.fault)}${endsAt(request)}`,
  "warning-missed": () => WARNING_MISSED,
  ended: (request, _step, { by }) => endedLine(request, by),
  "still-open": (request) =>
    request.state === "ended" && request.closing === "still-open"
      ? words`⚠️ It should be closed, and Azure still shows it open. The bot keeps looking.`
      : words`After its end Azure still showed it open.`,
  "closed-late": () => words`Azure now shows it closed, after its end.`,
  parked,
  requeued: (_request, _step, { by }) => words`Tried again${by}; work on it has resumed.`,
};

function parked(request: AccessRequest): Words {
  const { deadLetter } = request;
  if (deadLetter === undefined) return words`It was parked after an error.`;
  return parkedLines(request, deadLetter).flatMap((line, n) => (n === 0 ? line : [" ", ...line]));
}

function brokeGlass({ ask }: AccessRequest, _step: Step, { isRequester }: Reading): Words {
  return isRequester
    ? words`🚨 ${{ strong: "Break-glass" }} by you, without approval. The approvers and admins are notified, and one of them will review it.`
    : words`🚨 ${{ strong: "Break-glass" }} by ${{ user: ask.requester }}, without approval. Somebody else has to review it.`;
}

/** Mentions everybody who can decide; nobody once it's decided. */
function reminded(request: AccessRequest): Words {
  if (request.state !== "pending") return words`Nobody had decided yet: a reminder was due.`;
  const called = decidersCalled(request);
  const by = called.length === 0 ? [] : words` by ${called}`;
  const inVain = nobodyCan(request) ? words` ${nobodyWords(request)}` : [];
  return words`Still waiting for a decision${by}.${inVain} It expires ${{ atMs: request.expiresAtMs }}.`;
}

/** Mentions everybody who can decide: what they see was opened, or was about to be, under other conditions. */
function waitsAgain(request: AccessRequest, { again }: Step, { by }: Reading): Words {
  const isNow = request.state === "pending";
  const tried = triedWords(request, again, by);
  if (!isNow) return words`${tried}: it needed another approval by then.`;
  const missing = Math.max(0, whoDecides(request).needed - request.approvals.length);
  const called = decidersCalled(request);
  const whose = called.length === 0 ? [] : words` by ${called}`;
  const inVain = nobodyCan(request) ? words` ${nobodyWords(request)}` : [];
  return words`${tried}: ${lackWords(again)}, so ${missing} more approval${missing === 1 ? " is" : "s are"} needed${whose}.${inVain} It expires ${{ atMs: request.expiresAtMs }}, and its time starts at approval.`;
}

function triedWords({ state, ask }: AccessRequest, again: Step["again"], by: Words): Words {
  const isNow = state === "pending";
  switch (again?.tried) {
    case "retry":
      return words`Retried${by}`;
    case "open":
      return words`${{ strong: "Open" }} was pressed${by}`;
    case "time":
      // What was held up is tried by the minute, and has no time of its own.
      return ask.opensAtMs === undefined
        ? words`Tried again`
        : words`Its time ${isNow ? "has" : "had"} come`;
    case "thaw":
      return words`The freeze ${isNow ? "is" : "was"} lifted`;
    case undefined:
      // Earlier versions kept no cause: it may have been either.
      return by.length === 0 ? words`Everything was checked again` : words`Tried${by}`;
  }
}

/** Why what was approved isn't enough any more; each approval that no longer counts has its own line, too. */
function lackWords(again: Step["again"]): string {
  if (again === undefined) return "what was approved is no longer enough";
  const { isRaised, voided } = again;
  const fell =
    voided === 1 ? "an approval no longer counts" : `${voided} approvals no longer count`;
  if (isRaised !== true) return fell;
  const raised = "the rule asks for more approvals now";
  return voided === 0 ? raised : `${raised}, and ${fell}`;
}

/** Calls those who weren't called before. */
function escalated(request: AccessRequest): Words {
  if (request.state !== "pending") {
    return words`Nobody had decided yet: an escalation was due.`;
  }
  const called = furtherCalled(request);
  return called.length === 0
    ? words`Nobody has decided yet, and there's nobody else to ask.`
    : words`Nobody has decided yet, so these people can decide, too: ${called}.`;
}

function narrowed(request: AccessRequest, step: Step, { by, hideSource }: Reading): Words {
  // Of two who cut it down, only the last one's cut is known, and in force.
  if (request.narrowed?.by !== step.by) return words`Changed${by}.`;
  const said = narrowedWords(request, hideSource);
  return said.length === 0 ? words`Nothing was changed${by}.` : said;
}

function asked(request: AccessRequest): Words {
  const card = request.cards[0];
  if (request.state !== "pending" || card === undefined || card.dead !== undefined) {
    return words`Requested.`;
  }
  return words`Requested. Approvers decide in ${placeWords(card.to)}.`;
}

const approvalOf = ({ approvals }: AccessRequest, step: Step): Approval | undefined =>
  approvals.find((one) => one.by === step.by && one.atMs === step.atMs);

/** "(1 of 2)", where the approval still counts. */
function count(request: AccessRequest, step: Step): string {
  const { needed } = whoDecides(request);
  const approval = approvalOf(request, step);
  if (approval === undefined || needed < 2) return "";
  return ` (${request.approvals.indexOf(approval) + 1} of ${needed})`;
}

/** The words themselves stand on the card, or in the message beside this line. */
function questioned(request: AccessRequest, _step: Step, { isRequester, by }: Reading): Words {
  return isRequester
    ? words`A question${by}.`
    : words`${{ user: request.ask.requester }} was asked a question${by}: ${{ code: `/jit status ${request.id}` }} shows it.`;
}

/** Calls the person who asked: a card that is edited calls nobody. */
function answered(request: AccessRequest, step: Step): Words {
  const { requester } = request.ask;
  const question = questionAnswered(request, step);
  return question === undefined
    ? words`${{ user: requester }} answered a question.`
    : words`${{ user: question.by }}, ${{ user: requester }} answered your question: it's on the card.`;
}

const heldUpWords = ({ ask, expiresAtMs }: In<"ready">, step: Step): Words =>
  words`${heldUpBy(step)}. It's tried again each minute until ${{ atMs: expiresAtMs }}; ${{ user: ask.requester }} can press ${{ strong: "Open" }} as soon as that's fixed.`;

/** A refusal of a rule or a limit: nothing of Azure's. */
const heldUpBy = (step: Step): Words =>
  step.fault === undefined ? words`Reason unknown` : faultNoteWords(step.fault);

const endsAt = (request: AccessRequest): Words =>
  "grant" in request && request.state !== "ended"
    ? words` It ends ${{ atMs: request.grant.endsAtMs }}.`
    : [];

function endedLine(request: AccessRequest, who: Words): Words {
  if (request.state !== "ended") return words`Ended${who}.`;
  return ended(request, who).flatMap((line, index) => (index === 0 ? line : [" ", ...line]));
}

/** Only who has a message is said to have been asked. */
function insteadWords({ cards }: AccessRequest, { left = 0 }: Pick<Step, "left">): Words {
  const own = cards.flatMap(({ to, ts, dead }) =>
    isUser(to) && dead === undefined ? [{ to, isReached: ts !== undefined }] : [],
  );
  const reached = own.filter((one) => one.isReached).map(({ to }) => to);
  const trying = own.filter((one) => !one.isReached).map(({ to }) => to);
  const more = left === 1 ? "1 more approver wasn't asked" : `${left} more approvers weren't asked`;
  return [
    ...(reached.length === 0 ? [] : words` Asked privately instead: ${usersWords(reached)}.`),
    ...(trying.length === 0 ? [] : words` Not reached yet: ${usersWords(trying)}.`),
    ...(left === 0 ? [] : words` ${more}.`),
  ];
}

const UNASKED = words`⚠️ ${{ strong: "Nobody has been asked," }} so nobody can approve it yet. The admins have been told; ask one of them.`;

/** While it waits: that the approvers' channel doesn't have its card, as far as that is so. */
export function unpostedWords(request: In<"pending">, steps: readonly Step[]): readonly Words[] {
  const [main] = request.cards;
  if (main?.dead === undefined || main.ts !== undefined) return [];
  const known = steps.find(({ what }) => what === "card-unposted");
  const step = known ?? { fault: { code: main.dead, message: "" } };
  const isReached = request.cards.some(({ ts, dead }) => ts !== undefined || dead === undefined);
  return [cardUnposted(request, step), ...(isReached ? [] : [UNASKED])];
}

/** The card couldn't be posted: where, why, and who was asked instead. */
function cardUnposted(request: AccessRequest, step: Pick<Step, "fault" | "left">): Words {
  const code = step.fault?.code ?? "unknown";
  const dead = request.cards
    .filter((card) => card.dead === code)
    .map((card) => placeWords(card.to));
  const where = dead.length === 0 ? words`its channel` : listed(dead);
  const hint = slackHint(code);
  const means = hint === undefined ? [] : words` (${hint})`;
  const why =
    code === SHARED_CHANNEL
      ? words`Another organisation can read that channel.`
      : words`Slack says ${{ code: inLine(code, 100) }}${means}.`;
  const asked = insteadWords(request, step);
  return words`⚠️ The request couldn't be posted in ${where}. ${why}${asked}`;
}
