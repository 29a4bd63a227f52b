// The figures of a run: held against what is to be reached, as a table for people and as JSON.

import { cpus, totalmem } from "node:os";
import { BOUNDS, type Bound, keeps } from "./bounds.ts";
import { MANY } from "./estate.ts";
import type { Lives, Rates, Rounds, Starts } from "./measures.ts";
import type { Name } from "./programs.ts";
import type { GrantBytes } from "./redis-cost.ts";
import type { Several } from "./several.ts";
import type { TakeOvers } from "./take-over.ts";
import type { Peer, Timers } from "./timers.ts";
import type { Traced } from "./traces.ts";

/** Of the parts that were run. */
export type Found = {
  readonly start?: Starts;
  readonly help?: Rates;
  readonly refusal?: Rates;
  readonly accepted?: Rates;
  readonly lives?: Lives;
  /** Of an open grant. */
  readonly bytes?: GrantBytes;
  /** Of a request that is over. */
  readonly lifeBytes?: GrantBytes;
  readonly timers?: Timers;
  readonly takeOver?: TakeOvers;
  readonly traces?: Traced;
  readonly several?: Several;
};

export type Row = {
  readonly measure: string;
  readonly unit: string;
  readonly bot: number;
  /** What does the same beside it. */
  readonly beside?: {
    readonly what: "floor" | "BullMQ" | "without" | "alone";
    readonly value: number;
  };
  /** The bot's figure by the other's. */
  readonly ratio?: number;
  readonly bound?: Bound;
  readonly isReached?: boolean;
};

export function rowsOf(found: Found): readonly Row[] {
  const { start, help, refusal, accepted, lives, bytes, lifeBytes } = found;
  const { timers, takeOver, traces, several } = found;
  return [
    ...rates("`/jit help`", help),
    ...rates("refused request", refusal),
    ...rates("accepted request", accepted),
    ...(lives === undefined
      ? []
      : [
          compared("one life: processor time", "ms", once(lives.usedMs)),
          compared("idle: processor time of a second", "ms", once(lives.idleMsPerSecond)),
        ]),
    ...(start === undefined
      ? []
      : [
          compared("start to ready", "ms", start.tookMs),
          compared("start to ready: processor time", "ms", start.usedMs),
        ]),
    ...(traces === undefined ? [] : [tracedRow(traces)]),
    ...(several === undefined ? [] : severalRows(several)),
    ...(timers === undefined ? [] : timerRows(timers)),
    ...(takeOver === undefined ? [] : takeOverRows(takeOver)),
    ...(lives === undefined ? [] : [alone("one life: Redis commands", "", lives.redisCommands)]),
    ...(bytes === undefined
      ? []
      : [
          alone("open grant: document and indexes", "bytes", bytes.standing),
          alone("open grant: gone within minutes", "bytes", bytes.passing),
        ]),
    ...(lifeBytes === undefined
      ? []
      : [
          alone("request that is over: document and indexes", "bytes", lifeBytes.standing),
          alone("request that is over: its audit", "bytes", lifeBytes.audit),
        ]),
  ];
}

const rates = (what: string, found: Rates | undefined): readonly Row[] =>
  found === undefined
    ? []
    : [
        compared(`${what}: acknowledged`, "a second", found.perSecond),
        compared(`${what}: p99`, "ms", found.p99Ms),
        compared(`${what}: processor time`, "ms", found.usedMs),
      ];

const timerRows = ({ many, few }: Timers): readonly Row[] => [
  peered("20,000 timers at 667 a second: lateness, mean", "ms", of(many, "meanMs")),
  peered("20,000 timers at 667 a second: lateness, p99", "ms", of(many, "p99Ms")),
  peered("20,000 timers at 667 a second: processor time of one", "ms", of(many, "usedMs")),
  peered("a timer: Redis memory", "bytes", of(many, "ofTimer")),
  peered("a timer with what is kept for it: Redis memory", "bytes", of(many, "stored")),
  peered("20 timers a second: lateness, mean", "ms", of(few, "meanMs")),
  peered("20 timers a second: lateness, p99", "ms", of(few, "p99Ms")),
];

