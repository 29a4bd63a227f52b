// The messages that show a request, as they are remembered: where they are, and what they show.

import type { ChannelId, UserId } from "../../text/ids.ts";
import type { Step } from "./step.ts";

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

/** Whether the card may be there: it was posted, or a posting got no answer. */
export const mayBePosted = ({ ts, postingSinceMs }: Pick<Card, "ts" | "postingSinceMs">): boolean =>
  ts !== undefined || postingSinceMs !== undefined;

/** It has cards, and none of them was ever posted: nobody who decides was asked. */
export const wasNeverShown = ({ cards }: { readonly cards: readonly Card[] }): boolean =>
  cards.length > 0 && !cards.some(mayBePosted);

/** Why a card is dead that was never to be posted: another organisation can read its channel. */
export const SHARED_CHANNEL = "shared_channel";

/** The one direct message that shows the requester their request. */
export type LiveMessage = Omit<Card, "to" | "dead"> & {
  /** The warning's, below it: the newest one's. */
  readonly warningTs?: string | undefined;
  /** Of several VMs that end at different times, those of the warnings before. */
  readonly earlierWarnings?: readonly string[] | undefined;
};

/** A message that told of the end before Azure had shown what became of the ports, or that it's Ready: it is put right. */
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
