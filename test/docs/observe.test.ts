// The alert rules and the dashboard: what they ask for is there, each alert is tried both ways and explained, and
// Prometheus's own tool takes them.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { everything } from "../adapters/metrics/everything.ts";
import { dashboard, dashboardText, filled } from "../observe/dashboard.ts";
import { simulatedDay } from "../observe/day.ts";
import { drawnDay } from "../observe/drawn-day.ts";
import { prometheusWith } from "../observe/prometheus.ts";
import { read } from "./documents.ts";

const RULES = z.object({
  groups: z.tuple([
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Jit[A-Z]\w+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(["critical", "warning", "info"]) }),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ]),
});
const CASES = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z.tuple([z.object({ alertname: z.string(), exp_alerts: z.array(z.any()) })]),
    }),
  ),
});

const alertsText = read("docs/observe/alerts.yml").text;
const casesText = read("docs/observe/alerts.test.yml").text;
const rules = RULES.parse(parse(alertsText)).groups[0].rules;
const alerts = rules.map(({ alert }) => alert);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "jit-observe-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of Debian's package `prometheus`, which `setup.sh tests` installs. Answers what it complains of. */
function promtool(command: string, files: Readonly<Record<string, string>>): string {
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return name;
  });
  const words = [...command.split(" "), paths.at(-1) ?? ""];
  const ran = spawnSync("promtool", words, { cwd: folder, encoding: "utf8" });
  if (ran.error !== undefined) throw ran.error;
  return ran.status === 0 ? "" : `${ran.stdout}${ran.stderr}`;
}

/** What the cases say where every rule has this expression instead. */
const withAll = (expr: string): string => {
  const changed = parse(alertsText) as { groups: [{ rules: Record<string, unknown>[] }] };
  for (const rule of changed.groups[0].rules) {
    rule.expr = expr;
    delete rule.for;
  }
  // It is the same at every moment: there is no need to look each minute, for a day in some cases.
  const seldom = casesText.replace("evaluation_interval: 1m", "evaluation_interval: 1h");
  const files = { "alerts.yml": stringify(changed), "alerts.test.yml": seldom };
  return promtool("test rules", files);
};

