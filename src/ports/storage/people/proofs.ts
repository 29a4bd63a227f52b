// What is kept so that somebody can prove where they connect from: a link that waits, an address that was seen.

import type { ChannelId, UserId } from "../../../domain/text/ids.ts";

/** Whose link it is, and what was asked for with it. */
export type Draft = {
  readonly user: UserId;
  /** Where it was asked for. */
  readonly channel: ChannelId | undefined;
  /** As it can be typed after `/jit`; `undefined`: only the address is looked at again. */
  readonly ask: string | undefined;
  /** Left out: nothing that the command doesn't say. */
  readonly beside?: Beside | undefined;
};

/** What was asked for beside what a command can say: chosen in the form, or known when it was asked. */
export type Beside = {
  /** Nothing is requested where one of several can't be. */
  readonly isAllOrNone?: boolean | undefined;
  /** What they have already is named instead of requested again. */
  readonly notTwice?: boolean | undefined;
  /** When it is to open: by the clocks alone it may be another moment, or become one in another zone. */
  readonly opensAtMs?: number | undefined;
};

export type FoundDraft = {
  readonly draft: Draft;
  readonly state: "waiting" | "used" | "expired";
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Proofs = {
  /** Keeps a draft under a secret, which itself isn't kept. */
  keepDraft(secret: string, draft: Draft, lifeMs: number): Promise<void>;
  /** `undefined`: there never was such a link, or it is long gone. */
  readDraft(secret: string): Promise<FoundDraft | undefined>;
  /** The same, and of those who take a waiting one, one alone is answered `waiting`. */
  takeDraft(secret: string): Promise<FoundDraft | undefined>;
  /** What was taken waits again: nothing came of it. */
  giveBackDraft(secret: string): Promise<void>;

  /** Remembers where somebody was seen, now. */
  keepAddress(user: UserId, address: string, lifeMs: number): Promise<void>;
  /** Where somebody was seen within `withinMs`. */
  addressOf(user: UserId, withinMs: number): Promise<string | undefined>;
};
