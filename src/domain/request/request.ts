// A request for access: all that is known about it, whatever its state; its parts are in `document/`. Nothing here does I/O.
//
// The stored document is the truth about intent; Azure is the truth about the door. What should be true
// and isn't yet (a card to edit, a port to open, somebody to tell) is read off this document by
// `outstanding.ts`, so that any worker can carry on wherever another one stopped.

import type { Ask } from "../rules/ask.ts";
import type { Fact } from "../rules/fact.ts";
import type { People } from "../rules/policy.ts";
import type { Question, Review } from "../talk/talk.ts";
import type { ChannelId, RequestId, UserId } from "../text/ids.ts";
import type { Attempts, DeadLetter, EffectName } from "./document/attempts.ts";
import type { Batch } from "./document/batch.ts";
import type { Phase, State } from "./document/phase.ts";
import type { Card, EndMessage, LiveMessage } from "./document/sent-messages.ts";
import type { Step } from "./document/step.ts";
import type { Grant } from "./grant.ts";

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
