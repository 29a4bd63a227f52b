// What runs in the background of a replica, and the one way in which it does something again and again.

import type { Clock } from "./clock.ts";
import { within } from "./within.ts";

export type Service = {
  start(): void;
  /** Begins nothing new; what is in hand has `limitMs` to finish. */
  stop(limitMs: number): void | Promise<void>;
};

export type Repeating = Service & {
  /** Does the next round at once; during a round, right after it. */
  wake(): void;
};

export type Repeat = {
  readonly clock: Pick<Clock, "sleep">;
  /** Before the first round; left out: none. */
  readonly firstMs?: number;
  /**
   * A round threw, for the nth time in a row: says so where it matters, and answers how long to wait. It must
   * not throw.
   */
  readonly failed: (thrown: unknown, failures: number) => number;
};

/**
 * Does round after round from `start` to `stop`, never two at a time. A round answers how many milliseconds
 * to wait for the next; it is told by `signal` that the service stops.
 */
export function repeating(
  round: (signal: AbortSignal) => number | Promise<number>,
  { clock, firstMs = 0, failed }: Repeat,
): Repeating {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let woken = new AbortController();

  const pause = async (ms: number): Promise<void> => {
    if (ms > 0) await clock.sleep(ms, AbortSignal.any([woken.signal, stopping.signal]));
    if (woken.signal.aborted) woken = new AbortController();
  };

  const attempt = async (failures: number): Promise<{ waitMs: number; failures: number }> => {
    try {
      return { waitMs: await round(stopping.signal), failures: 0 };
    } catch (thrown) {
      return { waitMs: failed(thrown, failures + 1), failures: failures + 1 };
    }
  };

  const loop = async (): Promise<void> => {
    await pause(firstMs);
    let failures = 0;
    while (!stopping.signal.aborted) {
      const done = await attempt(failures);
      failures = done.failures;
      await pause(done.waitMs);
    }
  };

  return {
    start: () => {
      running ??= loop();
    },
    wake: () => woken.abort(WOKEN),
    stop: async (limitMs) => {
      stopping.abort(WOKEN);
      if (running !== undefined) await within(running, limitMs, clock);
    },
  };
}

/** A reason of its own: without one, each abort makes an error, stack trace and all. */
const WOKEN = "woken";

/** One run at some work. `nth` counts the runs: a lease is the same writer's to take again, and each is its own. */
export type Run = { readonly nth: number; readonly stopping: AbortSignal };

export type Resuming = Repeating & {
  /** Begins this one; doesn't wait for it. */
  now(id: string): void;
};

/**
 * Work that begins at once where somebody asked for it, and goes on where a replica left it undone: every `everyMs`
 * `resume` looks for that. `failed` says what was thrown; the work is found again by the next look.
 */
export function resuming({
  clock,
  everyMs,
  begin,
  resume,
  failed,
}: {
  readonly clock: Pick<Clock, "sleep">;
  readonly everyMs: number;
  readonly begin: (id: string, run: Run) => Promise<unknown>;
  readonly resume: (run: Run, now: Resuming["now"]) => Promise<void>;
  readonly failed: (thrown: unknown) => void;
}): Resuming {
  const stopping = new AbortController();
  const begun = new Set<Promise<void>>();
  let runs = 0;
  const run = (): Run => {
    runs += 1;
    return { nth: runs, stopping: stopping.signal };
  };
  const now = (id: string): void => {
    const going = begin(id, run())
      .then(() => undefined, failed)
      .finally(() => begun.delete(going));
    begun.add(going);
  };
  const round = async (): Promise<number> => {
    await resume(run(), now);
    return everyMs;
  };
  const service = repeating(round, {
    clock,
    firstMs: everyMs,
    failed: (thrown) => {
      failed(thrown);
      return everyMs;
    },
  });
  return {
    ...service,
    now,
    async stop(limitMs) {
      stopping.abort();
      await Promise.all([service.stop(limitMs), within(Promise.all(begun), limitMs, clock)]);
    },
  };
}

/**
 * Services that rest on one another, as one: started in order, and stopped one by one in reverse, all of them
 * within `limitMs`. One that takes too long is left behind.
 */
export function inOrder(
  services: readonly Service[],
  clock: Pick<Clock, "monotonicMs" | "sleep">,
): Service {
  return {
    start: () => {
      for (const service of services) service.start();
    },
    stop: async (limitMs) => {
      const endMs = clock.monotonicMs() + limitMs;
      for (const service of services.toReversed()) {
        const leftMs = Math.max(0, endMs - clock.monotonicMs());
        await within(Promise.resolve(service.stop(leftMs)), leftMs, clock);
      }
    },
  };
}

/** Services that don't need one another, as one: they stop at the same time. */
export function together(services: readonly Service[]): Service {
  return {
    start: () => {
      for (const service of services) service.start();
    },
    stop: async (limitMs) => {
      await Promise.all(services.map((service) => service.stop(limitMs)));
    },
  };
}
