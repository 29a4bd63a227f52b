// What was granted, and how far Azure has come with it.

import type { RequestId, UserId } from "../text/ids.ts";
import type { Recovered } from "../vm/found-open.ts";
import type { Off } from "../vm/vm-power.ts";

/** The access itself. Its end is fixed once, when the request is decided, and no retry moves it. */
export type Grant = {
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Who decided last: named in the messages. */
  readonly approvedBy: readonly UserId[];
  readonly policyHash: string;
  /** When everything that a decision checks was last checked, where that was later: by a Retry. */
  readonly checkedAtMs?: number | undefined;
  readonly recovered?: Recovered | undefined;
  /** How far the opening has come at Azure. */
  readonly azure: AzureProgress;
  /** Set once the ports have been seen open. */
  readonly openedAtMs?: number | undefined;
  readonly wayIn?: WayIn | undefined;
  /** When requester warned before the end. */
  readonly warnedAtMs?: number | undefined;
};

export type AzureProgress = {
  /** How often `initiate` was sent, or was about to be sent when a replica died. */
  readonly sent: number;
  /**
   * `unsent`: Azure wasn't asked yet, or refused to look (throttled). `unknown`: it was asked and the
   * answer never came or was ambiguous: read back before asking again. `accepted`: it answered 202.
   */
  readonly answer: "unsent" | "unknown" | "accepted";
  /** How often the policy was read back since the last sending. */
  readonly reads: number;
  /** Ports already seen open, where they differ. */
  readonly seenPorts: readonly number[];
  /** The last fault, for people: Azure's own code and message. */
  readonly fault?: FaultNote | undefined;
  /** An answer was lost once: what was sent then may open whatever Azure answered since. */
  readonly doubted?: true | undefined;
  /** Azure refused what was sent after a lost answer: it isn't asked again, only watched to the end. */
  readonly watched?: true | undefined;
};

export type FaultNote = {
  readonly code: string;
  readonly message: string;
  /** What would work instead, where that is known: a sentence of the bot's. */
  readonly fix?: string | undefined;
};

/** Where to connect to. */
export type WayIn = {
  readonly address: string | undefined;
  /** The port to connect to, by the port that was asked for: differs behind an Azure Firewall. */
  readonly mappedPorts: Readonly<Record<string, number>>;
  /** The VM didn't run when its ports were seen open. */
  readonly off?: Off | undefined;
};

/**
 * Whether Azure was ever asked with this grant's end, in whatever try: then it doesn't move any more. A Retry begins
 * to count its sendings again.
 */
export const wasSent = ({ azure, checkedAtMs }: Grant): boolean =>
  azure.sent > 0 || checkedAtMs !== undefined;

/** What Azure showed when a grant's time was over. */
export type Closing =
  | "unknown"
  | "closed"
  | "still-open"
  /** Open still, but for another request that shares the port: nothing of this one's is left. */
  | "held";

/** One port when a grant's time is over, where the ports differ or another request needs one. */
export type PortAtEnd = {
  readonly port: number;
  readonly closing: Closing;
  readonly heldBy?: PortHolder | undefined;
  /** Closed, as far as this request goes: somebody had opened it without the bot as well. */
  readonly isOpenForOthers?: true | undefined;
};

/** The request that keeps a port open, and until when. */
export type PortHolder = {
  readonly id: RequestId;
  readonly requester: UserId;
  readonly untilMs: number;
};

/** Why nothing is granted, and a request waits for approvals again. */
export type WaitsAgain = {
  /** What the approvals were counted for: a person's press, its time, or a freeze's end. */
  readonly tried: "retry" | "open" | "time" | "thaw";
  /** The rule asks for more than were ever given. */
  readonly isRaised?: true | undefined;
  /** How many of those given no longer count. */
  readonly voided: number;
};
