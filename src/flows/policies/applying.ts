// Applies changes of JIT policies in the background: at once where they are pressed, and what others left undone.

import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { type Applier, applyChange, RESUME_EVERY_MS, resumeChanges } from "./apply-change.ts";

export type Applying = {
  /** Begins to look for what was left undone. */
  start(): void;
  /** Applies this one; does not wait for it. */
  now(id: string): void;
  /** A replica is gone: looks at once for what it left undone. */
  look(): void;
  /** Stops between two calls of Azure; another replica goes on. Resolves within `limitMs`. */
  stop(limitMs: number): Promise<void>;
};

export function applyingInBackground(deps: Deps, worker: string): Applying {
  const { changes, clock, log } = deps;
  const stopping = new AbortController();
  const under = new Set<Promise<void>>();
  if (changes === undefined) {
    return { start: () => {}, now: () => {}, look: () => {}, stop: () => Promise.resolve() };
  }
  let runs = 0;
  /** Each run is a writer of its own: a lock is the same writer's to take again. */
  const applier = (): Applier => {
    runs += 1;
    return { ...deps, changes, worker: `${worker}@change-${runs}`, stopping: stopping.signal };
  };

  const track = (what: string, work: () => Promise<unknown>): Promise<void> => {
    const going = work().then(
      () => undefined,
      (thrown: unknown) => {
        // It stays unfinished, and is looked at again.
        if (isFault(thrown)) log.warn({ code: thrown.code }, `${what}: ${thrown.message}`);
        else log.error({ err: thrown }, `${what} failed`);
      },
    );
    under.add(going);
    return going.finally(() => under.delete(going));
  };

  const resume = () => track("looking for changes left undone", () => resumeChanges(applier()));

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(RESUME_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await resume();
    }
  };

  return {
    start: () => void loop(),
    look: () => {
      if (!stopping.signal.aborted) void resume();
    },
    now: (id) => void track("applying a change", () => applyChange(applier(), id)),
    async stop(limitMs) {
      stopping.abort();
      await Promise.race([Promise.all(under), clock.sleep(limitMs)]);
    },
  };
}
