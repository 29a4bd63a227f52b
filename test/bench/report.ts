// The figures of a run: held against what is to be reached, as a table for people and as JSON.

import { cpus, totalmem } from "node:os";
import type { Lives, Rates, Rounds, Starts } from "./measures.ts";
import type { Name } from "./programs.ts";
import type { GrantBytes } from "./redis-cost.ts";

export type Found = {
  readonly start: Starts;
  readonly help: Rates;
  readonly refusal: Rates;
  readonly accepted: Rates;
  readonly lives: Lives;
  readonly bytes: GrantBytes;
  /** Of a request that is over. */
  readonly lifeBytes: GrantBytes;
};

export type Row = {
  readonly measure: string;
  readonly unit: string;
  readonly bot: number;
  readonly floor?: number;
  /** The bot's figure by the floor's. */
  readonly ratio?: number;
  readonly target?: { readonly is: "at least" | "at most"; readonly value: number };
  readonly reached?: boolean;
};

type Target = NonNullable<Row["target"]>;

const atLeast = (value: number): Target => ({ is: "at least", value });
const atMost = (value: number): Target => ({ is: "at most", value });

export function rowsOf({
  start,
  help,
  refusal,
  accepted,
  lives,
  bytes,
  lifeBytes,
}: Found): readonly Row[] {
  return [
    compared("`/jit help`: acknowledged", "a second", help.perSecond, atLeast(0.8)),
    compared("`/jit help`: p99", "ms", help.p99Ms, atMost(1.5)),
    compared("`/jit help`: processor time", "ms", help.usedMs),
    compared("refused request: acknowledged", "a second", refusal.perSecond, atLeast(0.8)),
    compared("refused request: p99", "ms", refusal.p99Ms, atMost(1.5)),
    compared("refused request: processor time", "ms", refusal.usedMs),
    compared("accepted request: acknowledged", "a second", accepted.perSecond, atLeast(0.6)),
    compared("accepted request: p99", "ms", accepted.p99Ms, atMost(2)),
    compared("accepted request: processor time", "ms", accepted.usedMs),
    compared("one life: processor time", "ms", once(lives.usedMs), atMost(1.5)),
    compared("idle: processor time of a second", "ms", once(lives.idleMsPerSecond)),
    compared("start to ready", "ms", start.tookMs, atMost(1.5)),
    compared("start to ready: processor time", "ms", start.usedMs),
    alone("one life: Redis commands", "", lives.redisCommands, atMost(40)),
    alone("open grant: document and indexes", "bytes", bytes.standing, atMost(2_048)),
    alone("open grant: gone within minutes", "bytes", bytes.passing),
    alone("request that is over: document and indexes", "bytes", lifeBytes.standing),
    alone("request that is over: its audit", "bytes", lifeBytes.audit),
  ];
}

const once = ({ bot, floor }: Record<Name, number>): Rounds => ({ bot: [bot], floor: [floor] });

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The ratio is the median of the rounds' own: what else the machine does from one minute to the next
 * meets both programs of a round alike.
 */
function compared(measure: string, unit: string, { bot, floor }: Rounds, target?: Target): Row {
  const ratio = median(bot.map((value, round) => value / (floor[round] ?? Number.NaN)));
  return { measure, unit, bot: median(bot), floor: median(floor), ratio, ...held(ratio, target) };
}

const alone = (measure: string, unit: string, bot: number, target?: Target): Row => ({
  measure,
  unit,
  bot,
  ...held(bot, target),
});

const held = (value: number, target: Target | undefined) =>
  target && {
    target,
    reached: target.is === "at least" ? value >= target.value : value <= target.value,
  };

/** As a table of Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.measure + (row.unit === "" ? "" : `, ${row.unit}`),
    shown(row.bot),
    row.floor === undefined ? "" : shown(row.floor),
    row.ratio === undefined ? "" : row.ratio.toFixed(2),
    row.target === undefined ? "" : `${row.target.is} ${row.target.value}`,
    row.reached === undefined ? "" : row.reached ? "reached" : "missed",
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

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en-GB") : value.toFixed(value < 10 ? 2 : 1);

/** Figures mean nothing without the machine that they were measured on. */
export const machine = () => ({
  node: process.version,
  processors: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
});
