// What is listed, how long what is over stays to be looked at, and who sees it.
// Of src/adapters/redis/requests/requests.ts.

import { describe, expect, it } from "vitest";
import { ADA, ERIN, HOUR, MINUTE } from "../../support/requests.ts";
import {
  at,
  benchPerFile,
  ended,
  idOf,
  LEASE,
  LIMITS,
  OPS,
  open,
  opening,
  pending,
  TENANT,
  write,
} from "./with-store.ts";

const bench = benchPerFile();
const key = (name: string) => `{jit:${TENANT}}:${name}`;

describe("list", () => {
  it("shows what waits, what is open, and what is a person's, newest first and no more", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const of = (n: number) => ({ id: idOf(n), ...at(nowMs + n * MINUTE) });
    const states = [pending(nowMs, of(1)), open(nowMs, of(2)), opening(nowMs, of(3))];
    for (const next of states) await store.requests.create(write(next), LIMITS);
    await store.requests.create(
      write(pending(nowMs, { id: idOf(4), ...at(nowMs, { requester: ADA }) })),
      LIMITS,
    );
    const ids = async (...args: Parameters<typeof store.requests.list>) =>
      (await store.requests.list(...args)).map((request) => request.id);
    expect(await ids("open", 10)).toEqual([idOf(3), idOf(2)]);
    expect(await ids("open", 1)).toEqual([idOf(3)]);
    expect(await ids("pending", 10)).toEqual([idOf(1), idOf(4)]);
    expect(await ids({ of: ERIN }, 10)).toEqual([idOf(3), idOf(2), idOf(1)]);
    await store.requests.commit(1, write(ended(open(nowMs, of(2)))));
    expect(await ids("open", 10)).toEqual([idOf(3)]);
    expect(await ids({ of: ERIN }, 2)).toEqual([idOf(3), idOf(2)]);
    expect(await ids({ of: ERIN }, 0)).toEqual([]);
    expect(await ids({ of: ERIN }, 1, 1)).toEqual([idOf(2)]);
    expect(await ids({ of: ERIN }, 10, 3)).toEqual([]);
  });

  it("shows what is to be reviewed until that is closed, in whatever state", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const review = { askedAtMs: nowMs };
    await store.requests.create(write(open(nowMs, { review })), LIMITS);
    await store.requests.create(write(open(nowMs, { id: idOf(2) })), LIMITS);
    const toReview = async () => (await store.requests.list("to-review", 10)).map(({ id }) => id);
    expect(await toReview()).toEqual([open(nowMs).id]);
    await store.requests.commit(1, write(ended(open(nowMs, { review }))));
    expect(await toReview()).toEqual([open(nowMs).id]);
    const closed = { by: ADA, atMs: nowMs, verdict: "ok", text: "" } as const;
    await store.requests.commit(2, write(ended(open(nowMs, { review: { ...review, closed } }))));
    expect(await toReview()).toEqual([]);
  });
});

describe("who looked at the home tab", () => {
  it("is known for an hour, the latest first", async () => {
    const { store } = bench;
    await store.homeReaders.add(ERIN);
    bench.advance(30 * MINUTE);
    await store.homeReaders.add(ADA);
    expect(await store.homeReaders.latest()).toEqual([ADA, ERIN]);
    bench.advance(31 * MINUTE);
    expect(await store.homeReaders.latest()).toEqual([ADA]);
    await store.homeReaders.add(ERIN);
    expect(await store.homeReaders.latest()).toEqual([ERIN, ADA]);
    bench.advance(HOUR);
    expect(await store.homeReaders.latest()).toEqual([]);
  });
});

