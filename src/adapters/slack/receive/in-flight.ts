// Work that goes on after Slack was acknowledged, so that stopping can wait for it: Bolt does not.

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
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), limitMs);
      });
      // What is in flight may be joined by more until the receivers have stopped.
      while (running.size > 0) {
        const all = Promise.all([...running]).then(() => "finished" as const);
        if ((await Promise.race([all, late])) === "late") break;
      }
      clearTimeout(timer);
      return running.size === 0;
    },
  };
}
