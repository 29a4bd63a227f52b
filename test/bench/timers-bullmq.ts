// One process: the same timers as delayed jobs of BullMQ, used as its documentation says. It keeps nothing else.

import { once } from "node:events";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import {
  dueOf,
  inPortions,
  isKnownBefore,
  numbers,
  type Spread,
  trickle,
  watchLateness,
} from "./lateness.ts";
import { answer } from "./rpc.ts";

const QUEUE = "warnings";
const TOGETHER = 1_000;

// Without a bound on how often a command is tried: https://docs.bullmq.io/guide/connections
const connection = new Redis(Number(process.env.TIMERS_REDIS_PORT), { maxRetriesPerRequest: null });
await once(connection, "ready");
const queue = new Queue(QUEUE, { connection });

/** https://docs.bullmq.io/guide/jobs/delayed */
const jobOf = (n: number, dueAtMs: number) => ({
  name: "warn",
  data: { id: `JIT-${String(n).padStart(6, "0")}`, dueAtMs },
  opts: { delay: Math.max(0, dueAtMs - Date.now()) },
});

/** https://docs.bullmq.io/guide/queues/adding-bulks */
const keepAll = (spread: Spread) => (some: readonly number[]) =>
  queue.addBulk(some.map((n) => jobOf(n, dueOf(n, spread))));

const fill = (spread: Spread) => inPortions(numbers(spread.count), TOGETHER, keepAll(spread));

const fillSome = (spread: Spread) =>
  inPortions(numbers(spread.count).filter(isKnownBefore), TOGETHER, keepAll(spread));

async function keep(n: number, dueAtMs: number): Promise<void> {
  const { name, data, opts } = jobOf(n, dueAtMs);
  await queue.add(name, data, opts);
}

/** The numbers are those of https://docs.bullmq.io/guide/workers/concurrency and …/auto-removal-of-jobs */
const AS_DOCUMENTED = {
  concurrency: 50,
  removeOnComplete: { count: 1_000 },
  removeOnFail: { count: 5_000 },
};

async function run({ count }: Spread) {
  const watch = watchLateness(count);
  const worker = new Worker<{ dueAtMs: number }>(
    QUEUE,
    async ({ data }) => watch.note(data.dueAtMs),
    { connection, ...AS_DOCUMENTED },
  );
  const found = await watch.done;
  await worker.close();
  return found;
}

/** Works on jobs that never end, and tells when one has begun. */
function hang(): Promise<number> {
  return new Promise((resolve) => {
    const begun = async () => {
      resolve(Date.now());
      await new Promise(() => undefined);
    };
    new Worker(QUEUE, begun, { connection, ...AS_DOCUMENTED });
  });
}

const addOne = async () => {
  await keep(0, Date.now());
};

answer({ fill, fillSome, trickle: (spread: Spread) => trickle(spread, keep), run, hang, addOne });
