// Who has their home tab open, as far as can be known.

import type { UserId } from "../../../domain/text/ids.ts";

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type HomeReaders = {
  /** Remembers for an hour that somebody looked at the home tab. */
  add(user: UserId): Promise<void>;
  /** Who looked at the home tab within the last hour, the latest first; at most some thousand. */
  latest(): Promise<readonly UserId[]>;
};
