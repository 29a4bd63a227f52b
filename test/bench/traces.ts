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

/** What comes first doesn't count: it is for the compiler, as a bot in production has thousands of lives behind it. */
const WARMING_UP = 60;
/** In places that those before have left. */
const COUNTED = PLACES;
/** Long enough for what an idle bot does each minute. */
const IDLE_MS = 60_000;
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
  await played(bots, WARMING_UP);
  const idle = await used();
  await wait(IDLE_MS);
  const before = await used();
  const spansBefore = spans();
  await played(bots, COUNTED);
  await wait(AFTERWARDS_MS);
  const after = await used();
  // Idling is taken off both alike: neither has anything to send then, and what they do is the same, at other moments.
  const idled = (way: Way) => (before[way] - idle[way]) / (before.atMs - idle.atMs);
  const idledEach = (idled("traced") + idled("plain")) / 2;
  const each = (way: Way) =>
    (after[way] - before[way] - idledEach * (after.atMs - before.atMs)) / COUNTED;
  return {
    usedMs: { traced: each("traced"), plain: each("plain") },
    spans: (spans() - spansBefore) / COUNTED,
  };
}

async function played(bots: Record<Way, Program>, count: number): Promise<void> {
  const playing: Promise<void>[] = [];
  for (let place = 0; place < count; place++) {
    playing.push(...WAYS.map((way) => bots[way].wholeLife(place)));
    await wait(BEGIN_EVERY_MS);
  }
  await Promise.all(playing);
}
