// What a replica is started with.

import type { Scopes } from "../adapters/tracing/scopes.ts";
import type { Settings } from "../config/environment/environment.ts";
import type { SecretFile } from "../config/environment/secret-files.ts";
import type { Policy } from "../domain/rules/policy.ts";
import type { PersonLimitRates } from "../flows/limits/person-limits.ts";
import type { Fault } from "../ports/fault.ts";
import type { Log } from "../ports/log.ts";

export type ReplicaOptions = {
  readonly settings: Settings;
  /** The policy file as it was read for the start; from then on it is watched. */
  readonly policy: Policy;
  /** As `newReplicaName` makes it. */
  readonly replica: string;
  /** The files that secrets of the settings were read from; from then on they are watched. */
  readonly secretFiles?: readonly SecretFile[];
  readonly log: Log;
  /** What is done for which request, as the log's lines say it. */
  readonly scopes: Scopes;
  /** The replica can't go on: a bad token, a socket that is lost for good. */
  readonly onLost: (fault: Fault) => void;
  /** Added to Redis's clock, for tests. */
  readonly clockOffsetMs?: () => number;
  /** Of each person's commands and clicks, for tests. */
  readonly paces?: PersonLimitRates;
  /** From one reading of Azure to the next, for tests. */
  readonly refreshEveryMs?: number;
};
