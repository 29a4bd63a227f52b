// Applies changes of JIT policies in the background: at once where they are pressed, and what others left undone.

import { isFault } from "../../ports/fault.ts";
import { type Resuming, type Run, resuming } from "../../ports/service.ts";
import type { Deps } from "../deps.ts";
import { type Applier, applyChange, RESUME_EVERY_MS, resumeChanges } from "./apply-change.ts";

type Needs = Omit<Applier, "changes" | "worker" | "stopping"> & Pick<Deps, "changes">;

/** Woken where a replica is gone. Stops between two calls of Azure; another replica goes on. */
export function applyingInBackground(deps: Needs, worker: string): Resuming {
  const { changes, clock, log } = deps;
  if (changes === undefined) {
    return { start: () => {}, now: () => {}, wake: () => {}, stop: () => {} };
  }
  const applier = ({ nth, stopping }: Run): Applier => ({
    ...deps,
    changes,
    worker: `${worker}@change-${nth}`,
    stopping,
  });
  return resuming({
    clock,
    everyMs: RESUME_EVERY_MS,
    begin: (id, run) => applyChange(applier(run), id),
    resume: (run) => resumeChanges(applier(run)),
    failed: (thrown) => {
      if (isFault(thrown)) log.warn({ code: thrown.code }, `applying a change: ${thrown.message}`);
      else log.error({ err: thrown }, "applying a change failed");
    },
  });
}
