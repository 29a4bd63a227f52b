// What a card says of the present state: who decided, how far Azure has come, how it ended.

import { waitsForRequester } from "../../../../domain/request/acts/ready.ts";
import { mayRetry } from "../../../../domain/request/acts/retry-act.ts";
import { isFollower } from "../../../../domain/request/batch/roles.ts";
import { whoDecides } from "../../../../domain/request/deciders/who-decides.ts";
import { wasNeverShown } from "../../../../domain/request/document/sent-messages.ts";
import type { FaultNote } from "../../../../domain/request/grant.ts";
import { mayFailAgain } from "../../../../domain/request/refused-by-azure.ts";
import type { AccessRequest, In } from "../../../../domain/request/request.ts";
import { frozenWords } from "../../../../domain/rules/freeze.ts";
import type { UserId } from "../../../../domain/text/ids.ts";
import { portsWords } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { type Block, QUOTE_SECTIONS, quote, sections } from "../blocks.ts";
import {
  approvedWords,
  approversWords,
  askAgain,
  faultNoteWords,
  isOurs,
  whoSays,
} from "../phrases.ts";
import { closingLines } from "./closing-words.ts";
import { awayLine, decidersShown, nobodyCan, nobodyWords, onCallLines } from "./deciders.ts";
import { azureHint } from "./fault-hints.ts";
import { parkedLines, saysItAll } from "./parked.ts";
import { claimLine } from "./talk.ts";

export type OutcomeView = {
  readonly nowMs: number;
  readonly hideSource: boolean;
  /** Who reads it, where it's one person. */
  readonly you?: UserId;
};

export function outcome(request: AccessRequest, view: OutcomeView): Block[] {
  const { deadLetter } = request;
  if (deadLetter === undefined) return stateOutcome(request, view);
  const parked = sections(parkedLines(request, deadLetter));
  return saysItAll(request) ? parked : [...parked, ...stateOutcome(request, view)];
}

function stateOutcome(request: AccessRequest, view: OutcomeView): Block[] {
  switch (request.state) {
    case "pending":
    case "ready":
      return sections(waitingWords(request, view.you));
    case "opening":
      return sections(opening(request));
    case "open":
      return sections([
        words`${{ strong: "Open until" }} ${{ atMs: request.grant.endsAtMs }}. ${approvedWords(request, request.grant)}`,
      ]);
    case "ending":
      return sections(ending(request));
    case "ended":
      return sections(ended(request, byWhom(request.endedBy)));
    case "failed":
      return failure(request, view);
    case "denied": {
      const by = words`Denied by ${{ user: request.deniedBy }} ${{ atMs: request.deniedAtMs }}.`;
      return request.denial.trim() === ""
        ? sections([by])
        : quote(by, request.denial, QUOTE_SECTIONS.beside);
    }
    case "cancelled": {
      return sections([cancelled(request)]);
    }
    case "lapsed":
      if (request.frozen === true) {
        return sections([
          request.unread === true
            ? words`Approved while access was frozen, and expired ${{ atMs: request.expiredAtMs }}. Azure couldn't be read, so the bot hasn't checked that nothing is open.`
            : words`Approved while access was frozen, and expired ${{ atMs: request.expiredAtMs }}. Nothing was opened.`,
        ]);
      }
      if (request.unused === true) {
        return sections([
          words`Approved, but ${requesterWords(request, view.you)} didn't open it by ${{ atMs: request.expiredAtMs }}, so it expired. ${request.unread === true ? "Azure couldn't be read, so the bot hasn't checked that nothing is open." : "Nothing was opened."}`,
        ]);
      }
      if (request.heldUp !== undefined) {
        return sections([
          words`Approved, but it expired ${{ atMs: request.expiredAtMs }} instead of opening: ${faultNoteWords(request.heldUp)}.`,
        ]);
      }
      if (request.unchecked === true) {
        return sections([
          words`Approved, but it couldn't be checked in time, so it expired ${{ atMs: request.expiredAtMs }} instead of opening.`,
        ]);
      }
      return sections([undecided(request)]);
  }
}

