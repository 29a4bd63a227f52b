// Due work is taken by one worker at a time, and never lost: leases, clicks, crashes, what is parked.
// Of src/adapters/redis/requests/work-queue.ts.

import { describe, expect, it } from "vitest";
import { dueAtMs } from "../../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import type { Claim } from "../../../../src/ports/storage/work-queue.ts";
import { HOUR, MINUTE } from "../../../support/requests.ts";
import {
  benchPerFile,
  ended,
  idOf,
  LEASE,
  LIMITS,
  open,
  opening,
  pending,
  unposted,
  WARNING_AFTER_MS,
  write,
} from "../with-store.ts";

const bench = benchPerFile();

const created = async (make: (nowMs: number) => AccessRequest): Promise<AccessRequest> => {
  const next = make(await bench.store.storeClock.nowMs());
  await bench.store.requests.create(write(next), LIMITS);
  return next;
};
const take = async (worker = "w1") => (await bench.store.workQueue.claim(worker, LEASE)).claims;
/** Takes it, and says that it begins. */
const begin = async (worker: string, { id }: AccessRequest) => {
  await take(worker);
  expect(await bench.store.workQueue.prove(worker, id)).toBeGreaterThan(0);
};
const ids = (claims: readonly Claim[]) => claims.map((one) => ("id" in one ? one.id : one.channel));
const known = (version: number, request: AccessRequest) => ({
  version,
  dueAtMs: dueAtMs(request),
});

describe("claim", () => {
  it("brings what is due, with its document, version and the time", async () => {
    const next = await created(unposted);
    const nowMs = await bench.store.storeClock.nowMs();
    expect(await take()).toEqual([
      {
        kind: "request",
        id: next.id,
        failures: 0,
        isSuspect: false,
        version: 1,
        request: next,
        nowMs: expect.any(Number),
      },
    ]);
    expect((await bench.store.requests.read(next.id))?.nowMs).toBeGreaterThanOrEqual(nowMs);
  });

  it("brings nothing before its time", async () => {
    const next = await created(open);
    expect(await take()).toEqual([]);
    bench.advance(WARNING_AFTER_MS - 1_000);
    expect(await take()).toEqual([]);
    bench.advance(2_000);
    expect(ids(await take())).toEqual([next.id]);
  });

  it("brings no more than asked for, those first that have waited longest", async () => {
    for (const n of [3, 1, 2]) {
      await created((nowMs) => unposted(nowMs, { id: idOf(n) }));
      bench.advance(1_000);
    }
    expect(
      ids((await bench.store.workQueue.claim("w", { leaseMs: 1_000, most: 2 })).claims),
    ).toEqual([...[idOf(3), idOf(1)]]);
  });

  it("lets nobody else have it until the lease runs out, then anybody, counting what was begun", async () => {
    const next = await created(unposted);
    await begin("w1", next);
    expect((await bench.other.workQueue.claim("w2", LEASE)).claims).toEqual([]);
    bench.advance(LEASE.leaseMs - 1_000);
    expect(await take("w1")).toEqual([]);
    bench.advance(1_500);
    expect((await bench.other.workQueue.claim("w2", LEASE)).claims).toMatchObject([
      { id: next.id, failures: 1, isSuspect: true },
    ]);
    // That its answer ever arrived isn't known: it counts for nothing.
    bench.advance(LEASE.leaseMs + 1);
    expect(await take("w3")).toMatchObject([{ id: next.id, failures: 1, isSuspect: true }]);
  });

  it("never gives two claimers the same", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    const limits = { openPerPerson: 100, pendingPerPerson: 100 };
    for (let n = 0; n < 60; n++) {
      await bench.store.requests.create(write(unposted(nowMs, { id: idOf(n) })), limits);
    }
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (n % 2 ? bench.store : bench.other).workQueue.claim(`w${n}`, { leaseMs: 30_000, most: 7 }),
      ),
    );
    const taken = claims.flatMap((one) => ids(one.claims));
    expect(taken).toHaveLength(60);
    expect(new Set(taken).size).toBe(60);
  });
});

