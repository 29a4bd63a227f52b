// The figures that the store counts for metrics, and the notes of its scripts, on a real Redis.

import { beforeEach, expect, it } from "vitest";
import { redisFigures } from "../../../src/adapters/redis/figures.ts";
import { listenToScripts, type ScriptNote } from "../../../src/adapters/redis/scripts/script.ts";
import { redisWatch } from "../../../src/adapters/redis/watch/stored-watch.ts";
import { ADA, MINUTE } from "../../support/requests.ts";
import {
  benchPerFile,
  idOf,
  LEASE,
  LIMITS,
  open,
  opening,
  pending,
  TENANT,
  unposted,
  write,
} from "./with-store.ts";

const bench = benchPerFile();
let offsetMs = 0;
beforeEach(() => {
  offsetMs = 0;
});
const kept = { tenant: TENANT, clockOffsetMs: () => offsetMs };
const figures = () => redisFigures(bench.redis, kept).read();
const advance = (ms: number) => {
  offsetMs += ms;
  bench.advance(ms);
};

it("counts nothing where there is nothing", async () => {
  expect(await figures()).toEqual({
    ...{ nowMs: expect.any(Number), pending: 0, live: 0, toReview: 0, parked: 0, replicas: 0 },
    ...{ dueLagMs: 0, watchedUntilMs: {}, isFrozen: false },
  });
});

it("counts requests, what is parked, and replicas that live", async () => {
  const nowMs = await bench.store.storeClock.nowMs();
  const all = [
    pending(nowMs, { id: idOf(1) }),
    unposted(nowMs, { id: idOf(2) }),
    open(nowMs, { id: idOf(3) }),
    opening(nowMs, { id: idOf(4), review: { askedAtMs: nowMs } }),
    open(nowMs, { id: idOf(5), deadLetter: { atMs: nowMs, why: "x" } }),
  ];
  for (const next of all) await bench.store.requests.create(write(next), LIMITS);
  await bench.store.workQueue.claim("a@1", { leaseMs: 1, most: 0, lifeMs: MINUTE });
  await bench.store.workQueue.claim("b@1", { leaseMs: 1, most: 0, lifeMs: MINUTE });
  expect(await figures()).toMatchObject({
    ...{ pending: 2, live: 3, toReview: 1, parked: 1, replicas: 2 },
  });
  await bench.store.workQueue.leave("a");
  expect(await figures()).toMatchObject({ replicas: 1 });
});

it("says how long the most overdue work has waited, and nothing of what is worked on", async () => {
  const nowMs = await bench.store.storeClock.nowMs();
  await bench.store.requests.create(write(unposted(nowMs, { id: idOf(1) })), LIMITS);
  await bench.store.requests.create(write(pending(nowMs, { id: idOf(2) })), LIMITS);
  expect((await figures()).dueLagMs).toBeLessThan(1_000);
  advance(30_000);
  const { dueLagMs } = await figures();
  expect(dueLagMs).toBeGreaterThanOrEqual(30_000);
  expect(dueLagMs).toBeLessThan(35_000);
  await bench.store.workQueue.claim("a@1", LEASE);
  expect((await figures()).dueLagMs).toBe(0);
});

it("tells until when the Activity Log of each subscription was read", async () => {
  const watch = redisWatch(bench.redis, kept);
  const pace = { everyMs: MINUTE, leaseMs: MINUTE };
  await bench.store.workQueue.claim("a@1", { leaseMs: 1, most: 0, lifeMs: 10 * MINUTE });
  await watch.takeTurn("a@watch", pace);
  advance(2 * MINUTE);
  const turn = await watch.takeTurn("a@watch", pace);
  if ("waitMs" in turn) throw new Error("not its turn");
  const read = { one: { sinceMs: 1, untilMs: 2 }, other: { sinceMs: 3, untilMs: 4 } };
  await watch.endTurn("a@watch", { nowMs: turn.nowMs, read, skip: 0 }, MINUTE);
  expect((await figures()).watchedUntilMs).toEqual({ one: 2, other: 4 });
});

it("tells how many leases a replica held that wasn't heard of any more", async () => {
  const nowMs = await bench.store.storeClock.nowMs();
  for (const n of [1, 2, 3]) {
    await bench.store.requests.create(write(unposted(nowMs, { id: idOf(n) })), LIMITS);
  }
  const claim = (replica: string, lifeMs: number) =>
    bench.store.workQueue.claim(`${replica}@1`, { ...LEASE, lifeMs });
  expect((await claim("a", 1)).claims).toHaveLength(3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const work = await claim("b", MINUTE);
  expect(work).toMatchObject({ goneCount: 1, takenOver: 3 });
  expect(work.claims).toHaveLength(3);
});

it("counts nothing as taken over from a replica that said goodbye", async () => {
  const nowMs = await bench.store.storeClock.nowMs();
  await bench.store.requests.create(write(unposted(nowMs)), LIMITS);
  await bench.store.workQueue.claim("a@1", { ...LEASE, lifeMs: MINUTE });
  await bench.store.workQueue.leave("a");
  const work = await bench.store.workQueue.claim("b@1", { ...LEASE, lifeMs: MINUTE });
  expect(work).toMatchObject({ takenOver: 0, claims: [expect.anything()] });
});

it("notes each script that ran, and what came of it", async () => {
  const notes: ScriptNote[] = [];
  listenToScripts(bench.redis, (note) => notes.push(note));
  await bench.store.requests.read(idOf(1));
  await bench.store.storeClock.nowMs();
  await bench.store.ping();
  await bench.redis.set("{jit:T0TEST}:due", "of another kind");
  await expect(bench.store.workQueue.claim("a@1", LEASE)).rejects.toThrow("WRONGTYPE");
  expect(notes.map(({ writes, outcome }) => [writes, outcome])).toEqual([
    [false, "ok"],
    [false, "ok"],
    [true, "ok"],
    [true, "refused"],
  ]);
  for (const { ms } of notes) expect(ms).toBeGreaterThan(0);
});

it("says whether access is frozen", async () => {
  const write = { audit: [], notices: [], delivery: "d1" };
  await bench.store.freezes.set({ by: ADA, reason: "" }, write);
  expect((await figures()).isFrozen).toBe(true);
  await bench.store.freezes.lift({ ...write, delivery: "d2" });
  expect((await figures()).isFrozen).toBe(false);
});
