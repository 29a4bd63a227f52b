// All that there is for flows to work with: the ports, and the policy in force. Each names what it uses of it.

import type { Policy } from "../domain/rules/policy.ts";
import type { Azure } from "../ports/azure.ts";
import type { Chat } from "../ports/chat.ts";
import type { Checkup } from "../ports/checkup.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { OnCommitted } from "../ports/commit-heard.ts";
import type { Log } from "../ports/log.ts";
import type { Tracing } from "../ports/metrics/tracing.ts";
import type { OnCall } from "../ports/rotas.ts";
import type { Audit } from "../ports/storage/audit.ts";
import type { History } from "../ports/storage/people/history.ts";
import type { Proofs } from "../ports/storage/people/proofs.ts";
import type { Changes } from "../ports/storage/policies/policy-changes.ts";
import type { Storage } from "../ports/storage/storage.ts";
import type { PersonLimits } from "./limits/person-limits.ts";

export type Page = {
  /** Where people's browsers reach the bot; no slash at the end. */
  readonly publicUrl: string;
  readonly proofs: Proofs;
};

export type Deps = Storage & {
  readonly azure: Azure;
  readonly chat: Chat;
  /** Who is on call now. */
  readonly onCall: OnCall;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The policy file in force now. */
  readonly policy: () => Policy;
  /** Where people prove their address; `undefined`: the bot has no page. */
  readonly page?: Page | undefined;
  /** What is on record, for people to read; `undefined`: it can't be read from here. */
  readonly audit?: Audit | undefined;
  /** What is known around a request; `undefined`: cards say nothing beside what was asked. */
  readonly history?: History | undefined;
  /** What the doctor asks; `undefined`: there is none. */
  readonly checkup?: Checkup | undefined;
  /** Where changes of JIT policies are kept; `undefined`: there are none from here. */
  readonly changes?: Changes | undefined;
  /** Applies a change at once, on this replica; others go on with it should this one stop. */
  readonly applyChange: (id: string) => void;
  /** Ends everything that was previewed, on this replica; others go on with it should this one stop. */
  readonly applyEndAll: (id: string) => void;
  /** What one person may do in a while, on this replica. */
  readonly limits: PersonLimits;
  /** Follows what is done for a request. */
  readonly tracing: Tracing;
  /** Hears of everything that this replica has committed. */
  readonly onCommitted: OnCommitted;
};