/** The samples that are served, with their labels. */
const samples = async (): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const lines = (await everything().text()).split("\n").filter((line) => /^\w/.test(line));
  const found = new Map<string, Set<string>>();
  for (const line of lines) {
    const [, name = "", labels = ""] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    const known = found.get(name) ?? new Set(["job", "instance"]);
    for (const [, label] of labels.matchAll(/(\w+)="/g)) if (label) known.add(label);
    found.set(name, known);
  }
  return found;
};

/** What an expression asks for and nobody serves: metrics, and labels of theirs. */
async function unserved(expr: string): Promise<readonly string[]> {
  const served = await samples();
  const asked = [...expr.matchAll(/\b((?:jit|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
  if (asked.length === 0) return [`no metric in ${expr}`];
  const groups = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, by = ""]) => by.split(/, */));
  return asked.flatMap(([, name = "", matchers = ""]) => {
    const labels = served.get(name);
    if (labels === undefined) return [name];
    const named = [...matchers.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].flatMap(([, one]) => one ?? []);
    return [...named, ...groups].filter((one) => !labels.has(one)).map((one) => `${name}.${one}`);
  });
}

describe("the alert rules", () => {
  it("are taken by Prometheus, and do in every case what it says", () => {
    const files = { "alerts.yml": alertsText, "alerts.test.yml": casesText };
    expect(promtool("check rules", { "alerts.yml": alertsText })).toBe("");
    expect(promtool("test rules", files)).toBe("");
  });

  it("have each a case that fires and one that stays quiet", () => {
    const { tests } = CASES.parse(parse(casesText));
    const cases = tests.map(({ alert_rule_test: [{ alertname, exp_alerts }] }) =>
      exp_alerts.length > 0 ? `${alertname} fires` : `${alertname} stays quiet`,
    );
    expect(cases).toEqual(alerts.flatMap((one) => [`${one} fires`, `${one} stays quiet`]));
    expect(tests.map(({ name }) => name)).toEqual(cases);
  });

  it("are noticed where they never fire, or always", () => {
    const never = withAll("vector(1) > 2");
    const always = withAll("vector(1)");
    for (const alert of alerts) {
      expect(never).toContain(`name: ${alert} fires`);
      expect(always).toContain(`name: ${alert} stays quiet`);
    }
  }, 240_000);

  it("ask for metrics and labels that are served", async () => {
    for (const { alert, expr } of rules) expect([alert, await unserved(expr)]).toEqual([alert, []]);
  });

  it("have each its section in the operators' page, and lead there", () => {
    const { text } = read("docs/operations.md");
    const [section = ""] = /^## Alerts\n[\s\S]*?(?=^## )/m.exec(text) ?? [];
    const parts = section.split(/^### /m).slice(1);
    expect(parts.map((one) => one.split("\n")[0])).toEqual(alerts);
    for (const part of parts) {
      for (const word of ["Means", "See", "Do"]) expect(part).toMatch(`- **${word}**: `);
    }
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    }
  });
});

describe("the dashboard", () => {
  const { panels, templating } = dashboard;
  const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr]));

  it("has panels that say what they show, side by side and not on top of each other", () => {
    const graphs = panels.filter(({ type }) => type !== "row");
    expect(graphs.length).toBeGreaterThan(15);
    expect(
      graphs.filter(({ description, targets }) => !description || targets.length === 0),
    ).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it("asks in PromQL, for metrics and labels that are served", async () => {
    const groups = [
      {
        name: "queries",
        rules: queries.map(([, expr = ""], n) => ({ record: `query:${n}`, expr: filled(expr) })),
      },
    ];
    expect(promtool("check rules", { "queries.yml": stringify({ groups }) })).toBe("");
    for (const [title, expr = ""] of queries) {
      expect([title, await unserved(filled(expr))]).toEqual([title, []]);
    }
  });

  it("shows a simulated day: Prometheus answers every query, and no panel is empty", async () => {
    const prometheus = await prometheusWith(await simulatedDay());
    const drawn = await drawnDay(prometheus).finally(prometheus.close);
    expect(drawn).toHaveLength(panels.length);
    for (const { panel, series, rows } of drawn) {
      if (panel.type === "row") continue;
      const values = series.flatMap(({ points }) => points).filter(([, one]) => one >= -1e9);
      expect([panel.title, values.length > 0 || rows.length > 0]).toEqual([panel.title, true]);
      const queries = panel.type === "table" ? rows.length : series.length;
      expect(queries).toBeGreaterThanOrEqual(panel.targets.length);
      // What is drawn has a name wherever there is more than one line.
      if (series.length > 1) expect(series.map(({ name }) => name)).not.toContain("");
    }
    // The day has what alarms are for: it isn't flat.
    const calls = drawn
      .find(({ panel }) => panel.title === "Calls")
      ?.series.map(({ name }) => name);
    expect(calls).toEqual(expect.arrayContaining(["azure failed", "slack limited", "redis ok"]));
  }, 120_000);

  it("uses no variable that it doesn't have", () => {
    const names = templating.list.map(({ name }) => name);
    const used = [...dashboardText.matchAll(/\$\{?(\w+)\}?/g)].flatMap(([, name]) => name ?? []);
    const own = used.filter((name) => !name.startsWith("__"));
    expect(new Set(own)).toEqual(new Set(names));
  });

  it("shows every metric of the bot's own", async () => {
    const shown = queries.map(([, expr]) => expr).join("\n");
    const families = [...(await samples()).keys()]
      .filter((name) => name.startsWith("jit_"))
      .map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
    const missing = [...new Set(families)].filter((name) => !shown.includes(name));
    expect(missing).toEqual([
      // Alarms go by these, and by the panels' own.
      ...["jit_events_total", "jit_set_aside_total", "jit_policy_file_refused"],
    ]);
  });

  it("would be found out asking for what isn't there", async () => {
    expect(await unserved("sum(jit_made_up_total)")).toEqual(["jit_made_up_total"]);
    expect(await unserved('jit_parked{shape="x"}')).toEqual(["jit_parked.shape"]);
    expect(await unserved("sum by (shape) (jit_parked)")).toEqual(["jit_parked.shape"]);
    expect(
      promtool("check rules", {
        "x.yml": "groups: [{name: a, rules: [{record: a, expr: 'sum('}]}]",
      }),
    ).toContain("parse error");
  });
});
