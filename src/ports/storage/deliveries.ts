// Deliveries: commands and clicks as Slack sent them, which it may send again.

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Deliveries = {
  /** Records a delivery that wrote nothing; false: it was handled before. */
  take(delivery: string): Promise<boolean>;
};
