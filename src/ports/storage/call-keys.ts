// The secret by which the bot knows its own calls in Azure's Activity Log.

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type CallKeys = {
  /** The same for all replicas for good. */
  current(): Promise<string>;
};
