// Time as the process itself measures it. What is stored or decided uses Redis's clock (see `store.ts`).

export type Clock = {
  /** Milliseconds since the epoch by this machine: for logs and for ages of caches. */
  nowMs(): number;
  /** Never goes backwards: for leases and time-outs. */
  monotonicMs(): number;
  /** Resolves after `ms`, or earlier when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export type Random = {
  bytes(count: number): Uint8Array;
};
