// What is known of an access that Azure had open before the bot had a decision of it on record.

import type { UserId } from "../text/ids.ts";

export type Recovered = {
  /** Since when that is known. */
  readonly atMs: number;
  /** Whom Azure names as the one who opened it. */
  readonly requestor: string;
  /** It was opened by others, and an admin took it over: who, and how its entry at Azure is told from others. */
  readonly adopted?:
    | {
        readonly by: UserId;
        readonly startedAtMs: number;
        /** Shortened; the entry's begins with it. */
        readonly justification: string;
      }
    | undefined;
};
