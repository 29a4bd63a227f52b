// What is worked on at once is bounded: the rest waits in order, and what would wait too long is refused.

import type { ReadAs } from "../../ports/chat.ts";
import type { Clock } from "../../ports/clock.ts";

export type WaitingRoom = {
  /** Does the work when it is its turn; `undefined`: too many wait already, and it isn't done at all. */
  run<T>(as: ReadAs, work: () => Promise<T>): Promise<T> | undefined;
};

type Room = { readonly atOnce: number; readonly waiting: number };

/**
 * Few enough that the process has time for what comes in, which Slack wants acknowledged within three
 * seconds; enough that nobody waits for an answer of Slack's to somebody else.
 */
const ROOMS: Readonly<Record<ReadAs, Room>> = {
  usual: { atOnce: 16, waiting: 2_000 },
  // Nobody who breaks the glass or ends waits behind those who do neither.
  reserved: { atOnce: 8, waiting: 500 },
};

/** While acts come in faster than this, those that wait aren't begun: acknowledging comes first, */
const QUIET_MS = 30;
/** but nobody waits longer than this for it to become quiet. */
const UNQUIET_MAX_MS = 2_000;

export function waitingRoom(
  clock: Pick<Clock, "monotonicMs" | "sleep">,
  rooms = ROOMS,
): WaitingRoom {
  const doors = { usual: door(clock, rooms.usual), reserved: door(clock, rooms.reserved) };
  return { run: (as, work) => doors[as](work) };
}

function door(clock: Pick<Clock, "monotonicMs" | "sleep">, { atOnce, waiting: most }: Room) {
  const waiting: (() => void)[] = [];
  let running = 0;
  let cameAtMs = Number.NEGATIVE_INFINITY;

  const enter = (): Promise<void> => {
    cameAtMs = clock.monotonicMs();
    running += 1;
    if (running <= atOnce) return Promise.resolve();
    return new Promise((resolve) => waiting.push(resolve));
  };
  const quiet = async (): Promise<void> => {
    const sinceMs = clock.monotonicMs();
    while (clock.monotonicMs() - cameAtMs < QUIET_MS) {
      if (clock.monotonicMs() - sinceMs >= UNQUIET_MAX_MS) return;
      await clock.sleep(QUIET_MS);
    }
  };
  const leave = async (): Promise<void> => {
    running -= 1;
    if (waiting.length === 0) return;
    await quiet();
    waiting.shift()?.();
  };

  return <T>(work: () => Promise<T>): Promise<T> | undefined =>
    running >= atOnce + most
      ? undefined
      : enter()
          .then(work)
          .finally(() => void leave());
}
