// Rate limits that all replicas share: of what one person asks, and of what one channel takes.

import type { UserId } from "../../domain/text/ids.ts";

/** A message that waits for its turn in a channel. */
export type Place = {
  /** The same whenever it asks again. */
  readonly what: string;
  readonly of: UserId;
  readonly rank: "break-glass" | "card" | "thread";
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type RateLimits = {
  /**
   * Counts somebody's ask, at most `most` in any minute, those that break the glass apart; answers how long
   * to wait, 0: go ahead.
   */
  takeAsk(user: UserId, most: number, kind: "usual" | "break-glass"): Promise<number>;
  /**
   * Takes a place in a channel's rate (one message a second, if nothing else is said, and three at once);
   * answers how long to wait, 0: go ahead.
   */
  takeTurn(channel: string, everyMs?: number): Promise<number>;
  /**
   * The same for a message of a request, in a fair queue: new cards before threads, and of each rank
   * everybody's first before anybody's second. A caller that is told to wait keeps its place until then.
   */
  takePlace(channel: string, place: Place): Promise<number>;
};
