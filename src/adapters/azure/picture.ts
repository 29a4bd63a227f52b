// The picture of all VMs and JIT policies: made anew every minute, and kept while Azure is away.

import type { Picture } from "../../ports/azure.ts";
import type { Clock } from "../../ports/clock.ts";
import { Fault, isFault } from "../../ports/fault.ts";
import type { Troubles } from "./troubles.ts";

export type Pictures = {
  picture(): Picture;
  /** All who ask while a reading is under way get its result. */
  refresh(): Promise<Picture>;
  /** Reads now, and from then on in the background. Does nothing when it is started already. */
  start(): void;
  /** Ends the background reading and whatever is under way. */
  stop(): Promise<void>;
};

const EMPTY: Picture = Object.freeze({
  atMs: 0,
  vms: new Map(),
  covers: new Map(),
  unread: Object.freeze([]),
});

const RETRY_MS = 2_000;
/** Longer than this, nobody is believed who asks us to wait. */
const RETRY_MAX_MS = 5 * 60_000;

export function createPictures(options: {
  read: (stop: AbortSignal) => Promise<Picture>;
  clock: Clock;
  troubles: Troubles;
  everyMs: number;
}): Pictures {
  const { read, clock, troubles, everyMs } = options;
  let picture = EMPTY;
  let reading: Promise<Picture> | undefined;
  let stopping = new AbortController();
  let loop: Promise<void> | undefined;

  async function readNow(): Promise<Picture> {
    picture = await read(stopping.signal);
    return picture;
  }

  function refresh(): Promise<Picture> {
    reading ??= readNow().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function goOn(stop: AbortSignal): Promise<void> {
    let failures = 0;
    while (!stop.aborted) {
      const startedMs = clock.monotonicMs();
      const fault = await faultOf(refresh());
      if (stop.aborted) return;
      troubles.note("all VMs and JIT policies", fault);
      failures = fault === undefined ? 0 : failures + 1;
      const tookMs = clock.monotonicMs() - startedMs;
      await clock.sleep(
        fault === undefined
          ? // At most half of the time, so that a large tenant's quota is not used up by us alone.
            Math.max(everyMs, tookMs)
          : pauseAfter(fault, { failures, everyMs }),
        stop,
      );
    }
  }

  return {
    picture: () => picture,
    refresh,
    start() {
      if (loop !== undefined) return;
      if (stopping.signal.aborted) stopping = new AbortController();
      loop = goOn(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await loop;
      loop = undefined;
    },
  };
}

async function faultOf(refreshed: Promise<Picture>): Promise<Fault | undefined> {
  try {
    await refreshed;
    return undefined;
  } catch (thrown) {
    if (isFault(thrown)) return thrown;
    // A bug, which is to be heard of; but the next reading may be spared it.
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return new Fault({ world: "azure", code: name, message, retryable: false, cause: thrown });
  }
}

function pauseAfter(fault: Fault, after: { failures: number; everyMs: number }): number {
  if (!fault.retryable) return after.everyMs;
  const backoffMs = Math.min(RETRY_MS * 2 ** (after.failures - 1), after.everyMs);
  return Math.min(Math.max(backoffMs, fault.retryAfterMs ?? 0), RETRY_MAX_MS);
}
