// A request for access: every state it can be in, and all that is known about it. Nothing here does I/O.
//
// The stored document is the truth about intent; Azure is the truth about the door. What should be true
// and isn't yet (a card to edit, a port to open, somebody to tell) is read off this document by
// `outstanding.ts`, so that any worker can carry on wherever another one stopped.

import type { OnDuty } from "../on-call/rota.ts";
import type { Ask } from "../rules/ask.ts";
import type { Absent } from "../rules/delegation.ts";
import type { Fact } from "../rules/fact.ts";
import type { Freeze } from "../rules/freeze.ts";
import type { People } from "../rules/policy.ts";
import type { Claim, Question, Review } from "../talk/talk.ts";
import type { ChannelId, RequestId, UserId } from "../text/ids.ts";
import type { Closing, FaultNote, Grant, PortAtEnd, WaitsAgain } from "./grant.ts";

/** What the rule promised when the request was made. A later file may ask for more, never for less. */
export type Promised = {
  readonly rule: string;
  /** SHA-256 of the policy file that routed the request. */
  readonly policyHash: string;
  readonly approvals: number;
  readonly approvers: People;
  readonly warnBeforeMs: number;
  readonly remindAfterMs?: number | undefined;
  readonly escalate?: { readonly afterMs: number; readonly to: People } | undefined;
  /** Nobody but the requester was an approver when it was asked. */
  readonly nobody?: true | undefined;
  /** Approved, it is opened by its requester, within this time; left out: at once. */
  readonly keepForMs?: number | undefined;
};

/** What an approver cut down when approving; never wider than what was asked. */
export type Narrowed = {
  readonly by: UserId;
  readonly durationMs: number;
  readonly source: string;
  readonly sourceName?: string | undefined;
};

export type Approval = {
  readonly by: UserId;
  readonly atMs: number;
  /** Who is away, and for whom it was given. */
  readonly for?: UserId | undefined;
  /** What the approver said to the requester with it. */
  readonly note?: string | undefined;
  /** What was approved, where it was less than was asked for: cut down by this approver, or one before. */
  readonly narrowed?: Narrowed | undefined;
};

export type Phase =
  | {
      readonly state: "pending";
      readonly expiresAtMs: number;
      /** When it began to wait, where that wasn't when it was asked: it had failed, and was retried. */
      readonly sinceMs?: number | undefined;
      readonly remindedAtMs?: number | undefined;
      /** From then on the rule's further approvers may decide, too. */
      readonly escalatedAtMs?: number | undefined;
      readonly claim?: Claim | undefined;
      /** Those of its approvers who are away, as the cards know it; who may decide is read at each click. */
      readonly absent?: readonly Absent[] | undefined;
      /** Who is on call by the rotas of its approvers, as the cards know it; it is read at each click, too. */
      readonly onDuty?: readonly OnDuty[] | undefined;
    }
  | {
      /** Approved; its end is fixed when it goes to opening. */
      readonly state: "ready";
      readonly readyAtMs: number;
      /** Not opened by then: it expires. */
      readonly expiresAtMs: number;
      /** What it waits for: that this is lifted. Left out: it waits for its requester. */
      readonly frozen?: Freeze | undefined;
      /** Nothing opens it before that. */
      readonly fromMs?: number | undefined;
      /** When they were reminded to open it. */
      readonly remindedAtMs?: number | undefined;
    }
  | { readonly state: "opening"; readonly grant: Grant }
  | { readonly state: "open"; readonly grant: Grant }
  | {
      readonly state: "ending";
      readonly grant: Grant;
      /** `undefined`: the bot, because the requester is no longer allowed access. */
      readonly endedBy: UserId | undefined;
      /** Whether Azure was asked to close: read back before asking again. */
      readonly closeSent: number;
      /** The end that was last sent to close; until then a door not seen may still come. */
      readonly closesAtMs?: number | undefined;
      readonly fault?: FaultNote | undefined;
    }
  | {
      readonly state: "ended";
      readonly grant: Grant;
      readonly how: "expired" | "early" | "elsewhere" | "extended";
      /** Where it expired, its end: not when that was looked at. */
      readonly endedAtMs: number;
      /** When the bot found out, where that was clearly later. */
      readonly noticedAtMs?: number | undefined;
      readonly endedBy?: UserId | undefined;
      readonly closing: Closing;
      readonly ports?: readonly PortAtEnd[] | undefined;
      readonly alarmed?: boolean | undefined;
    }
  | {
      readonly state: "failed";
      readonly grant: Grant;
      readonly fault: FaultNote;
      /** Too little time is left for a retry. */
      readonly retryOver?: true | undefined;
    }
  | {
      readonly state: "denied";
      readonly deniedBy: UserId;
      readonly denial: string;
      readonly deniedAtMs: number;
    }
  | {
      readonly state: "cancelled";
      readonly cancelledBy: UserId | undefined;
      readonly cancelledAtMs: number;
      /** Why it could no longer be opened when the freeze was lifted. */
      readonly fault?: FaultNote | undefined;
    }
  | {
      readonly state: "lapsed";
      readonly expiredAtMs: number;
      /** Azure couldn't be read then: nothing is said of what it has open. */
      readonly unread?: true | undefined;
      /** It was approved, and access was frozen all the time. */
      readonly frozen?: true | undefined;
      /** It was approved, and its requester didn't open it. */
      readonly unused?: true | undefined;
      /** It was approved, and what a decision checks couldn't be checked in time to open it. */
      readonly unchecked?: true | undefined;
    };

