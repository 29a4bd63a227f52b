// `npm run bench`: measures the bot side by side with a floor program and with BullMQ, in one run and on this
// machine. Exits with 1 where a figure misses its bound.
// Usage: node test/bench/bench.ts [--json <file>] [--only start,commands,lives,accepted,timers,take-over,traces,several]

import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PLACES, REASON, vmName } from "./estate.ts";
import { type Lives, measureLives, measureRates, measureStart } from "./measures.ts";
import { type Bench, startBench } from "./programs.ts";
import { bytesOfEach, measureGrantBytes } from "./redis-cost.ts";
import { type Found, machine, missed, rowsOf, tableOf } from "./report.ts";
import { measureSeveral } from "./several.ts";
import { measureTakeOver } from "./take-over.ts";
import { measureTimers } from "./timers.ts";
import { measureTraces } from "./traces.ts";

const WHERE = "../../node_modules/.cache/bench.json";
const PARTS = [
  "start",
  "commands",
  "lives",
  "accepted",
  "timers",
  "take-over",
  "traces",
  "several",
] as const;
type Part = (typeof PARTS)[number];

const options = { json: { type: "string" }, only: { type: "string" } } as const;
const { values } = parseArgs({ options });
const file = values.json ?? fileURLToPath(new URL(WHERE, import.meta.url));
const only = values.only?.split(",");
const isWanted = (part: Part): boolean => only?.includes(part) ?? true;

/** Each in a place of its own; the last two places are for warming up. */
const LIVES = 90;

const say = (text: string) => process.stdout.write(`${text}\n`);
const startedMs = performance.now();
const step = (text: string) =>
  say(`${String(Math.round((performance.now() - startedMs) / 1_000)).padStart(4)} s  ${text}`);

async function commands(bench: Bench): Promise<Found> {
  step("commands: /jit help");
  const help = await measureRates(bench, { text: () => "help", commands: 1_500, rounds: 7 });
  step("commands: a request that is refused");
  const unknown = "request no-such-vm 22 1h from vpn for restarting the print spooler";
  const refusal = await measureRates(bench, { text: () => unknown, commands: 500, rounds: 7 });
  return { help, refusal };
}

/** After the lives: from then on the bot keeps an eye on all who wait for a decision. */
async function accepted(bench: Bench): Promise<Found> {
  step("commands: a request that is accepted");
  return {
    accepted: await measureRates(bench, {
      text: (n) => `request ${vmName(n % PLACES)} 22 1h from vpn for ${REASON}`,
      commands: 2 * PLACES,
      rounds: 7,
      cards: true,
    }),
  };
}

async function wholeLives(bench: Bench): Promise<Found> {
  step("whole lives of a request, each a minute long");
  const { result: lives, bytes: lifeBytes } = await bytesOfEach(bench, LIVES, () =>
    measureLives(bench, LIVES),
  );
  step("open grants");
  const bytes = await measureGrantBytes(bench, LIVES);
  return { lives, lifeBytes, bytes };
}

async function measured(bench: Bench): Promise<Found> {
  let found: Found = {};
  if (isWanted("timers")) {
    step("timers, many and few");
    found = { timers: await measureTimers() };
  }
  if (isWanted("start")) {
    step("start to ready, in turn");
    found = { ...found, start: await measureStart(bench, 9) };
  }
  if (isWanted("traces")) {
    step("whole lives, with traces and without");
    found = { ...found, traces: await measureTraces(bench.policyFile) };
  }
  if (isWanted("several")) {
    step("twenty VMs, in one request and one by one");
    found = { ...found, several: await measureSeveral(bench.policyFile) };
  }
  if (only?.every((part) => part === "traces" || part === "several")) return found;
  const programs = Object.values(bench.programs);
  for (const program of programs) await program.start();
  step("whole lives, to warm both up");
  const warmingUp = [PLACES - 2, PLACES - 1].flatMap((place) =>
    programs.map((program) => program.wholeLife(place)),
  );
  if (isWanted("commands")) found = { ...found, ...(await commands(bench)) };
  await Promise.all(warmingUp);
  if (isWanted("lives")) found = { ...found, ...(await wholeLives(bench)) };
  if (isWanted("accepted")) found = { ...found, ...(await accepted(bench)) };
  if (isWanted("take-over")) {
    step("another replica carries on");
    found = { ...found, takeOver: await measureTakeOver(bench) };
  }
  return found;
}

function sayCalls({ calls, count }: Lives): void {
  for (const [name, of] of Object.entries(calls)) {
    const each = Object.entries(of).map(([call, times]) => `${call} ${(times / count).toFixed(1)}`);
    say(`Outward calls of a life, ${name}: ${each.join(", ")}`);
  }
}

const loadBefore = loadavg()[0] ?? Number.NaN;
step("starting two copies of the simulated servers, and Redis");
const bench = await startBench();
try {
  const found = await measured(bench);
  step("done");
  const rows = rowsOf(found);
  say(`\n${tableOf(rows)}\n`);
  if (found.lives !== undefined) sayCalls(found.lives);
  const on = machine();
  say(`\nMeasured on ${on.processors}, ${on.memoryGiB} GiB, ${on.platform}, Node ${on.node};`);
  say(`the load average was ${loadBefore.toFixed(1)} before it began.`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine: on, rows, raw: found }, undefined, 2)}\n`);
  say(`All figures: ${file}`);
  const short = missed(rows);
  for (const { measure } of short) say(`✗ ${measure}`);
  if (short.length > 0) process.exitCode = 1;
} finally {
  await bench.close();
}