function undecided(request: In<"lapsed">): Words {
  const byThen = { atMs: request.expiredAtMs };
  // What became of a batch's card is known by its lead.
  const why = isFollower(request)
    ? words`It wasn't decided by ${byThen}`
    : wasNeverShown(request)
      ? words`It couldn't be shown to the approvers by ${byThen}`
      : words`Nobody decided by ${byThen}`;
  return request.unread === true
    ? words`${why}, so it expired. It wasn't denied. Azure couldn't be read, so the bot hasn't checked that nothing is open.`
    : words`${why}, so it expired. It wasn't denied, and nothing was opened.`;
}

/** Who decides and until when; or, decided, what it waits for. */
export const waitingWords = (request: In<"pending" | "ready">, you?: UserId): readonly Words[] =>
  request.state === "pending" ? pending(request, you) : ready(request, you);

/** The requester, as the reader is told; `own`: what the requester is told. */
const requesterWords = (
  { ask }: AccessRequest,
  you: UserId | undefined,
  own: "you" | "You" = "you",
): Words => (ask.requester === you ? words`${own}` : words`${{ user: ask.requester }}`);

/** Nobody in particular ended or cancelled it: the bot did, for this one reason. */
const TAKEN_AWAY: Words = words`, because the requester is no longer allowed access`;

export const isTakenAway = ({ how, endedBy }: In<"ended">): boolean =>
  how === "early" && endedBy === undefined;

function pending(request: In<"pending">, you: UserId | undefined): readonly Words[] {
  const { needed, never } = whoDecides(request);
  const have = request.approvals.length;
  const missing = Math.max(0, needed - have);
  const so = approversWords(request.approvals);
  const progress =
    have === 0
      ? words`Needs ${needed === 1 ? "1 approval" : `${needed} approvals from different people`}.`
      : words`Approved by ${so}. ${missing} more ${missing === 1 ? "approval" : "approvals"} needed.`;
  const deciders = decidersShown(request);
  return [
    ...(never === undefined ? [progress] : []),
    ...claimLine(request),
    ...(nobodyCan(request) ? [nobodyWords(request)] : []),
    ...(deciders.length === 0 ? [] : [words`Approvers: ${deciders}.`]),
    ...awayLine(request),
    ...onCallLines(request),
    ...opensLine(request, you),
    words`Expires ${{ atMs: request.expiresAtMs }}.`,
  ];
}

/** Approved in time, it waits for that. */
const opensLine = (request: In<"pending">, you: UserId | undefined): readonly Words[] => {
  const { ask, promised, expiresAtMs } = request;
  if (ask.opensAtMs === undefined) return [];
  const at = { atMs: ask.opensAtMs };
  if (promised.keepForMs === undefined) {
    const later = expiresAtMs > ask.opensAtMs ? "; approved later, at once" : "";
    return [words`Opens ${at} if it's approved by then${later}.`];
  }
  return [
    words`${requesterWords(request, you, "You")} can open it from ${at} on, once it's approved.`,
  ];
};

function ready(request: In<"ready">, you: UserId | undefined): readonly Words[] {
  const approved =
    request.approvals.length === 0
      ? words`Auto-approved by rule ${{ code: request.promised.rule }}.`
      : words`Approved by ${approversWords(request.approvals)}.`;
  if (request.heldUp !== undefined) {
    return [
      words`${approved} ${{ strong: "Not opened yet:" }} ${faultNoteWords(request.heldUp)}.`,
      words`It's tried again each minute, and ${requesterWords(request, you)} can press Open. Expires ${{ atMs: request.expiresAtMs }}.`,
    ];
  }
  if (request.unchecked) {
    return [
      words`${approved} ${{ strong: "Not opened yet:" }} the bot can't check right now whether it may open.`,
      words`It keeps trying. Expires ${{ atMs: request.expiresAtMs }} if it hasn't opened by then.`,
    ];
  }
  if (request.frozen === undefined && !waitsForRequester(request)) {
    return [
      words`${approved} ${{ strong: "It opens" }} ${{ atMs: request.fromMs ?? request.readyAtMs }} by itself; its time starts then.`,
      words`Everything is checked again before that.`,
    ];
  }
  if (request.frozen === undefined) {
    const from = request.fromMs === undefined ? "" : words` from ${{ atMs: request.fromMs }} on`;
    return [
      words`${approved} ${{ strong: "It waits" }} for ${requesterWords(request, you)} to press Open${from}; its time starts then.`,
      words`Everything is checked again when it's opened. Expires ${{ atMs: request.expiresAtMs }} if it isn't used.`,
    ];
  }
  return [
    words`${approved} ${{ strong: "It waits:" }} access is ${frozenWords(request.frozen)}.`,
    words`When an admin lifts the freeze, everything is checked again and it opens; its time starts then.`,
    words`Expires ${{ atMs: request.expiresAtMs }} if it hasn't opened by then.`,
  ];
}

