// What every flow works with: the ports, and the policy in force.

import type { Azure } from "../ports/azure.ts";
import type { Chat } from "../ports/chat.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { Policy } from "../request/policy.ts";

export type Deps = {
  readonly store: Store;
  readonly azure: Azure;
  readonly chat: Chat;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The policy file in force now. */
  readonly policy: () => Policy;
  /** Tells this replica's worker that something is due at once. */
  readonly wake: () => void;
};
