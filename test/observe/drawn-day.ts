// What each panel of the dashboard shows of the simulated day, by its own queries.

import { dashboard, filled, type Panel } from "./dashboard.ts";
import { DAY_BEGINS_MS, DAY_ENDS_MS, SCRAPED_EVERY_MS } from "./day.ts";
import { type Drawn, named, pointsOf } from "./draw.ts";
import type { Prometheus } from "./prometheus.ts";

const RATE_INTERVAL = `${(4 * SCRAPED_EVERY_MS) / 60_000}m`;
/** The store's first minutes have no rate yet. */
const FROM_MS = DAY_BEGINS_MS + 10 * SCRAPED_EVERY_MS;
const STEP_MS = 4 * 60_000;

/** Beside these a row has what tells it from others. */
const INTERNAL = ["__name__", "job"];

export async function drawnDay(prometheus: Prometheus): Promise<readonly Drawn[]> {
  const drawn: Drawn[] = [];
  for (const panel of dashboard.panels) drawn.push(await drawnPanel(prometheus, panel));
  return drawn;
}

async function drawnPanel(prometheus: Prometheus, panel: Panel): Promise<Drawn> {
  const queries = panel.targets.map(({ expr, legendFormat }) => ({
    legendFormat,
    expr: filled(expr, RATE_INTERVAL),
  }));
  if (panel.type === "table") {
    const found = await Promise.all(queries.map(({ expr }) => prometheus.now(expr, DAY_ENDS_MS)));
    const rows = Map.groupBy(found.flat(), ({ metric }) => metric.instance ?? "");
    return { panel, series: [], rows: [...rows.values()].map(joined) };
  }
  const of = { fromMs: FROM_MS, toMs: DAY_ENDS_MS, stepMs: STEP_MS };
  const found = await Promise.all(
    queries.map(async ({ expr, legendFormat }) =>
      (await prometheus.range(expr, of)).map((one) => ({
        name: named(one, legendFormat),
        points: pointsOf(one),
      })),
    ),
  );
  return { panel, series: found.flat(), rows: [] };
}

const joined = (all: readonly { readonly metric: Readonly<Record<string, string>> }[]) =>
  Object.fromEntries(
    all.flatMap(({ metric }) => Object.entries(metric)).filter(([key]) => !INTERNAL.includes(key)),
  );
