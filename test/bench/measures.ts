// The measures: how fast it starts, acknowledges, and what a whole life of a request costs.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PLACES } from "./estate.ts";
import { burst } from "./load.ts";
import { type Bench, NAMES, type Name, type Program } from "./programs.ts";
import { watchCommands } from "./redis-cost.ts";
import type { Calls } from "./servers.ts";

/** One figure for each round; the rounds of the two programs alternate. */
export type Rounds = Record<Name, number[]>;

const rounds = (): Rounds => ({ bot: [], floor: [] });

/** The other one goes first every second time: what is warm or busy favours neither. */
const inTurn = (round: number): readonly Name[] => (round % 2 === 0 ? NAMES : NAMES.toReversed());

export type Starts = { readonly tookMs: Rounds; readonly usedMs: Rounds };

/** Start to ready, with the example of a policy file that is in the documentation. */
export async function measureStart({ programs }: Bench, count: number): Promise<Starts> {
  const found: Starts = { tookMs: rounds(), usedMs: rounds() };
  // A round that does not count comes first: it finds the files cold, and fills the compile cache.
  for (let round = -1; round < count; round++) {
    for (const name of inTurn(round)) {
      const tookMs = await programs[name].start({ JIT_CONFIG: EXAMPLE });
      const usedMs = await programs[name].usedMs();
      await programs[name].stop();
      if (round < 0) continue;
      found.tookMs[name].push(tookMs);
      found.usedMs[name].push(usedMs);
    }
  }
  return found;
}

const EXAMPLE = fileURLToPath(new URL("../../docs/jit.example.yaml", import.meta.url));

export type Commands = {
  /** What the nth of them types. */
  readonly text: (n: number) => string;
  readonly commands: number;
  readonly rounds: number;
  /** Each is to have its card, too. */
  readonly cards?: true;
};

export type Rates = {
  readonly perSecond: Rounds;
  readonly p99Ms: Rounds;
  /** Processor time of a command until it is not only acknowledged, but answered. */
  readonly usedMs: Rounds;
};

/** Commands acknowledged in a second, and how long the slowest one in a hundred waits. */
export async function measureRates({ programs }: Bench, what: Commands): Promise<Rates> {
  const found: Rates = { perSecond: rounds(), p99Ms: rounds(), usedMs: rounds() };
  // A round that does not count comes first, for the compiler.
  for (let round = -1; round < what.rounds; round++) {
    for (const name of inTurn(round)) {
      const { tookMs, latenciesMs, usedMs } = await oneBurst(programs[name], what);
      if (round < 0) continue;
      found.perSecond[name].push(what.commands / (tookMs / 1_000));
      found.p99Ms[name].push(percentile(latenciesMs, 0.99));
      found.usedMs[name].push(usedMs / what.commands);
    }
  }
  return found;
}

const ANSWERED_WITHIN_MS = 60_000;

async function oneBurst(program: Program, { text, commands, cards }: Commands) {
  const { port, served } = program;
  const target = {
    port,
    signingSecret: served.signingSecret,
    responseUrl: served.answersUrl,
  };
  const before = {
    answers: await program.answers(),
    cards: await program.cards(),
    usedMs: await program.usedMs(),
  };
  const done = await burst(target, text, commands);
  const untilMs = performance.now() + ANSWERED_WITHIN_MS;
  const isDone = async () =>
    (await program.answers()) >= before.answers + commands &&
    (cards !== true || (await program.cards()) >= before.cards + commands);
  while (!(await isDone())) {
    if (performance.now() > untilMs)
      throw new Error(`The ${program.name} left commands unanswered.`);
    await wait(50);
  }
  return { ...done, usedMs: (await program.usedMs()) - before.usedMs };
}

export type Lives = {
  readonly count: number;
  /** Processor time of one life, without that of idling. */
  readonly usedMs: Record<Name, number>;
  /** Processor time of a second in which nothing is asked. */
  readonly idleMsPerSecond: Record<Name, number>;
  /** Outward calls of all lives. */
  readonly calls: Record<Name, Calls>;
  /** Redis commands of one life, without those of an idle bot. */
  readonly redisCommands: number;
};

/** The bot looks for work every second, and at other things more seldom: at all of them within a minute. */
const IDLE_MS = 60_000;

/** Lives begin this long after each other, so that little of one is merged with another's. */
const BEGIN_EVERY_MS = 500;
/** After the last card has said "Ended" there are still notices, and a last look at Azure. */
const AFTERWARDS_MS = 5_000;

/** Plays whole lives on both programs at the same time: each takes its minute. */
export async function measureLives({ programs, redis }: Bench, count: number): Promise<Lives> {
  if (count > PLACES) throw new Error(`There are places for ${PLACES} lives only.`);
  const watch = await watchCommands(redis.port);
  const counted = async () => ({
    atMs: performance.now(),
    commands: watch.count(),
    bot: await programs.bot.usedMs(),
    floor: await programs.floor.usedMs(),
  });
  const idle = await counted();
  await wait(IDLE_MS);
  for (const name of NAMES) await programs[name].forgetCalls();
  const before = await counted();
  const playing: Promise<void>[] = [];
  for (let place = 0; place < count; place++) {
    playing.push(...NAMES.map((name) => programs[name].wholeLife(place)));
    await wait(BEGIN_EVERY_MS);
  }
  await Promise.all(playing);
  await wait(AFTERWARDS_MS);
  const after = await counted();
  watch.stop();
  const idled = (what: Name | "commands") =>
    (before[what] - idle[what]) / ((before.atMs - idle.atMs) / 1_000);
  const each = (what: Name | "commands") => {
    const seconds = (after.atMs - before.atMs) / 1_000;
    return (after[what] - before[what] - idled(what) * seconds) / count;
  };
  return {
    count,
    usedMs: { bot: each("bot"), floor: each("floor") },
    idleMsPerSecond: { bot: idled("bot"), floor: idled("floor") },
    calls: { bot: await programs.bot.calls(), floor: await programs.floor.calls() },
    redisCommands: each("commands"),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