describe("release", () => {
  it("makes it due when its document says", async () => {
    const next = await created(unposted);
    await take();
    const shown = pending(next.ask.askedAtMs);
    await bench.store.requests.commit(1, write(shown), "w1");
    await bench.store.workQueue.release("w1", next.id, known(2, shown));
    expect(await take()).toEqual([]);
    bench.advance(HOUR);
    expect(await take()).toMatchObject([{ failures: 0, version: 2 }]);
  });

  it("leaves it alone for good where nothing is outstanding", async () => {
    const next = await created(open);
    bench.advance(2 * HOUR);
    await take();
    await bench.store.requests.commit(1, write(ended(next)), "w1");
    await bench.store.workQueue.release("w1", next.id, known(2, ended(next)));
    bench.advance(20 * 24 * HOUR);
    expect(await take()).toEqual([]);
    expect(await bench.store.requests.read(next.id)).toBeDefined();
  });

  it("changes nothing for who has lost it to another worker", async () => {
    const next = await created(unposted);
    await take("slow");
    bench.advance(LEASE.leaseMs + 1);
    await take("other");
    await bench.store.workQueue.release("slow", next.id, known(1, next));
    expect(await take("third")).toEqual([]);
    await bench.store.workQueue.release("other", next.id, known(1, next));
    expect(await take("third")).toHaveLength(1);
  });

  it("rests longer and longer where nothing brings it on, but not the first time", async () => {
    const next = await created(unposted);
    const stuck = () =>
      bench.store.workQueue.release("w1", next.id, { ...known(1, next), stuckForMs: 4_000 });
    await take();
    expect(await stuck()).toBe(true);
    expect(await take()).toMatchObject([{ failures: 1 }]);
    expect(await stuck()).toBe(false);
    expect(await take()).toEqual([]);
    bench.advance(4_000);
    expect(await take()).toMatchObject([{ failures: 2 }]);
  });

  it("counts on where it was given back due and not brought on", async () => {
    const next = await created(unposted);
    for (const failures of [0, 1, 2]) {
      expect(await take()).toMatchObject([{ failures }]);
      await bench.store.workQueue.release("w1", next.id, known(1, next));
    }
    // A pause is a result: the worker looked at it and said when to look again.
    await take();
    const dueAt = (await bench.store.storeClock.nowMs()) + MINUTE;
    await bench.store.workQueue.release("w1", next.id, { version: 1, dueAtMs: dueAt });
    bench.advance(MINUTE);
    expect(await take()).toMatchObject([{ failures: 0 }]);
  });
});

describe("a commit", () => {
  it("of the holder renews the lease and starts the count anew", async () => {
    const next = await created(unposted);
    for (let n = 0; n < 3; n++) {
      await begin("w1", next);
      bench.advance(LEASE.leaseMs + 1);
    }
    expect(await take()).toMatchObject([{ failures: 3 }]);
    bench.advance(LEASE.leaseMs - 1_000);
    const brought = unposted(next.ask.askedAtMs, { nonce: "brought on" });
    await bench.store.requests.commit(1, write(brought), "w1");
    bench.advance(LEASE.leaseMs - 1_000);
    expect(await take("w2")).toEqual([]);
    bench.advance(1_500);
    expect(await take("w2")).toMatchObject([{ failures: 1, version: 2 }]);
  });

  it("of the holder after its lease counts too, if nobody else has taken it", async () => {
    const next = await created(unposted);
    await take("w1");
    bench.advance(LEASE.leaseMs + 1);
    await bench.store.requests.commit(1, write(next), "w1");
    expect(await take("w2")).toEqual([]);
  });

  it("of a person leaves it with its holder, and makes it due when that gives it back", async () => {
    const next = await created(unposted);
    await take("w1");
    await bench.other.requests.commit(1, write(open(next.ask.askedAtMs), "click"));
    expect(await take("w2")).toEqual([]);
    // The worker knows version 1 only, and thinks that there is time.
    await bench.store.workQueue.release("w1", next.id, { version: 1, dueAtMs: Date.now() + HOUR });
    expect(await take("w2")).toMatchObject([{ id: next.id, failures: 0, version: 2 }]);
  });

  it("of a person is looked at when the lease runs out, if the holder never comes back", async () => {
    const next = await created(unposted);
    await begin("dies", next);
    await bench.other.requests.commit(1, write(opening(next.ask.askedAtMs), "click"));
    bench.advance(LEASE.leaseMs + 1);
    expect(await take("w2")).toMatchObject([{ version: 2, failures: 1 }]);
  });

  it("of a worker that has lost it does not take it from the other", async () => {
    const next = await created(unposted);
    await begin("slow", next);
    bench.advance(LEASE.leaseMs + 1);
    await begin("other", next);
    bench.advance(LEASE.leaseMs - 1_000);
    expect((await bench.store.requests.commit(1, write(next), "slow")).outcome).toBe("written");
    expect(await take("third")).toEqual([]);
    // Nor does it hold it any longer for the other.
    bench.advance(1_500);
    expect(await take("third")).toMatchObject([{ failures: 2, version: 2 }]);
  });

  it("of a person, after a worker died, sets the next time and forgives no failure", async () => {
    const next = await created(unposted);
    await begin("dies", next);
    bench.advance(LEASE.leaseMs + 1);
    await bench.store.requests.commit(
      1,
      write(open(await bench.store.storeClock.nowMs()), "click"),
    );
    expect(await take()).toEqual([]);
    bench.advance(WARNING_AFTER_MS);
    expect(await take()).toMatchObject([{ id: next.id, failures: 1 }]);
  });

  it("of a person, with nobody at work on it, sets the next time", async () => {
    const next = await created(pending);
    await bench.store.requests.commit(1, write(opening(next.ask.askedAtMs), "click"));
    expect(ids(await take())).toEqual([next.id]);
  });
});
