// `npm run test:faults`: runs the campaign, and prints what it found with the seeds that find it again.

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { crashEverywhere, whyUnreached } from "./crash.ts";
import type { Side } from "./fault.ts";
import { TOPOLOGIES, type TopologyName } from "./redis-topologies.ts";
import { type Round, type RoundOptions, runRound, SIDES } from "./round.ts";
import { addTo, EMPTY_TALLY, tallyLines } from "./tally.ts";

const USAGE = `Usage: npm run test:faults -- [--seed <number>] [--lives <number>] [--topology single|sentinel|cluster|all]
       [--per-second <number>] [--at-once <number>] [--worlds <number>] [--minutes <number>] [--sides bot,redis,slack,azure,admin] [--only <fault>]
       [--round <lives>] [--kinds <life>,…] [--storm <seconds>] [--output <file>] [--wait-replicas <number>] [--verbose]
       npm run test:faults -- --crashes [--seed <number>] [--lives <number>]   kills the worker after each of its awaits
`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    lives: { type: "string", default: "40" },
    round: { type: "string", default: "250" },
    topology: { type: "string", default: "single" },
    "per-second": { type: "string", default: "4" },
    "at-once": { type: "string", default: "150" },
    worlds: { type: "string", default: "1" },
    minutes: { type: "string" },
    sides: { type: "string", default: SIDES.join() },
    only: { type: "string" },
    kinds: { type: "string" },
    storm: { type: "string" },
    output: { type: "string" },
    "wait-replicas": { type: "string" },
    crashes: { type: "boolean" },
    verbose: { type: "boolean" },
    help: { type: "boolean" },
  },
});

// Each server of each world listens, so that it ends with this process.
process.setMaxListeners(0);

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  return values.crashes === true ? crashes(seed) : campaign(plan(seed));
}

/** Round after round, each with the next seed and the next topology. */
function plan(seed: number): RoundOptions[] {
  const topologies = values.topology === "all" ? TOPOLOGIES : [values.topology as TopologyName];
  const rounds: RoundOptions[] = [];
  // A world of this many lives has to fit into memory.
  const inRound = Number(values.round);
  for (let left = Number(values.lives); left > 0; left -= inRound) {
    rounds.push({
      seed: seed + rounds.length,
      lives: Math.min(left, inRound),
      topology: topologies[rounds.length % topologies.length] ?? "single",
      ...(values["wait-replicas"] !== undefined && {
        waitReplicas: Number(values["wait-replicas"]),
      }),
      perSecond: Number(values["per-second"]),
      atOnce: Number(values["at-once"]),
      sides: values.sides.split(",").filter((side) => side !== "") as Side[],
      ...(values.verbose === true && { say }),
      ...(values.only !== undefined && { only: new RegExp(values.only) }),
      ...(values.kinds !== undefined && { kinds: values.kinds.split(",") }),
      ...(values.storm !== undefined && { stormMs: Number(values.storm) * 1_000 }),
    });
  }
  return rounds;
}

async function campaign(rounds: RoundOptions[]): Promise<number> {
  const startedMs = Date.now();
  let tally = EMPTY_TALLY;
  let isFine = true;
  const first = rounds[0]?.seed;
  const summary = () => {
    const took = Math.round((Date.now() - startedMs) / 60_000);
    say(`\nseeds from ${first}; ${cpus().length} × ${cpus()[0]?.model.trim()}; ${took} minutes`);
    for (const line of tallyLines(tally)) say(line);
  };
  // What was started ends with this process: it listens for that.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      summary();
      process.exit(130);
    });
  }
  const lastsMs = Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const isTimeLeft = () => Date.now() - startedMs < lastsMs;
  const next = async (): Promise<void> => {
    for (
      let options = rounds.shift();
      options !== undefined && isTimeLeft();
      options = rounds.shift()
    ) {
      try {
        const round = await runRound(options);
        tell(round);
        if (values.output !== undefined) await keep(values.output, round);
        tally = addTo(tally, round);
        isFine &&= round.verdicts.length === 0 && round.wrong.length === 0;
      } catch (thrown) {
        isFine = false;
        say(`seed ${options.seed}, ${options.topology}: BROKE OFF ${String(thrown)}`);
      }
    }
  };
  // While one world winds up, another is in the middle of it.
  await Promise.all(Array.from({ length: Number(values.worlds) }, next));
  summary();
  return isFine ? 0 : 1;
}

async function crashes(seed: number): Promise<number> {
  const livesMax = Number(values.lives);
  const run = await crashEverywhere({ seed, livesMax, ...(values.verbose === true && { say }) });
  tell(run.round);
  say(`${run.reached.length} of ${run.points.length} points were reached`);
  const reasons = Map.groupBy(run.unreached, whyUnreached);
  for (const [why, points] of reasons) {
    say(`  not reached, ${why}:`);
    for (const point of points) say(`    ${point}`);
  }
  return run.round.verdicts.length + run.round.wrong.length === 0 ? 0 : 1;
}

function tell({ options, verdicts, wrong, struck, livesUnder, answered, tookMs }: Round): void {
  const { seed, lives, topology } = options;
  say(
    `seed ${seed}, ${topology}: ${lives} lives (${answered} answered), ${struck.length} faults, ${Math.round(tookMs / 1_000)} s; lives under ${JSON.stringify(livesUnder)}`,
  );
  for (const line of wrong) say(`  WRONG ${line}`);
  for (const { rule, id, says } of verdicts) say(`  ${rule}: ${id}: ${says}`);
}

async function keep(file: string, round: Round): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(
    `${file}-${round.options.seed}.json`,
    JSON.stringify(
      { ...round, evidence: { ...round.evidence, direct: [...round.evidence.direct] } },
      null,
      1,
    ),
  );
}

process.exitCode = await main();
