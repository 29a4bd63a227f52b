// Applies changes of JIT policies in the background: at once where they are pressed, and what others left undone.

import { isFault } from "../../ports/fault.ts";
import { type Repeating, repeating } from "../../ports/service.ts";
import { within } from "../../ports/within.ts";
import type { Deps } from "../deps.ts";
import { type Applier, applyChange, RESUME_EVERY_MS, resumeChanges } from "./apply-change.ts";

type Needs = Omit<Applier, "changes" | "worker" | "stopping"> & Pick<Deps, "changes">;

/** Woken where a replica is gone. Stops between two calls of Azure; another replica goes on. */
export type Applying = Repeating & {
  /** Applies this one; doesn't wait for it. */
  now(id: string): void;
};

export function applyingInBackground(deps: Needs, worker: string): Applying {
  const { changes, clock, log } = deps;
  const stopping = new AbortController();
  const under = new Set<Promise<void>>();
  if (changes === undefined) {
    return { start: () => {}, now: () => {}, wake: () => {}, stop: () => {} };
  }
  let runs = 0;
  /** Each run is a writer of its own: a lease is the same writer's to take again. */
  const applier = (): Applier => {
    runs += 1;
    return { ...deps, changes, worker: `${worker}@change-${runs}`, stopping: stopping.signal };
  };

  /** It stays unfinished, and is looked at again. */
  const logged = (what: string, thrown: unknown): void => {
    if (isFault(thrown)) log.warn({ code: thrown.code }, `${what}: ${thrown.message}`);
    else log.error({ err: thrown }, `${what} failed`);
  };

  const now = (id: string): void => {
    const going = applyChange(applier(), id)
      .then(() => undefined)
      .catch((thrown: unknown) => logged("applying a change", thrown))
      .finally(() => under.delete(going));
    under.add(going);
  };

  const resume = async (): Promise<number> => {
    await resumeChanges(applier());
    return RESUME_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    logged("looking for changes left undone", thrown);
    return RESUME_EVERY_MS;
  };
  const service = repeating(resume, { clock, firstMs: RESUME_EVERY_MS, failed });

  return {
    ...service,
    now,
    async stop(limitMs) {
      stopping.abort();
      await Promise.all([service.stop(limitMs), within(Promise.all(under), limitMs, clock)]);
    },
  };
}