describe("whom Slack said to have changed", () => {
  it("is known to every replica, for some minutes", async () => {
    const { store, other } = bench;
    const sinceMs = await other.storeClock.nowMs();
    await store.peopleChanges.add([ERIN, "S0ONCALL"]);
    expect((await other.peopleChanges.since(sinceMs)).ids.toSorted()).toEqual(["S0ONCALL", ERIN]);
    bench.advance(MINUTE);
    const later = await other.peopleChanges.since(sinceMs);
    await store.peopleChanges.add([ADA]);
    await store.peopleChanges.add([]);
    expect((await other.peopleChanges.since(later.nowMs)).ids).toEqual([ADA]);
    bench.advance(10 * MINUTE);
    await store.peopleChanges.add([ADA]);
    expect((await other.peopleChanges.since(sinceMs)).ids).toEqual([ADA]);
  });
});

describe("what is over", () => {
  it("is there for thirty days, and gone with all its traces after", async () => {
    const { store, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(nowMs)), LIMITS);
    await store.requests.commit(1, write(ended(open(nowMs))));
    bench.advance(29 * 24 * HOUR);
    await store.workQueue.claim("w", { ...LEASE, removesGarbage: true });
    expect((await store.requests.read(open(nowMs).id))?.version).toBe(2);
    bench.advance(2 * 24 * HOUR);
    await store.workQueue.claim("w", { ...LEASE, removesGarbage: true });
    expect(await store.requests.read(open(nowMs).id)).toBeUndefined();
    expect(await store.requests.list({ of: ERIN }, 10)).toEqual([]);
    expect((await redis.keys("*")).toSorted()).toEqual([
      key("audit"),
      key("people"),
      key("trails"),
    ]);
  });

  it("leaves what was parked with it, and the person's list when there is another", async () => {
    const { store, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(nowMs)), LIMITS);
    const deadLetter = { atMs: nowMs, why: "crashes the worker" };
    await store.requests.commit(1, write({ ...ended(open(nowMs)), deadLetter }));
    expect(await store.deadLetters.list()).toMatchObject({ count: 1 });
    await redis.persist(key(`of:${ERIN}`));
    bench.advance(31 * 24 * HOUR);
    await store.workQueue.claim("w", { ...LEASE, removesGarbage: true });
    expect(await store.deadLetters.list()).toEqual({ count: 0, some: [] });
    await store.requests.create(write(pending(nowMs, { id: idOf(2) })), LIMITS);
    expect(await redis.zrange(key(`of:${ERIN}`), "0", "-1")).toEqual([idOf(2)]);
  });

  it("stays as long as somebody has still to be told", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const untold = { ...ended(open(nowMs)), cards: [{ to: OPS, shown: 0 }] };
    await store.requests.create(write(open(nowMs)), LIMITS);
    await store.requests.commit(1, write(untold));
    bench.advance(31 * 24 * HOUR);
    expect(
      (await store.workQueue.claim("w", { ...LEASE, removesGarbage: true })).claims,
    ).toHaveLength(1);
    expect(await store.requests.read(untold.id)).toBeDefined();
  });

  it("never takes a list along that still has something in it", async () => {
    const { store, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(nowMs)), LIMITS);
    expect(await redis.pttl(key(`of:${ERIN}`))).toBe(-1);
    await store.requests.commit(1, write(ended(open(nowMs))));
    expect(await redis.pttl(key(`of:${ERIN}`))).toBeGreaterThan(30 * 24 * HOUR);
    await store.requests.create(write(pending(nowMs, { id: idOf(2) })), LIMITS);
    expect(await redis.pttl(key(`of:${ERIN}`))).toBe(-1);
  });
});

describe("tenants", () => {
  it("share a Redis without seeing each other", async () => {
    const { store, redis } = bench;
    const { redisStorage } = await import("../../../src/adapters/redis/storage.ts");
    const elsewhere = redisStorage(redis, { tenant: "T0OTHER" });
    const next = pending(await store.storeClock.nowMs());
    await store.requests.create(write(next), LIMITS);
    expect(await elsewhere.requests.read(next.id)).toBeUndefined();
    expect((await elsewhere.requests.create(write(next), LIMITS)).outcome).toBe("created");
    expect(() => redisStorage(redis, { tenant: "T}0" })).toThrow("team id");
  });
});
