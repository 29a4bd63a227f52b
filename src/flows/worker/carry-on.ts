// Does what a held request needs until nothing is outstanding now, each effect at its own pace.

import type { EffectName } from "../../domain/request/document/attempts.ts";
import { outstanding } from "../../domain/request/outstanding.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { LeaseLost } from "./lease.ts";
import type { LeasedRequest } from "./leased-request.ts";

type Needs = Pick<Deps, "clock">;

/** What can happen to one request in one claim is bounded; the rest waits for the next. */
const EFFECTS_MAX = 60;

/** While an effect takes its time, so often it is looked what else has come due, or was done by others. */
const LOOK_EVERY_MS = 1_000;

/** Redis was away for a moment: an effect begins again after this long, as long as the lease holds. */
const STORE_AWAY_MS = 500;

export type CarryOn = {
  readonly run: (effect: EffectName) => Promise<void>;
  /** Nothing is begun any more; what has begun is finished. */
  readonly signal: AbortSignal;
};

/**
 * Effects run side by side and wait for nobody: a Slack that hangs delays neither what Azure should be
 * asked nor what has been decided meanwhile. Rejects with the first bug, or a fault that doesn't pass.
 */
export async function carryOn(
  deps: Needs,
  leased: LeasedRequest,
  { run, signal }: CarryOn,
): Promise<void> {
  const running = new Map<EffectName, Promise<void>>();
  const failed: unknown[] = [];
  let begun = 0;

  const attempted = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      // Its present holder goes on.
      if (thrown instanceof LeaseLost) return;
      const passes = isFault(thrown) && thrown.source === "redis" && thrown.retryable;
      if (passes && leased.leaseHolds()) await deps.clock.sleep(STORE_AWAY_MS, signal);
      else failed.push(thrown);
    }
  };

  const begin = async (effect: EffectName): Promise<void> => {
    await attempted(() => run(effect));
    running.delete(effect);
  };

  const alarm = repeatedAlarm(deps);
  for (;;) {
    const mayBegin = failed.length === 0 && !signal.aborted && leased.leaseHolds();
    for (const effect of mayBegin ? outstanding(leased.current(), leased.nowMs()) : []) {
      if (running.has(effect) || begun >= EFFECTS_MAX) continue;
      begun += 1;
      running.set(effect, begin(effect));
    }
    if (running.size === 0) {
      if (!leased.isNoted()) break;
      await attempted(leased.flush);
      continue;
    }
    const first = Promise.race(running.values()).then(() => false);
    const isLong = await Promise.race([first, alarm.rings()]);
    if (!isLong) continue;
    await attempted(leased.flush);
    await leased.refresh();
  }
  alarm.stop();
  if (failed.length > 0) throw failed[0];
}

/** Without a reason of its own an abort makes an error with a stack, for nobody. */
const NO_ERROR = "done";

/** Rings every second: one that is set again for each effect costs as much as a short effect. */
function repeatedAlarm({ clock }: Needs) {
  const over = new AbortController();
  let ringing: Promise<true> | undefined;
  return {
    rings: (): Promise<true> => {
      ringing ??= clock.sleep(LOOK_EVERY_MS, over.signal).then((): true => {
        ringing = undefined;
        return true;
      });
      return ringing;
    },
    stop: () => over.abort(NO_ERROR),
  };
}