function cancelled(request: In<"cancelled">): Words {
  const { ask, cancelledBy, cancelledAtMs, fault, heldUp } = request;
  if (fault !== undefined && (ask.opensAtMs !== undefined || heldUp !== undefined)) {
    return words`Not opened ${{ atMs: cancelledAtMs }}: ${faultNoteWords(fault)}.`;
  }
  if (fault !== undefined) {
    return words`Not opened when the freeze was lifted, ${{ atMs: cancelledAtMs }}: ${faultNoteWords(fault)}.`;
  }
  const because = cancelledBy === undefined ? TAKEN_AWAY : [];
  return words`Cancelled${byWhom(cancelledBy)} ${{ atMs: cancelledAtMs }}${because}.`;
}

function opening(request: In<"opening">): readonly Words[] {
  const { azure, endsAtMs } = request.grant;
  return [
    approvedWords(request, request.grant),
    openingProgress(request),
    ...(azure.answer !== "accepted" && azure.fault !== undefined
      ? [
          azure.watched === true
            ? words`Last error: ${faultNoteWords(azure.fault)}.`
            : words`Last error: ${faultNoteWords(azure.fault)}. The bot keeps trying.`,
        ]
      : []),
    words`Ends ${{ atMs: endsAtMs }}.`,
  ];
}

/** How far Azure has come; each port by itself where they differ. */
export function openingProgress(request: In<"opening">): Words {
  const { answer, sent, seenPorts, watched } = request.grant.azure;
  if (watched === true) {
    return words`Azure refused to open it, but an earlier request that got no answer may still open it. The bot keeps checking until the end.`;
  }
  if (answer === "unknown" && sent > 1) {
    return words`Azure gave no clear answer to ${sent} requests; checking whether it opened.`;
  }
  if (answer !== "accepted") return words`Opening the ${portOrPorts(request)}…`;
  const { ports } = request.ask;
  const seen = ports.filter((port) => seenPorts.includes(port));
  if (seen.length === 0)
    return words`Azure accepted the request; ${{ strong: "waiting for the port to open" }}.`;
  const unseen = ports.filter((port) => !seenPorts.includes(port));
  return words`Azure accepted the request. Open: ${portsWords(seen)}. ${{ strong: "Waiting for:" }} ${portsWords(unseen)}.`;
}

function ending(request: In<"ending">): readonly Words[] {
  const { fault, endedBy } = request;
  const because = endedBy === undefined ? TAKEN_AWAY : [];
  return [
    words`Closing early${byWhom(endedBy)}${because}; Azure doesn't show it closed yet. Existing sessions stay connected.`,
    ...(fault === undefined ? [] : [words`${faultNoteWords(fault)}. The bot keeps trying.`]),
    endWords(request),
  ];
}

function endWords(request: In<"ending">): Words {
  const atEnd = { atMs: request.grant.endsAtMs };
  const earlier = earlierEnd(request);
  if (earlier === undefined) return words`Otherwise it ends ${atEnd}.`;
  const byThen = { atMs: earlier.atMs };
  return earlier.isExpected
    ? words`It closes by ${byThen}, instead of ${atEnd}.`
    : words`Azure was asked to close it by ${byThen}, but hasn't confirmed it. Otherwise it ends ${atEnd}.`;
}

/**
 * The earlier end that Azure was last asked for, once there is an answer; `isExpected`: it accepted it, and nothing
 * speaks against it. Where others need the ports, there is none.
 */
