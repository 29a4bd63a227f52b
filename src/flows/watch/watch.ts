// The watch: what is done in Azure behind the bot's back. One replica at a time takes a turn: it reads the
// Activity Log of every subscription, and looks whether what the bot opened is open still.

import { isFault } from "../../ports/fault.ts";
import { type Repeating, repeating } from "../../ports/service.ts";
import type { WatchTurn } from "../../ports/storage/watch-repository.ts";
import { lookAtOpen } from "./watch-doors.ts";
import { type Follow, logFollower } from "./watch-log.ts";
import type { Watching } from "./watching.ts";

/** Nobody's turn takes longer: what is left over then is the next one's. */
const LEASE_MS = 60_000;
/** The policy file can switch watching on and off. */
const LOOK_AGAIN_MS = 5_000;

/** Woken where a replica is gone, perhaps in the middle of its turn. */
export function createWatch(deps: Watching, worker: string): Repeating {
  const stopping = new AbortController();
  const follow = logFollower(deps, stopping.signal);
  const look = async (): Promise<number> => {
    const { watch } = deps.policy();
    if (watch === undefined) return LOOK_AGAIN_MS;
    const leftMs = await takeTurn(deps, { worker, follow, everyMs: watch.everyMs });
    return Math.min(leftMs, watch.everyMs);
  };
  const failed = (thrown: unknown, failures: number): number => {
    if (!isFault(thrown)) deps.log.error({ err: thrown }, "the watch failed; it is tried again");
    else if (failures === 1) deps.log.warn({ code: thrown.code }, "the watch has to wait");
    return LOOK_AGAIN_MS;
  };
  const service = repeating(look, { clock: deps.clock, failed });
  return {
    ...service,
    stop: (limitMs) => {
      stopping.abort(STOPPED);
      return service.stop(limitMs);
    },
  };
}

const STOPPED = "stopped";

/** Answers how long to wait for the next one. */
async function takeTurn(
  deps: Watching,
  { worker, follow, everyMs }: { worker: string; follow: Follow; everyMs: number },
): Promise<number> {
  const turn = await deps.watchRepository.takeTurn(worker, { everyMs, leaseMs: LEASE_MS });
  if ("waitMs" in turn) return turn.waitMs;
  const startedMs = deps.clock.monotonicMs();
  const after: WatchTurn = {
    nowMs: turn.nowMs,
    read: await follow(turn, everyMs),
    skip: await lookAtOpen(deps, turn),
  };
  await deps.watchRepository.endTurn(worker, after, everyMs);
  return Math.max(0, everyMs - (deps.clock.monotonicMs() - startedMs));
}
