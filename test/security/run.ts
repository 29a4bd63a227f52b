// Runs one case from its first step to its last, and looks after every step whether all is as it must be.

import type { buildApp } from "../../src/app.ts";
import type { Case } from "./cases.ts";
import { type Circumstances, circumstances, confirms, faultsOf, type Terms } from "./checks.ts";
import { tally } from "./coverage.ts";
import { startCase } from "./play.ts";
import type { World } from "./world.ts";

/** Throws with the first fault; answers what was met on the way. */
export async function runCase(one: Case, build?: typeof buildApp): Promise<ReadonlySet<string>> {
  let between: Circumstances[] = [];
  const onInterruption = (now: World) => void between.push(circumstances(now));
  const player = startCase(one, { build, onInterruption });
  const { world } = player;
  const terms: Terms = new Map();
  const met = tally(one);
  for (const [index, step] of one.steps.entries()) {
    const before = circumstances(world);
    between = [];
    const done = await player.take(step);
    const during = [before, ...between, circumstances(world)];
    met.saw(world, { step, done, before });
    const isAlone = step.does !== "during" && done.length === 1;
    const faults = [...faultsOf({ world, done, isAlone, during, terms })];
    for (const act of isAlone ? done : []) {
      const confirmed = await confirms(world, act);
      if (typeof confirmed === "string") faults.push(confirmed);
    }
    if (faults.length > 0) {
      throw new Error(`step ${index} (${JSON.stringify(step)}): ${faults.join("; ")}`);
    }
  }
  return met.all;
}
