// Which policy file each replica holds.

/** The policy files of all replicas that were heard of lately. */
export type PolicyReport = {
  readonly nowMs: number;
  readonly replicas: readonly { readonly replica: string; readonly hash: string }[];
  /** `undefined`: they all hold the same. */
  readonly differSinceMs: number | undefined;
  /** What was last announced of their difference; empty: nothing is. */
  readonly announced: string;
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type PolicyReports = {
  /** Says which policy file a replica holds; one that hasn't said so for 30 s is no longer counted. */
  report(
    replica: string,
    holds: { readonly hash: string; readonly version: string },
  ): Promise<PolicyReport>;
  /** The replicas that were heard of lately, by name; the version is `unknown` where it doesn't say. */
  list(): Promise<readonly { name: string; hash: string; version: string }[]>;
};
