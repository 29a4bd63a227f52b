// The crash-point run: lives go on while the worker is killed once after every await that it has.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyBot } from "./copy.ts";
import { type CrashPoint, crashPoints, instrument } from "./crash-points.ts";
import { type Round, runRound } from "./round.ts";

export type CrashRun = {
  readonly round: Round;
  readonly points: readonly CrashPoint[];
  readonly reached: readonly CrashPoint[];
  /** Those that no life has led to. */
  readonly unreached: readonly CrashPoint[];
};

/** What no life leads to, and why: everything else that is unreached was missed by chance. */
const NO_LIFE: readonly (readonly [path: string, why: string])[] = [
  ["worker-loop.ts", "partly behind the signal to end, which nobody sends in this run"],
  ["park.ts", "only for work that failed seven times in a row"],
  ["requeue.ts", "only for what was parked"],
  ["readable-again.ts", "only for what was parked"],
  ["my-address.ts", "only where a rule opens to my-ip"],
  ["proven-still.ts", "only where a rule opens to my-ip"],
  ["recover.ts", "only where Redis has lost a record; of this file the worker uses one look"],
  ["closing-rules.ts", "only where the policy file says endEarly: nsg-rule"],
];

export const whyUnreached = (point: CrashPoint): string =>
  NO_LIFE.find(([path]) => point.includes(`/${path}:`))?.[1] ?? "missed by chance";

const REPLICAS = 4;

/**
 * Leads lives until a process has died at every point, at most this many. Faults of Slack and Azure blow,
 * lightly, for some points are behind them.
 */
export async function crashEverywhere(options: {
  seed: number;
  livesMax: number;
  say?: (line: string) => void;
}): Promise<CrashRun> {
  const folder = mkdtempSync(join(tmpdir(), "jit-crashes-"));
  const root = join(folder, "bot");
  copyBot(root);
  const { reached } = instrument(root);
  const points = crashPoints();
  try {
    const round = await runRound({
      seed: options.seed,
      lives: options.livesMax,
      topology: "single",
      perSecond: 0.7,
      replicas: REPLICAS,
      root,
      dying: true,
      isEnough: () => reached().length >= points.length,
      sides: ["slack", "azure", "admin"],
      gapMs: [4_000, 12_000],
      say: (line) => options.say?.(`${reached().length} of ${points.length} points; ${line}`),
    });
    const seen = new Set(reached());
    const unreached = points.filter((point) => !seen.has(point));
    return { round, points, reached: [...seen], unreached };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
