// Tells listeners that something in the simulated workspace has changed, and waits for it.

type Change = {
  kind:
    | "message"
    | "ephemeral"
    | "view"
    | "home"
    | "call"
    | "delivery"
    | "socket"
    | "warning"
    | "workspace";
  channel?: string;
  user?: string;
  ts?: string;
};

/** Thrown by `waitFor` when the time is up. */
export class WaitTimedOut extends Error {
  override name = "WaitTimedOut";
}

export type WaitOptions = {
  /** Real milliseconds; default 20,000: a busy machine is slow, not wrong. */
  timeoutMs?: number;
  /** Named in the error when the time is up. */
  what?: string;
};

export type Changes = {
  tell(change: Change): void;
  /** Answers how to stop listening. */
  listen(listener: (change: Change) => void): () => void;
  /**
   * Resolves with the first truthy answer of `predicate`, asked now and after every change.
   * Rejects with `WaitTimedOut`, and with whatever the predicate throws.
   */
  waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<NonNullable<T>>;
};

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  const listen = (listener: (change: Change) => void): (() => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

  return {
    tell(change) {
      for (const listener of [...listeners]) listener(change);
    },
    listen,
    waitFor: (predicate, options = {}) => waitFor(listen, predicate, options),
  };
}

function waitFor<T>(
  listen: Changes["listen"],
  predicate: () => T,
  options: WaitOptions,
): Promise<NonNullable<T>> {
  const { timeoutMs = 20_000, what = "the expected state" } = options;
  return new Promise((resolve, reject) => {
    let stop = (): void => undefined;
    const timer = setTimeout(() => {
      stop();
      reject(new WaitTimedOut(`${what} did not come about within ${timeoutMs} ms`));
    }, timeoutMs);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      stop();
      finish();
    };
    const ask = (): void => {
      try {
        const answer = predicate();
        if (answer) settle(() => resolve(answer));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    stop = listen(ask);
    ask();
  });
}
