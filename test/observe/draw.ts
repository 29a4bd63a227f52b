// Draws the dashboard's panels from a day's data, much as Grafana does: as one page of HTML and SVG.

import type { Panel } from "./dashboard.ts";
import type { Series } from "./prometheus.ts";

export type Drawn = {
  readonly panel: Panel;
  /** For each query its series; named by its legend. */
  readonly series: readonly { readonly name: string; readonly points: Points }[];
  /** Of a table: the labels of each row. */
  readonly rows: readonly Readonly<Record<string, string>>[];
};
type Points = readonly (readonly [number, number])[];

/** As Grafana fills in a legend. */
export function named({ metric }: Series, legend: string | undefined): string {
  return (legend ?? "").replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");
}

export const pointsOf = ({ values }: Series): Points =>
  values.map(([seconds, value]) => [seconds * 1_000, Number(value)] as const);

const COLUMN = 62;
const ROW = 34;
const GAP = 8;
export const WIDTH = 24 * COLUMN + 2 * GAP;

/** Light, with colours that differ for most people. */
const COLOURS = [
  "#1f77b4",
  "#e07b00",
  "#2a9d55",
  "#c0392b",
  "#7d5fb5",
  "#8a6d3b",
  "#d0549b",
  "#5f6b7a",
];
const NAMED: Readonly<Record<string, string>> = {
  red: "#c0392b",
  green: "#2a9d55",
  orange: "#e07b00",
  yellow: "#b58900",
  blue: "#1f77b4",
};

/** Every graph's time, from one end to the other. */
export type Span = { readonly fromMs: number; readonly toMs: number };

export function pageOf(title: string, drawn: readonly Drawn[], span: Span): string {
  const height = Math.max(...drawn.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h)) * ROW;
  return `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title><style>
body { margin: 0; background: #f4f5f5; font: 12px/1.35 system-ui, "DejaVu Sans", sans-serif; color: #24292e; width: ${WIDTH}px; }
header { padding: 12px ${2 * GAP}px 6px; font-size: 18px; font-weight: 600; }
header small { font-size: 12px; font-weight: 400; color: #5f6b7a; margin-left: 12px; }
main { position: relative; height: ${height + GAP}px; }
section { position: absolute; box-sizing: border-box; background: #fff; border: 1px solid #d8dbdf; border-radius: 3px; padding: 6px 8px; overflow: hidden; }
section h2 { font-size: 12px; font-weight: 600; margin: 0 0 2px; }
section.row { background: none; border: 0; padding: 9px 2px; }
section.row h2 { font-size: 14px; }
.figures { display: flex; justify-content: space-evenly; align-items: center; height: 88px; text-align: center; }
.figures b { font-size: 34px; font-weight: 500; display: block; line-height: 1.1; }
.legend { white-space: nowrap; color: #444; }
.legend span { margin-right: 12px; }
.legend i { display: inline-block; width: 12px; height: 3px; margin-right: 4px; vertical-align: middle; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 3px 8px; border-bottom: 1px solid #eceef0; font-weight: 400; }
th { font-weight: 600; color: #5f6b7a; }
</style><header>${escaped(title)}<small>a simulated day, ${hourOf(span.fromMs)} to 24:00 UTC</small></header><main>${drawn.map((one) => boxOf(one, span)).join("")}</main>`;
}

function boxOf(one: Drawn, span: Span): string {
  const { x, y, w, h } = one.panel.gridPos;
  const place = `left:${GAP + x * COLUMN + GAP / 2}px;top:${y * ROW + GAP / 2}px;width:${w * COLUMN - GAP}px;height:${h * ROW - GAP}px`;
  const kind = one.panel.type === "row" ? ' class="row"' : "";
  return `<section style="${place}"${kind}><h2>${escaped(one.panel.title)}</h2>${insideOf(one, span)}</section>`;
}

function insideOf(one: Drawn, span: Span): string {
  switch (one.panel.type) {
    case "row":
      return "";
    case "stat":
      return statOf(one);
    case "timeseries":
      return graphOf(one, span);
    case "table":
      return tableOf(one);
  }
}

function statOf({ panel, series }: Drawn): string {
  const { unit, thresholds } = panel.fieldConfig?.defaults ?? {};
  const figures = series.map(({ name, points }) => {
    const value = points.at(-1)?.[1] ?? Number.NaN;
    const colour = thresholds?.steps.findLast(({ value: from }) => value >= (from ?? -Infinity));
    const style = `color:${NAMED[colour?.color ?? ""] ?? "#24292e"}`;
    return `<div><b style="${style}">${shown(value, unit)}</b>${escaped(name)}</div>`;
  });
  return `<div class="figures">${figures.join("")}</div>`;
}