export function earlierEnd({ closesAtMs, closeAnswer, fault, grant }: In<"ending">) {
  if (closesAtMs === undefined || closesAtMs >= grant.endsAtMs) return undefined;
  if (closeAnswer === undefined && fault === undefined) return undefined;
  return { atMs: closesAtMs, isExpected: closeAnswer === "accepted" && fault === undefined };
}

const HOW: Readonly<Record<In<"ended">["how"], string>> = {
  expired: "Ended on time",
  early: "Ended early",
  elsewhere: "Closed early outside this bot",
  extended: "Extended",
};

/** ` by somebody`, as the reader is told it. */
const byWhom = (user: UserId | undefined): Words =>
  user === undefined ? [] : words` by ${{ user }}`;

export function ended(request: In<"ended">, by: Words): readonly Words[] {
  const { how, endedAtMs, newer, noticedAtMs } = request;
  const because = by.length === 0 && isTakenAway(request) ? TAKEN_AWAY : [];
  const noticed = noticedAtMs === undefined ? [] : words` (noticed ${{ atMs: noticedAtMs }})`;
  const said =
    newer === undefined
      ? words`${HOW[how]}${by}, ${{ atMs: endedAtMs }}${noticed}${because}.`
      : words`Azure closed it early, ${{ atMs: endedAtMs }}${noticed}, when ${{ code: newer }} opened the same port.`;
  if (how === "extended") return [said, tookOverWords(request)];
  // Somebody ended what was only about to be opened.
  const { openedAtMs, azure } = request.grant;
  if (openedAtMs !== undefined) return [said, ...closingLines(request)];
  return azure.sent === 0
    ? [said, words`Nothing was opened: Azure hadn't been asked yet.`]
    : [said, words`It was never seen open.`, ...closingLines(request)];
}

/** It may have ended since: nothing changes this card then, and this stays true. */
const tookOverWords = ({ extension }: In<"ended">): Words =>
  extension === undefined
    ? words`An extension took over.`
    : words`An extension took over: ${{ code: extension.id }} moved the end to ${{ atMs: extension.endsAtMs }}.`;

/** For people who can't wait until Azure has closed it. The rule's name is Defender for Cloud's. */
export const SHUT_BY_HAND: Words = words`To close it by hand, delete the allow rule ${{ code: "MicrosoftDefenderForCloud-JITRule-…" }} in the VM's network security group.`;

/** What Azure said, verbatim, and what it probably means. */
function failure(request: In<"failed">, view: OutcomeView): Block[] {
  const { fault, deadLetter } = request;
  const { hideSource } = view;
  const next = deadLetter === undefined ? [whatNext(request, view)] : [];
  // It may name the source that the channel doesn't see.
  const fix = fault.fix === undefined || hideSource ? [] : [words`${fault.fix}`];
  const hint = azureHint(fault);
  const means = hint === undefined ? [] : [words`This probably means: ${hint}`];
  if (isOurs(fault)) return sections([faultSentence(fault), ...means, ...fix, ...next]);
  // What it means and what to do come first: the service's own words can be long, and are for readers who look closer.
  return [
    ...sections([words`Couldn't open the ${portOrPorts(request)}.`, ...means, ...fix, ...next]),
    ...quote(words`${whoSays(fault)}:`, fault.message, QUOTE_SECTIONS.beside),
  ];
}

const faultSentence = (fault: FaultNote): Words => words`${faultNoteWords(fault)}.`;

/** What can be done about a failure now. */
function whatNext(request: In<"failed">, { nowMs, hideSource }: OutcomeView): Words {
  const again = words`To request it again: ${askAgain(request, hideSource)}`;
  if (!mayRetry(request, nowMs)) return words`There's too little time left to retry. ${again}`;
  const retry = words`${{ strong: "Retry" }} doesn't move the end time (${{ atMs: request.grant.endsAtMs }}).`;
  return mayFailAgain(request.fault) ? words`${retry} Azure may refuse it again. ${again}` : retry;
}

/** What opens, in a sentence about it. */
export const portOrPorts = ({ ask }: AccessRequest): string =>
  ask.ports.length === 1 ? "port" : "ports";

/** All that were asked for, in one phrase: `22` (SSH) on `vm-01`. */
export const doorWords = ({ ask }: AccessRequest): Words =>
  words`${portsWords(ask.ports)} on ${{ code: ask.vm.name }}`;