export type State = Phase["state"];

/** Something that happened and that people are told. Numbered from 1 within the request. */
export type Step = {
  readonly n: number;
  readonly atMs: number;
  readonly what: StepKind;
  readonly by?: UserId | undefined;
  readonly fault?: FaultNote | undefined;
  /** How many more could have been asked, and weren't. */
  readonly left?: number | undefined;
  /** Of a batch: the VM of the other request that it happened to. */
  readonly of?: string | undefined;
  /** Of what waits for approvals again: why. Left out by earlier versions. */
  readonly again?: WaitsAgain | undefined;
};

export type StepKind =
  | "asked"
  | "broke-glass"
  | "opened-by-rule"
  | "reminded"
  | "escalated"
  | "narrowed"
  | "left"
  | "reviewed"
  | "review-reminded"
  | "no-approvers"
  | "recovered"
  | "adopted"
  | "card-unposted"
  | "unasked"
  | "approved"
  | "approval-void"
  | "questioned"
  | "answered"
  | "taken-back"
  | "denied"
  | "cancelled"
  | "lapsed"
  | "ready"
  | "ready-reminded"
  | "started"
  | "frozen"
  | "thawed"
  | "not-opened"
  | "opening"
  | "delayed"
  | "watched"
  | "accepted"
  | "open"
  | "retried"
  | "waits-again"
  | "failed"
  | "ending"
  | "not-ended"
  | "warning-missed"
  | "ended"
  | "still-open"
  | "closed-late"
  | "parked"
  | "requeued";

/** A message that shows the request with its buttons, in a channel or (where that failed) to one person. */
export type Card = {
  readonly to: ChannelId | UserId;
  /** Where it was posted, once it was. */
  readonly channel?: ChannelId | undefined;
  readonly ts?: string | undefined;
  /** The revision that it shows; 0: not posted. */
  readonly shown: number;
  /** Set before posting: after a crash the message may be there although `ts` isn't stored. */
  readonly postingSinceMs?: number | undefined;
  /** An edit got no answer, and Slack may carry it out late: the card is edited once more then. */
  readonly againAtMs?: number | undefined;
  /** Why it can never be posted there, in Slack's word. */
  readonly dead?: string | undefined;
};

/** Why a card is dead that was never to be posted: another organisation can read its channel. */
export const SHARED_CHANNEL = "shared_channel";

/** The one direct message that shows the requester their request; `warningTs`: the warning's, below it. */
export type LiveMessage = Omit<Card, "to" | "dead"> & { readonly warningTs?: string | undefined };

/** A message that told of the end before Azure had shown what became of the ports: it is put right. */
export type EndMessage = {
  readonly audience: Audience;
  readonly channel: ChannelId;
  readonly ts: string;
  /** What it told. */
  readonly steps: readonly Step[];
  /** The revision that it shows. */
  readonly shown: number;
};

/** Who is told what happened: the card's thread, and the requester privately. */
export type Audience = "thread" | "requester";

/** An effect that failed: how often, when to try again, and what was wrong. */
export type Attempts = {
  readonly count: number;
  readonly nextAtMs: number;
  readonly fault: string;
};

export type EffectName =
  | "azure"
  | "expire"
  | "lapse"
  | "thaw"
  | "remind-ready"
  | "absences"
  | "on-call"
  | "unclaim"
  | "remind"
  | "escalate"
  | "review"
  | "succeed"
  | "check"
  | "warn"
  | "card"
  | "thread"
  | "requester"
  | "put-right"
  | "retry-over"
  | "tell-lead"
  | "look-after";

/** Work on it failed too often in a row: no worker takes it up again, but to send its messages. */
export type DeadLetter = {
  readonly atMs: number;
  /** How it failed, for people. */
  readonly why: string;
  /** Sending its messages failed as well: nothing is done any more. */
  readonly isMute?: true | undefined;
};

/** Of several VMs under one rule: the lead has the card, thread and messages of all; each other one tells it its news. */
export type Batch =
  | {
      readonly role: "lead";
      /** In the buttons of what the batch shares; those of the lead alone carry its own. */
      readonly nonce: string;
      /** The others, in the order in which they were asked for. */
      readonly members: readonly Member[];
      /** Since when what the card shows is out of date; left out: it isn't. */
      readonly changedAtMs?: number | undefined;
      /** How often the card was edited since the batch last came to rest. */
      readonly edits?: number | undefined;
    }
  | {
      readonly role: "member";
      readonly lead: RequestId;
      /** The revision that the lead knows. */
      readonly heard: number;
    };

