// What the flows count that no commit tells of.

export type Meter = {
  /** Somebody did too much at once, and was refused. */
  tooFast(): void;
  /** Work that another replica had begun is free, for that replica is gone. */
  tookOver(leases: number): void;
};
