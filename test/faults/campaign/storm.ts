// The storm: faults drawn from all sides, one after another and side by side, each put right after a while.

import { setTimeout as wait } from "node:timers/promises";
import type { CampaignFault, Kind, Side } from "./fault.ts";
import type { Random } from "./random.ts";

export type Struck = {
  readonly name: string;
  readonly kind: Kind;
  readonly fromMs: number;
  toMs: number;
};

export type Storm = {
  /** Everything that struck, in order; `toMs` is infinite while it lasts. */
  readonly struck: readonly Struck[];
  isCalm(): boolean;
  /** Strikes no more; resolves when all is put right. */
  end(): Promise<void>;
};

export type StormOptions = {
  readonly faults: readonly CampaignFault[];
  readonly random: Random;
  readonly gapMs: readonly [least: number, most: number];
  /** While this says no, nothing new begins. */
  readonly mayStrike: () => boolean;
  readonly nowMs: () => number;
};

/** A side at a time has one fault; the sides know nothing of each other. */
export function startStorm(options: StormOptions): Storm {
  const struck: Struck[] = [];
  const ending = new AbortController();
  const sides = [...new Set(options.faults.map(({ side }) => side))];
  const running = sides.map((side) => blow(options, { side, struck, signal: ending.signal }));
  return {
    struck,
    isCalm: () => struck.every(({ toMs }) => Number.isFinite(toMs)),
    end: async () => {
      ending.abort();
      await Promise.all(running);
    },
  };
}

async function blow(
  { faults, random, gapMs, mayStrike, nowMs }: StormOptions,
  { side, struck, signal }: { side: Side; struck: Struck[]; signal: AbortSignal },
): Promise<void> {
  const own = random.fork(side);
  const ofSide = faults.filter((fault) => fault.side === side);
  const pause = (ms: number) => wait(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await pause(own.between(...gapMs));
    if (signal.aborted || !mayStrike()) continue;
    const fault = own.weighted(ofSide);
    const lastsMs = own.between(...fault.lastsMs);
    const entry: Struck = {
      name: fault.name,
      kind: fault.kind,
      fromMs: nowMs(),
      toMs: Number.POSITIVE_INFINITY,
    };
    struck.push(entry);
    const putRight = await fault.begin(own);
    await pause(lastsMs);
    await putRight();
    entry.toMs = nowMs();
  }
}
