// A real Prometheus that has a given day in its store: filled by its own tool, asked over HTTP.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const SAMPLE = z.tuple([z.number(), z.string()]);
const SERIES = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(SAMPLE).default([]),
  value: SAMPLE.optional(),
});
const ANSWER = z.object({
  status: z.literal("success"),
  data: z.object({ result: z.array(SERIES) }),
});

export type Series = z.infer<typeof SERIES>;

export type Prometheus = {
  /** Over a time, one value for each step. */
  range(
    expr: string,
    of: { fromMs: number; toMs: number; stepMs: number },
  ): Promise<readonly Series[]>;
  now(expr: string, atMs: number): Promise<readonly Series[]>;
  close(): Promise<void>;
};

const STARTS_WITHIN_MS = 30_000;

/** `openMetrics`: every sample with its time. Throws what the tool complains of. */
export async function prometheusWith(openMetrics: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "jit-prometheus-"));
  const input = join(folder, "day.om");
  const store = join(folder, "data");
  const config = join(folder, "prometheus.yml");
  writeFileSync(input, openMetrics);
  writeFileSync(config, "global: {}\n");
  const filled = spawnSync(
    "promtool",
    ["tsdb", "create-blocks-from", "openmetrics", input, store],
    {
      encoding: "utf8",
    },
  );
  if (filled.error !== undefined) throw filled.error;
  if (filled.status !== 0) throw new Error(`${filled.stdout}${filled.stderr}`);
  const port = await freePort();
  const server = spawn(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${store}`,
      "--storage.tsdb.retention.time=100y",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  await ready(url, server).catch(async (thrown: unknown) => {
    await close();
    throw thrown;
  });
  const ask = async (path: string, query: Record<string, string>) => {
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method: "POST",
      body: new URLSearchParams(query),
    });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${query.query}: ${said}`);
    return ANSWER.parse(JSON.parse(said)).data.result;
  };
  return {
    range: (query, { fromMs, toMs, stepMs }) =>
      ask("query_range", {
        query,
        start: String(fromMs / 1_000),
        end: String(toMs / 1_000),
        step: String(stepMs / 1_000),
      }),
    now: (query, atMs) => ask("query", { query, time: String(atMs / 1_000) }),
    close,
  };
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const untilMs = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < untilMs && server.exitCode === null) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error("Prometheus didn't start: install Debian's package prometheus.");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("There is no free port."));
      });
    });
  });
}
