// The benchmark's own checks: every bound belongs to a row, a missed one is marked and fails, and what the bot
// is measured against stays out of the bot.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { filesBelow, importsOf } from "../support/source-code.ts";
import { BOUNDS } from "./bounds.ts";
import { type Found, missed, rowsOf, tableOf } from "./report.ts";

const both = (bot: number, floor: number) => ({ bot: [bot], floor: [floor] });
const rates = { perSecond: both(90, 100), p99Ms: both(10, 10), usedMs: both(1, 1) };
const lateness = (ms: number) => ({ meanMs: ms, p99Ms: ms, mostMs: ms, usedMs: 0.1 });

/** Every part was run, and everything is reached. */
const GOOD: Found = {
  ...{ start: { tookMs: both(300, 300), usedMs: both(300, 300) } },
  ...{ help: rates, refusal: rates, accepted: rates },
  lives: {
    count: 30,
    usedMs: { bot: 45, floor: 30 },
    idleMsPerSecond: { bot: 2, floor: 1 },
    calls: { bot: {}, floor: {} },
    redisCommands: 40,
  },
  bytes: { standing: 2_048, audit: 1, passing: 1 },
  lifeBytes: { standing: 1, audit: 1, passing: 1 },
  timers: {
    many: {
      bot: { ...lateness(1), ofTimer: 100, stored: 1_500 },
      bullmq: { ...lateness(20), ofTimer: 360, stored: 390 },
    },
    few: { bot: lateness(50), bullmq: lateness(20) },
  },
  traces: { usedMs: { traced: 33, plain: 30 }, spans: 90 },
  several: {
    together: { slackCalls: 1.5, usedMs: 20 },
    oneByOne: { slackCalls: 20, usedMs: 20 },
  },
  takeOver: { killedMs: [5_000, 1], toldMs: [1_000], bullmqKilledMs: 60_000 },
};

describe("the benchmark", () => {
  it("judges every figure that has a bound, each of them in a row", () => {
    const judged = rowsOf(GOOD).filter((row) => row.isReached !== undefined);
    expect(judged.map((row) => row.measure).sort()).toEqual(Object.keys(BOUNDS).sort());
    expect(missed(rowsOf(GOOD))).toEqual([]);
    expect(tableOf(rowsOf(GOOD))).not.toContain("✗");
  });

  it.each<[string, Found]>([
    ["a ratio that is too high", { ...GOOD, lives: { ...livesOf(GOOD), usedMs: used(45.1, 30) } }],
    ["a ratio that is too low", { ...GOOD, help: { ...rates, perSecond: both(79, 100) } }],
    ["a figure", { ...GOOD, lives: { ...livesOf(GOOD), redisCommands: 41 } }],
    [
      "the slowest of several",
      { ...GOOD, takeOver: { killedMs: [1, 5_001, 2], toldMs: [1], bullmqKilledMs: 60_000 } },
    ],
    ["what isn't a number", { ...GOOD, lives: { ...livesOf(GOOD), usedMs: used(45, Number.NaN) } }],
  ])("marks and fails %s", (_what, found) => {
    const rows = rowsOf(found);
    expect(missed(rows)).toHaveLength(1);
    expect(tableOf(rows).match(/✗/g)).toHaveLength(1);
  });

  it("has rows for what was run only", () => {
    expect(rowsOf({})).toEqual([]);
    const { help } = GOOD;
    expect(help && rowsOf({ help })).toHaveLength(3);
  });
});

function livesOf({ lives }: Found) {
  if (lives === undefined) throw new Error("No lives were run.");
  return lives;
}

function used(bot: number, floor: number) {
  return { bot, floor };
}

describe("BullMQ", () => {
  const users = [...filesBelow("src"), ...filesBelow("test")].filter((file) =>
    importsOf(file).some((one) => one.of === "bullmq"),
  );

  it("is used by the benchmark alone", () => {
    expect(users.map(({ path }) => path)).toEqual(["test/bench/timers-bullmq.ts"]);
  });

  it("is a development dependency, of one version", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(dependencies).not.toHaveProperty("bullmq");
    expect(devDependencies.bullmq).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
