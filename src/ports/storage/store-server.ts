// The server behind all that is stored: its clock, which is the one clock of all replicas, and whether it is
// still the primary.

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type StoreClock = {
  /** Milliseconds since the epoch. */
  nowMs(): Promise<number>;
};

export type Primary = {
  /**
   * Resolves where what was written last stands where it will be looked for; rejects with a retryable fault
   * where another server has taken over meanwhile. Asked before Azure is.
   */
  confirm(): Promise<void>;
};
