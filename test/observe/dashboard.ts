// The dashboard as its file has it: the panels, and the queries as Grafana fills them in.

import { z } from "zod";
import { read } from "../docs/documents.ts";

const STEP = z.object({ color: z.string(), value: z.number().nullable() });
const PANEL = z.object({
  id: z.number(),
  type: z.enum(["row", "stat", "timeseries", "table"]),
  title: z.string().min(1),
  description: z.string().optional(),
  gridPos: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string().optional(),
        thresholds: z.object({ steps: z.array(STEP) }).optional(),
      }),
    })
    .optional(),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string().optional() }))
    .default([]),
});
const DASHBOARD = z.object({
  title: z.string(),
  uid: z.string().max(40),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(PANEL),
});

export type Panel = z.infer<typeof PANEL>;

export const dashboardText = read("docs/observe/dashboard.json").text;
export const dashboard = DASHBOARD.parse(JSON.parse(dashboardText));

/** `$__rate_interval` is four times the time from one scrape to the next. */
export const filled = (expr: string, rateInterval = "5m"): string =>
  expr.replaceAll("$__rate_interval", rateInterval).replaceAll("$job", ".*");
