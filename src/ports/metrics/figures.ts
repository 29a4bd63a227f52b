// What the store can count at a glance, over all replicas: for metrics.

export type StoreFigures = {
  readonly nowMs: number;
  /** Requests that wait for a decision. */
  readonly pending: number;
  /** Requests that are opening, open or ending. */
  readonly live: number;
  /** Requests whose review isn't closed. */
  readonly toReview: number;
  /** What waits for an admin after an error. */
  readonly parked: number;
  /** Nothing opens but by break-glass. */
  readonly isFrozen: boolean;
  /** Replicas that were heard of lately. */
  readonly replicas: number;
  /** For how long the work that is most overdue has waited; 0: none is. */
  readonly dueLagMs: number;
  /** Until when the Activity Log of each subscription was read, by its id in lower case. */
  readonly watchedUntilMs: Readonly<Record<string, number>>;
};

export type Figures = {
  /** Throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
  read(): Promise<StoreFigures>;
};
