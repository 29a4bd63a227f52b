// `npm run bench`: measures the bot side by side with a floor program, in one run and on this machine.
// Usage: node test/bench/bench.ts [--json <file>]

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PLACES, REASON, vmName } from "./estate.ts";
import { measureLives, measureRates, measureStart } from "./measures.ts";
import { startBench } from "./programs.ts";
import { bytesOfEach, measureGrantBytes } from "./redis-cost.ts";
import { machine, rowsOf, tableOf } from "./report.ts";

const WHERE = "../../node_modules/.cache/bench.json";
const { values } = parseArgs({ options: { json: { type: "string" } } });
const file = values.json ?? fileURLToPath(new URL(WHERE, import.meta.url));

/** Each in a place of its own; the last two places are for warming up. */
const LIVES = 30;

const say = (text: string) => process.stdout.write(`${text}\n`);
const startedMs = performance.now();
const step = (text: string) =>
  say(`${String(Math.round((performance.now() - startedMs) / 1_000)).padStart(4)} s  ${text}`);

step("starting two copies of the simulated servers, and Redis");
const bench = await startBench();
try {
  step("start to ready, in turn");
  const start = await measureStart(bench, 9);
  for (const program of Object.values(bench.programs)) await program.start();
  step("whole lives, to warm both up");
  const warmingUp = [PLACES - 2, PLACES - 1].flatMap((place) =>
    Object.values(bench.programs).map((program) => program.wholeLife(place)),
  );
  step("commands: /jit help");
  const help = await measureRates(bench, { text: () => "help", commands: 1_500, rounds: 7 });
  step("commands: a request that is refused");
  const unknown = "request no-such-vm 22 1h from vpn for restarting the print spooler";
  const refusal = await measureRates(bench, { text: () => unknown, commands: 500, rounds: 7 });
  step("commands: a request that is accepted");
  const accepted = await measureRates(bench, {
    text: (n) => `request ${vmName(n % PLACES)} 22 1h from vpn for ${REASON}`,
    commands: 2 * PLACES,
    rounds: 7,
    cards: true,
  });
  await Promise.all(warmingUp);
  step("whole lives of a request, each a minute long");
  const { result: lives, bytes: lifeBytes } = await bytesOfEach(bench, LIVES, () =>
    measureLives(bench, LIVES),
  );
  step("open grants");
  const bytes = await measureGrantBytes(bench, LIVES);
  step("done");

  const raw = { start, help, refusal, accepted, lives, bytes, lifeBytes };
  const rows = rowsOf(raw);
  say(`\n${tableOf(rows)}\n`);
  const perLife = (calls: Readonly<Record<string, number>>) =>
    Object.entries(calls).map(([name, count]) => `${name} ${(count / lives.count).toFixed(1)}`);
  say(`Outward calls of a life, bot:   ${perLife(lives.calls.bot).join(", ")}`);
  say(`Outward calls of a life, floor: ${perLife(lives.calls.floor).join(", ")}`);
  const on = machine();
  say(`\nMeasured on ${on.processors}, ${on.memoryGiB} GiB, ${on.platform}, Node ${on.node}.`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: on, rows, raw }, undefined, 2)}\n`);
  say(`All figures: ${file}`);
} finally {
  await bench.close();
}