function tableOf({ rows }: Drawn): string {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${line("th", heads)}${rows
    .map((row) =>
      line(
        "td",
        heads.map((head) => row[head] ?? ""),
      ),
    )
    .join("")}</table>`;
}

const AXIS = { left: 52, bottom: 18, top: 6, right: 18, legend: 38 };
const TICKS = 4;

function graphOf({ panel, series }: Drawn, { fromMs, toMs }: Span): string {
  const { unit } = panel.fieldConfig?.defaults ?? {};
  const width = panel.gridPos.w * COLUMN - GAP - 18;
  const height = panel.gridPos.h * ROW - GAP - 24 - AXIS.legend;
  const all = series.flatMap(({ points }) => points).filter(([, value]) => Number.isFinite(value));
  const values = all.map(([, value]) => value);
  const low = Math.min(0, ...values);
  const step = tickStep(Math.max(...values, 1e-9) - low, unit);
  const bottom = Math.floor(low / step) * step;
  const top = bottom + step * Math.ceil((Math.max(...values, 1e-9) - bottom) / step);
  const xOf = (ms: number) =>
    AXIS.left + ((ms - fromMs) / (toMs - fromMs)) * (width - AXIS.left - AXIS.right);
  const yOf = (value: number) =>
    height - AXIS.bottom - ((value - bottom) / (top - bottom)) * (height - AXIS.bottom - AXIS.top);
  const levels: string[] = [];
  for (let value = bottom; value <= top + step / 2; value += step) {
    levels.push(
      `<line x1="${AXIS.left}" x2="${width}" y1="${yOf(value)}" y2="${yOf(value)}" stroke="#e6e8eb"/>` +
        `<text x="${AXIS.left - 6}" y="${yOf(value) + 4}" text-anchor="end">${shown(value, unit)}</text>`,
    );
  }
  const hours = Array.from({ length: 9 }, (_, n) => fromMs + (n * (toMs - fromMs)) / 8).map(
    (ms) => `<text x="${xOf(ms)}" y="${height - 3}" text-anchor="middle">${hourOf(ms)}</text>`,
  );
  const lines = series.map(({ points }, n) => pathOf(points, { xOf, yOf, colour: colourOf(n) }));
  const legend = series.map(
    ({ name }, n) => `<span><i style="background:${colourOf(n)}"></i>${escaped(name)}</span>`,
  );
  return `<svg width="${width}" height="${height}" font-size="10" fill="#5f6b7a">${levels.join("")}${hours.join("")}${lines.join("")}</svg><div class="legend" style="white-space:normal">${legend.join("")}</div>`;
}

const colourOf = (n: number): string => COLOURS[n % COLOURS.length] ?? "#000";

type Scale = {
  readonly xOf: (ms: number) => number;
  readonly yOf: (value: number) => number;
  readonly colour: string;
};

/** Where there is no value, there is no line; a value alone is a dot. */
function pathOf(points: Points, { xOf, yOf, colour }: Scale): string {
  const runs: (readonly [number, number])[][] = [[]];
  let lastMs = Number.NEGATIVE_INFINITY;
  const usual = (points[1]?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  for (const [ms, value] of points) {
    if (!Number.isFinite(value)) continue;
    if (ms - lastMs > usual * 1.5) runs.push([]);
    runs.at(-1)?.push([ms, value]);
    lastMs = ms;
  }
  return runs
    .filter(({ length }) => length > 0)
    .map((run) => {
      const at = run.map(([ms, value]) => `${xOf(ms).toFixed(1)},${yOf(value).toFixed(1)}`);
      return run.length === 1
        ? `<circle cx="${at[0]?.split(",")[0]}" cy="${at[0]?.split(",")[1]}" r="1.5" fill="${colour}"/>`
        : `<polyline points="${at.join(" ")}" fill="none" stroke="${colour}" stroke-width="1.4"/>`;
    })
    .join("");
}

const hourOf = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

/** 1, 2 or 5 with noughts, of what people read: minutes where there are some, and MiB. */
function tickStep(range: number, unit: string | undefined): number {
  const whole = unit === "bytes" ? 2 ** 20 : unit === "s" && range > 120 ? 60 : 1;
  const rough = range / TICKS / whole;
  const scale = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((one) => one * scale >= rough) ?? 10) * scale * whole;
}

function shown(value: number, unit: string | undefined): string {
  if (!Number.isFinite(value)) return "–";
  const short = (number: number) => String(Number(number.toPrecision(3)));
  if (unit === "bytes") return `${short(value / 2 ** 20)} MiB`;
  if (unit === "reqps") return `${short(value)}/s`;
  if (unit !== "s" || value === 0) return short(value);
  const size = Math.abs(value);
  if (size < 1) return `${short(value * 1_000)} ms`;
  if (size < 60) return `${short(value)} s`;
  return size < 3_600 ? `${short(value / 60)} min` : `${short(value / 3_600)} h`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