const of = <Key extends string>(
  both: Readonly<Record<Peer, Readonly<Record<Key, number>>>>,
  key: Key,
): Record<Peer, number> => ({ bot: both.bot[key], bullmq: both.bullmq[key] });

const takeOverRows = ({ killedMs, toldMs, bullmqKilledMs }: TakeOvers): readonly Row[] => [
  peered("another replica carries on after SIGKILL, slowest of five", "ms", {
    bot: Math.max(...killedMs),
    bullmq: bullmqKilledMs,
  }),
  alone("another replica carries on after SIGTERM, slowest of five", "ms", Math.max(...toldMs)),
];

const severalRows = ({ together, oneByOne }: Several): readonly Row[] => [
  // The calls of all twenty, by those of one.
  severalRow("20 VMs in one request: calls to Slack", "", {
    bot: together.slackCalls * MANY,
    alone: oneByOne.slackCalls,
  }),
  severalRow("20 VMs in one request: processor time of one", "ms", {
    bot: together.usedMs,
    alone: oneByOne.usedMs,
  }),
];

const severalRow = (
  measure: string,
  unit: string,
  { bot, alone: value }: { readonly bot: number; readonly alone: number },
): Row => judged({ measure, unit, bot, beside: { what: "alone", value }, ratio: bot / value });

const tracedRow = ({ usedMs: { traced, plain } }: Traced): Row =>
  judged({
    ...{ measure: "one life with traces: processor time", unit: "ms", bot: traced },
    beside: { what: "without", value: plain },
    ratio: traced / plain,
  });

const once = ({ bot, floor }: Record<Name, number>): Rounds => ({ bot: [bot], floor: [floor] });

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The ratio is the median of the rounds' own: what else the machine does from one minute to the next
 * meets both programs of a round alike.
 */
function compared(measure: string, unit: string, { bot, floor }: Rounds): Row {
  const ratio = median(bot.map((value, round) => value / (floor[round] ?? Number.NaN)));
  const beside = { what: "floor", value: median(floor) } as const;
  return judged({ measure, unit, bot: median(bot), beside, ratio });
}

const peered = (measure: string, unit: string, { bot, bullmq }: Record<Peer, number>): Row =>
  judged({
    ...{ measure, unit, bot, beside: { what: "BullMQ", value: bullmq } },
    ratio: bot / bullmq,
  });

const alone = (measure: string, unit: string, bot: number): Row => judged({ measure, unit, bot });

function judged(row: Row): Row {
  const bound = BOUNDS[row.measure];
  if (bound === undefined) return row;
  const value = bound.of === "ratio" ? row.ratio : row.bot;
  return { ...row, bound, isReached: value !== undefined && keeps(value, bound) };
}

/** The rows that miss what they have to reach: the benchmark fails with them. */
export const missed = (rows: readonly Row[]): readonly Row[] =>
  rows.filter((row) => row.isReached === false);

/** As a table of Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.measure + (row.unit === "" ? "" : `, ${row.unit}`),
    shown(row.bot),
    row.beside === undefined ? "" : besideOf(row.beside),
    row.ratio === undefined ? "" : row.ratio.toFixed(2),
    row.bound === undefined ? "" : boundOf(row.bound, row.unit),
    row.isReached === undefined ? "" : row.isReached ? "✓" : "✗",
  ]);
  const head = ["measure", "bot", "floor", "ratio", "to reach", ""];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, n) => (n === 0 ? text.padEnd(widths[n] ?? 0) : text.padStart(widths[n] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, n) =>
    n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...cells.map(line)].join("\n");
}

const besideOf = ({ what, value }: NonNullable<Row["beside"]>): string =>
  what === "floor" ? shown(value) : `${shown(value)} (${what})`;

const boundOf = ({ of, is, value }: Bound, unit: string): string =>
  of === "ratio" ? `${is} ${value}` : `${is} ${shown(value)} ${unit}`.trimEnd();

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en-GB") : value.toFixed(value < 10 ? 2 : 1);

/** Figures mean nothing without the machine that they were measured on. */
export const machine = () => ({
  node: process.version,
  processors: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
});
