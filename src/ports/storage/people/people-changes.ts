// People and groups that changed at Slack, which tells one replica of it.

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type PeopleChanges = {
  /** Tells all replicas that people and groups of these ids have changed. */
  add(ids: readonly string[]): Promise<void>;
  /** Who has changed since then, by the store's clock; for some minutes. */
  since(sinceMs: number): Promise<{ readonly nowMs: number; readonly ids: readonly string[] }>;
};
