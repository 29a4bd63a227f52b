// Work that goes on after Slack was acknowledged, so that stopping can wait for it: Bolt doesn't.

import { inRealTime } from "../../real-time.ts";

export type InFlight = {
  /** Follows work that never rejects. */
  track(work: Promise<void>): Promise<void>;
  count(): number;
  /** Waits until nothing is in flight, at most `limitMs`; answers whether all had finished. */
  drain(limitMs: number): Promise<boolean>;
};

export function inFlight(): InFlight {
  const running = new Set<Promise<void>>();
  return {
    track(work) {
      running.add(work);
      return work.finally(() => running.delete(work));
    },
    count: () => running.size,
    async drain(limitMs) {
      // What is in flight may be joined by more until the receivers have stopped.
      const settled = async (): Promise<void> => {
        while (running.size > 0) await Promise.all([...running]);
      };
      await inRealTime(settled(), limitMs);
      return running.size === 0;
    },
  };
}
