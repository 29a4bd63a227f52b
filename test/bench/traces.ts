// What traces cost: whole lives on two copies of the bot at the same time, one of which sends them to a collector.

import { setTimeout as wait } from "node:timers/promises";
import { startRedis } from "../support/redis.ts";
import { startOtlpSink } from "../support/sinks/otlp-sink.ts";
import { PLACES } from "./estate.ts";
import { botProgram, type Program } from "./programs.ts";

const WAYS = ["traced", "plain"] as const;
type Way = (typeof WAYS)[number];

export type Traced = {
  /** Processor time of one life, without that of idling. */
  readonly usedMs: Record<Way, number>;
  /** Spans of one life that the collector got. */
  readonly spans: number;
};

/** What comes first doesn't count: it is for the compiler. */
const WARMING_UP = 20;
const COUNTED = PLACES - WARMING_UP;
const IDLE_MS = 12_000;
const BEGIN_EVERY_MS = 500;
const AFTERWARDS_MS = 5_000;

export async function measureTraces(policyFile: string): Promise<Traced> {
  const [sink, ...servers] = await Promise.all([startOtlpSink(), startRedis(), startRedis()]);
  const [traced, plain] = await Promise.all(
    servers.map(({ url }, n) =>
      botProgram({
        ...{ REDIS_URL: url, JIT_CONFIG: policyFile },
        ...(n === 0 && { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url }),
      }),
    ),
  );
  if (traced === undefined || plain === undefined) throw new Error("Two bots are needed.");
  try {
    return await measured({ traced, plain }, () => sink.spans.length);
  } finally {
    await Promise.all([traced.close(), plain.close()]);
    await Promise.all([sink.close(), ...servers.map((one) => one.stop())]);
  }
}

async function measured(bots: Record<Way, Program>, spans: () => number): Promise<Traced> {
  for (const way of WAYS) await bots[way].start();
  const used = async () => ({
    atMs: performance.now(),
    traced: await bots.traced.usedMs(),
    plain: await bots.plain.usedMs(),
  });
  await played(bots, 0, WARMING_UP);
  const idle = await used();
  await wait(IDLE_MS);
  const before = await used();
  const spansBefore = spans();
  await played(bots, WARMING_UP, COUNTED);
  await wait(AFTERWARDS_MS);
  const after = await used();
  const seconds = (after.atMs - before.atMs) / 1_000;
  const each = (way: Way) => {
    const idled = (before[way] - idle[way]) / ((before.atMs - idle.atMs) / 1_000);
    return (after[way] - before[way] - idled * seconds) / COUNTED;
  };
  return {
    usedMs: { traced: each("traced"), plain: each("plain") },
    spans: (spans() - spansBefore) / COUNTED,
  };
}

async function played(bots: Record<Way, Program>, first: number, count: number): Promise<void> {
  const playing: Promise<void>[] = [];
  for (let place = first; place < first + count; place++) {
    playing.push(...WAYS.map((way) => bots[way].wholeLife(place)));
    await wait(BEGIN_EVERY_MS);
  }
  await Promise.all(playing);
}