/** One request of a batch, as the lead's card shows it. */
export type Member = Pick<Ask, "ports" | "durationMs"> & {
  readonly source?: string | undefined;
  readonly sourceName?: string | undefined;
  readonly id: RequestId;
  readonly vm: string;
  /** The revision that the lead knows; 0: it is about to be made. */
  readonly heard: number;
  /** The last of its steps that the lead has taken over. */
  readonly stepsTo: number;
  /** `unmade`: there is no such request, for the reason that `fault` names. */
  readonly state: State | "unmade";
  readonly approvals: number;
  readonly endsAtMs?: number | undefined;
  /** When its requester is to be warned; left out: they need not be, or have been. */
  readonly warnsAtMs?: number | undefined;
  readonly fault?: FaultNote | undefined;
  readonly closing?: Closing | undefined;
  readonly how?: "expired" | "early" | "elsewhere" | "extended" | undefined;
  readonly address?: string | undefined;
  readonly canRetry?: true | undefined;
  readonly canOpen?: true | undefined;
  readonly isParked?: true | undefined;
  readonly toReview?: true | undefined;
  /** What those who decided said to its requester with it; a denial stands here without a word, too. */
  readonly said?: readonly Said[] | undefined;
};

export type Said = {
  readonly what: "approved" | "denied";
  readonly by: UserId;
  readonly text: string;
};

/** The shared part of every request, whatever its state. */
export type Common = {
  readonly id: RequestId;
  /** Goes up with every change that people can see; the cards carry the one that they show. */
  readonly revision: number;
  readonly ask: Ask;
  /** Where it was asked, if that was in a conversation: the requester may be told there. */
  readonly askedIn?: ChannelId | undefined;
  readonly promised: Promised;
  readonly approvals: readonly Approval[];
  /** What was out of the ordinary when it was asked; left out where nobody has to decide, or nobody could tell. */
  readonly facts?: readonly Fact[] | undefined;
  readonly narrowed?: Narrowed | undefined;
  readonly wasEscalated?: true | undefined;
  readonly review?: Review | undefined;
  /** Oldest first. */
  readonly questions?: readonly Question[] | undefined;
  /** The extension that this is has taken over from the request that it extends. */
  readonly tookOver?: true | undefined;
  /** Left out where one VM was asked for, or no other falls under the same rule. */
  readonly batch?: Batch | undefined;
  /** Random; every button of this request carries it. */
  readonly nonce: string;
  readonly cards: readonly Card[];
  /** What happened and is still to be told to somebody. */
  readonly steps: readonly Step[];
  /** The number of the last step that each has been told; `last` is the newest step's number. */
  readonly toldUpTo: { readonly thread: number; readonly requester: number; readonly last: number };
  readonly live?: LiveMessage | undefined;
  readonly endMessages?: readonly EndMessage[] | undefined;
  /** Parked: only a person brings it back. */
  readonly deadLetter?: DeadLetter | undefined;
  readonly attempts: Readonly<Partial<Record<EffectName, Attempts>>>;
};

export type AccessRequest = Common & Phase;

/** A request in one of some states: `In<"opening" | "open">`. */
export type In<S extends State> = Common & Extract<Phase, { state: S }>;

export const LIVE_STATES = ["opening", "open", "ending"] as const;

/** Whether the request holds doors: Azure may have been asked to open, and its time isn't over. */
export function isLive(request: AccessRequest): request is In<(typeof LIVE_STATES)[number]> {
  return request.state === "opening" || request.state === "open" || request.state === "ending";
}

/** Whether nothing can happen to the request any more, except that people are told. */
export function isOver(request: AccessRequest): boolean {
  return !isLive(request) && !isWaiting(request) && request.state !== "failed";
}

/** Whether nothing was opened yet and still may be. */
export function isWaiting(request: AccessRequest): request is In<"pending" | "ready"> {
  return request.state === "pending" || request.state === "ready";
}

/** What to open: what was requested, unless an approver narrowed it. */
export function inForce(request: Common): Pick<Ask, "durationMs" | "source" | "sourceName"> {
  const { durationMs, source, sourceName } = request.narrowed ?? request.ask;
  return { durationMs, source, sourceName };
}

/** Whether further people may decide it, and what they decided counts: from then on, whatever becomes of it; versions before 1.0 kept the time alone. */
export const isEscalated = (request: AccessRequest): boolean =>
  request.wasEscalated === true ||
  (request.state === "pending" && request.escalatedAtMs !== undefined);

export const grantOf = (request: AccessRequest): Grant | undefined =>
  "grant" in request ? request.grant : undefined;
