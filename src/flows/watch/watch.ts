// The watch: what is done in Azure behind the bot's back. One replica at a time takes a turn: it reads the
// Activity Log of every subscription, and looks whether what the bot opened is open still.

import { isFault } from "../../ports/fault.ts";
import type { WatchTurn } from "../../ports/storage/watch.ts";
import { lookAtOpen } from "./watch-doors.ts";
import { type Follow, logFollower } from "./watch-log.ts";
import type { Watching } from "./watching.ts";

export type Watch = {
  start(): void;
  stop(): void;
  /** A replica is gone, perhaps in the middle of its turn: looks at once whether it is free. */
  look(): void;
};

/** Nobody's turn takes longer: what is left over then is the next one's. */
const LEASE_MS = 60_000;
/** Whether it is to be watched at all can be changed in the policy file. */
const LOOK_AGAIN_MS = 5_000;

export function createWatch(deps: Watching, worker: string): Watch {
  const stopping = new AbortController();
  const follow = logFollower(deps, stopping.signal);
  let isFailing = false;
  let woken = new AbortController();

  const failed = (thrown: unknown): void => {
    if (!isFault(thrown)) deps.log.error({ err: thrown }, "the watch failed; it is tried again");
    else if (!isFailing) deps.log.warn({ code: thrown.code }, "the watch has to wait");
    isFailing = true;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { watch } = deps.policy();
      let waitMs = LOOK_AGAIN_MS;
      if (watch !== undefined) {
        try {
          const leftMs = await takeTurn(deps, { worker, follow, everyMs: watch.everyMs });
          waitMs = Math.min(leftMs, watch.everyMs);
          isFailing = false;
        } catch (thrown) {
          failed(thrown);
        }
      }
      woken = new AbortController();
      await deps.clock.sleep(waitMs, AbortSignal.any([woken.signal, stopping.signal]));
    }
  };

  return {
    start: () => void loop(),
    stop: () => stopping.abort(),
    look: () => woken.abort("woken"),
  };
}

/** Answers how long to wait for the next one. */
async function takeTurn(
  deps: Watching,
  { worker, follow, everyMs }: { worker: string; follow: Follow; everyMs: number },
): Promise<number> {
  const turn = await deps.book.takeTurn(worker, { everyMs, leaseMs: LEASE_MS });
  if ("waitMs" in turn) return turn.waitMs;
  const startedMs = deps.clock.monotonicMs();
  const after: WatchTurn = {
    nowMs: turn.nowMs,
    read: await follow(turn, everyMs),
    skip: await lookAtOpen(deps, turn),
  };
  await deps.book.endTurn(worker, after, everyMs);
  return Math.max(0, everyMs - (deps.clock.monotonicMs() - startedMs));
}
