// The policy in force, and what becomes of it when the file changes: a broken one never comes in force.

import type { Policy } from "../../domain/rules/policy.ts";
import type { Log } from "../../ports/log.ts";

/** What the policy file holds now, read whole and settled. */
export type Reading =
  | { readonly policy: Policy }
  /** One line for each fault. */
  | { readonly hash: string; readonly faults: readonly string[] }
  /** Gone, or not to be read: why, in a word such as `ENOENT`. */
  | { readonly unreadable: string };

/** Why the file's text isn't in force. */
export type RefusedFile = Exclude<Reading, { policy: Policy }>;

export type InForce = {
  /** The last good one. Anyone who decides takes it once, and decides by nothing else. */
  policy(): Policy;
  /** `undefined`: what is in force is what the file holds. */
  refusedFile(): RefusedFile | undefined;
  heard(reading: Reading): void;
};

export function policyInForce(first: Policy, log: Log): InForce {
  let policy = first;
  let refusedFile: RefusedFile | undefined;
  return {
    policy: () => policy,
    refusedFile: () => refusedFile,
    heard: (reading) => {
      if (!("policy" in reading)) {
        refusedFile = reading;
        log.error({ ...reading, inForce: policy.hash }, "the policy file is refused");
        return;
      }
      const before = policy.hash;
      ({ policy } = reading);
      refusedFile = undefined;
      log.info({ policy: policy.hash, before, rules: policy.rules.length }, "policy in force");
      const later = changedForNextStart(first, policy);
      if (later.length > 0) log.warn({ keys: later }, "these keys take effect at the next start");
    },
  };
}

/** Azure's clients and their scope are made once. */
function changedForNextStart(first: Policy, now: Policy): readonly string[] {
  const keys = ["cloud", "subscriptions", "managementGroups"] as const;
  return keys
    .filter((key) => JSON.stringify(first.azure[key]) !== JSON.stringify(now.azure[key]))
    .map((key) => `azure.${key}`);
}
