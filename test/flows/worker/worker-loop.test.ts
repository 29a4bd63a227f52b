// When a worker looks for work: at the time of what is due next, at once where others say so, and seldom otherwise.

import { afterEach, describe, expect, it } from "vitest";
import { systemClock, systemRandom } from "../../../src/adapters/system-clock.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { type WorkerLoop, workerLoop } from "../../../src/flows/worker/worker-loop.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { NO_TRACING } from "../../../src/ports/metrics/tracing.ts";
import type { WorkQueue } from "../../../src/ports/storage/work-queue.ts";
import {
  benchPerFile,
  LEASE,
  LIMITS,
  pending,
  quietLog,
  unposted,
  write,
} from "../../adapters/redis/with-store.ts";
import { eventually } from "../../support/eventually.ts";
import { aPolicy } from "../../support/requests.ts";

const bench = benchPerFile();

const running: WorkerLoop[] = [];
afterEach(async () => {
  for (const loop of running.splice(0)) await loop.stop(0);
});

/** A worker that sleeps until somebody wakes it, however long that is; tells for how long it meant to. */
function sleepingWorker(workQueue: WorkQueue = bench.store.workQueue) {
  const sleeps: number[] = [];
  let looks = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      // What is not to be interrupted is the end of the test.
      if (signal === undefined) return Promise.resolve();
      sleeps.push(ms);
      return new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    },
  };
  const counted: WorkQueue = {
    ...workQueue,
    claim: (...args) => {
      looks += 1;
      // What is there is taken by nobody: it is about when there is a look.
      return workQueue.claim(args[0], { ...args[1], most: 0 });
    },
  };
  const world: Partial<Deps> = {
    tracing: NO_TRACING,
    log: quietLog,
    random: systemRandom,
    policy: () => aPolicy(),
  };
  const deps = { ...world, ...bench.store, workQueue: counted, clock } as Deps;
  const loop = workerLoop(deps, { name: "a", leaseMs: 30_000, lifeMs: 4_000 }, () => undefined);
  running.push(loop);
  loop.start();
  return { loop, sleeps, looks: () => looks };
}

const asleep = (worker: { readonly sleeps: readonly number[] }, times = 1) =>
  eventually(() => expect(worker.sleeps.length).toBeGreaterThanOrEqual(times));

describe("a worker", () => {
  it("sleeps until what is due next, and not until its next look", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    await bench.store.requests.create(
      write({ ...pending(nowMs), expiresAtMs: nowMs + 900 }),
      LIMITS,
    );
    const worker = sleepingWorker();
    await asleep(worker);
    expect(worker.sleeps[0]).toBeLessThanOrEqual(900);
  });

  it("sleeps a second and a half where nothing is due", async () => {
    const worker = sleepingWorker();
    await asleep(worker);
    expect(worker.sleeps[0]).toBeGreaterThan(1_000);
    expect(worker.sleeps[0]).toBeLessThanOrEqual(1_500);
  });

  it("looks at once where another replica makes something due, and plans for what it makes due soon", async () => {
    const worker = sleepingWorker();
    await asleep(worker);
    const nowMs = await bench.store.storeClock.nowMs();
    worker.loop.heard({ nowMs, dueAtMs: nowMs });
    await eventually(() => expect(worker.looks()).toBe(2));
    await asleep(worker, 2);
    worker.loop.heard({ nowMs: nowMs + 60_000, dueAtMs: nowMs + 60_200 });
    await asleep(worker, 3);
    expect(worker.sleeps.at(-1)).toBeLessThanOrEqual(200);
    expect(worker.looks()).toBe(2);
  });

  it("does not look again for what its last look has seen", async () => {
    const worker = sleepingWorker();
    await asleep(worker);
    const nowMs = await bench.store.storeClock.nowMs();
    worker.loop.heard({ nowMs: nowMs - 60_000, dueAtMs: nowMs - 60_000 });
    await bench.store.storeClock.nowMs();
    expect(worker.looks()).toBe(1);
  });

  it("looks again soon where the store did not answer", async () => {
    const claim = () => Promise.reject(new Error("away"));
    const worker = sleepingWorker({ ...bench.store.workQueue, claim });
    await asleep(worker);
    expect(worker.sleeps[0]).toBeLessThanOrEqual(250);
  });
});

describe("a look that finds nothing", () => {
  /** Once a second, each of four commands: that is what it was. */
  const COMMANDS_PER_SECOND_BEFORE = 4;

  it("costs less than it did, with the sign of life that goes along", async () => {
    await bench.store.requests.create(
      write(unposted((await bench.store.storeClock.nowMs()) + 60_000)),
      LIMITS,
    );
    await bench.store.workQueue.claim("a@1", { ...LEASE, lifeMs: 4_000 });
    const look = () => bench.store.workQueue.claim("a@2", { ...LEASE, lifeMs: 4_000 });
    await look();
    const commands = async () =>
      Number(/total_commands_processed:(\d+)/.exec(await bench.redis.info("stats"))?.[1]);
    const asking = -(await commands()) + (await commands());
    const before = await commands();
    await look();
    const own = (await commands()) - before - asking;
    expect(own).toBeGreaterThan(0);
    expect(own / 1.5).toBeLessThan(COMMANDS_PER_SECOND_BEFORE);
  });
});
