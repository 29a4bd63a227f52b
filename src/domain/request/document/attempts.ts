// Work on a request that failed: what was tried how often, and what no worker tries again.

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
