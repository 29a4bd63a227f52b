// Runs what is to happen later by the workspace's clock, which tests move by hand.

export type Schedule = {
  add(atMs: number, task: () => Promise<void>): void;
  /** Runs everything that is due by now, and whatever that makes due; resolves when it is done. */
  runDue(): Promise<void>;
  close(): void;
};

/** How often, in real time, the clock is looked at; nothing here needs to be more exact. */
const LOOK_EVERY_MS = 250;

export function createSchedule(nowMs: () => number): Schedule {
  const waiting: { atMs: number; task: () => Promise<void> }[] = [];

  const runDue = async (): Promise<void> => {
    for (;;) {
      const index = waiting.findIndex((one) => one.atMs <= nowMs());
      const [due] = index < 0 ? [] : waiting.splice(index, 1);
      if (!due) return;
      await due.task();
    }
  };
  const look = setInterval(() => void runDue(), LOOK_EVERY_MS);
  look.unref();

  return {
    add(atMs, task) {
      waiting.push({ atMs, task });
      if (atMs <= nowMs()) void runDue();
    },
    runDue,
    close() {
      clearInterval(look);
      waiting.length = 0;
    },
  };
}
