// Every lease of a replica ends with the replica: at once where it says goodbye, soon where it is not heard of.
// Of src/adapters/redis/leases/leases.ts.

import { beforeEach, describe, expect, it } from "vitest";
import { redisAudit } from "../../../src/adapters/redis/audit/audit-repository.ts";
import { redisSnapshotShare } from "../../../src/adapters/redis/inventory/snapshot-share.ts";
import { redisWatch } from "../../../src/adapters/redis/watch/stored-watch.ts";
import { changeLease, policyLease, vmLease } from "../../../src/ports/storage/leases.ts";
import { eventually } from "../../support/eventually.ts";
import {
  benchPerFile,
  LEASE,
  LIMITS,
  OPS,
  opening,
  TENANT,
  unposted,
  write,
} from "./with-store.ts";

const bench = benchPerFile();

/** Short enough to be waited for, as Redis's real time can't be moved. */
const LIFE_MS = 300;
const LONG_MS = 60_000;

/** Says that the replica lives, without taking anything. */
const lives = (replica: string, lifeMs = LONG_MS) =>
  bench.store.workQueue.claim(`${replica}@0`, { ...LEASE, most: 0, lifeMs });

/** Somebody else looks for work: so it is noticed that a replica is gone. */
const noticed = () => lives("b");

const VM = opening(0).ask.vm.key;
let offsetMs = 0;
beforeEach(() => {
  offsetMs = 0;
});
const kept = { tenant: TENANT, clockOffsetMs: () => offsetMs };
const advance = (ms: number) => {
  offsetMs += ms;
  bench.advance(ms);
};

/** Each answers whether that replica has got it. */
const LEASES: readonly (readonly [string, (replica: string) => Promise<boolean>])[] = [
  [
    "a request",
    async (replica) => {
      const next = unposted(await bench.store.storeClock.nowMs());
      await bench.store.requests.create(write(next), LIMITS);
      return (await bench.store.workQueue.claim(`${replica}@1`, LEASE)).claims.length === 1;
    },
  ],
  [
    "a channel's notices",
    async (replica) => {
      await bench.store.notices.add(OPS, { what: "alarm", atMs: 0 });
      advance(2_000);
      return (await bench.store.workQueue.claim(`${replica}@1`, LEASE)).claims.length === 1;
    },
  ],
  ["the lock of a VM", (replica) => bench.store.leases.take(vmLease(VM), `${replica}@1`, LONG_MS)],
  [
    "a change of JIT policies",
    (replica) => bench.store.leases.take(changeLease("change"), `${replica}@1`, LONG_MS),
  ],
  [
    "the turn of the watch",
    async (replica) => {
      const watch = redisWatch(bench.redis, kept);
      const pace = { everyMs: LONG_MS, leaseMs: LONG_MS };
      const turn = await watch.takeTurn(`${replica}@1`, pace);
      if (!("waitMs" in turn) || replica !== "a") return !("waitMs" in turn);
      // The very first turn is only later; "a" is always first.
      advance(LONG_MS);
      return !("waitMs" in (await watch.takeTurn(`${replica}@1`, pace)));
    },
  ],
  [
    "the sealer",
    async (replica) => {
      const how = { leaseMs: LONG_MS, isForced: false, knownSeq: undefined };
      return (await redisAudit(bench.redis, kept).chainEnd(`${replica}@1`, how)).isMine;
    },
  ],
  [
    "the reading of Azure",
    async (replica) => {
      const share = redisSnapshotShare(bench.redis, {
        tenant: TENANT,
        format: 1,
        view: "v",
        replica,
      });
      return (await share.claim({ leaseMs: LONG_MS, isUrgent: false })) === "claimed";
    },
  ],
];

describe.each(LEASES)("%s", (_what, takes) => {
  it("is another replica's at once where the first one says goodbye", async () => {
    await lives("a");
    await lives("b");
    expect(await takes("a")).toBe(true);
    expect(await takes("b")).toBe(false);
    await bench.store.workQueue.leave("a");
    expect(await takes("b")).toBe(true);
  });

  it("is another replica's where the first one is not heard of any more", async () => {
    await lives("a");
    expect(await takes("a")).toBe(true);
    expect(await takes("b")).toBe(false);
    await lives("a", LIFE_MS);
    await eventually(async () => expect((await noticed()).goneCount).toBe(1), { intervalMs: 20 });
    expect(await takes("b")).toBe(true);
  });
});

describe("a replica", () => {
  it("that is heard of again and again keeps what it has", async () => {
    await lives("a", 5 * LIFE_MS);
    expect(await bench.store.leases.take(vmLease(VM), "a@1", LONG_MS)).toBe(true);
    for (let heard = 0; heard < 8; heard++) {
      await new Promise((resolve) => setTimeout(resolve, LIFE_MS));
      await lives("a", 5 * LIFE_MS);
      expect((await noticed()).goneCount).toBe(0);
    }
    expect(await bench.store.leases.take(vmLease(VM), "b@1", LONG_MS)).toBe(false);
  });

  it("that does not live takes nothing", async () => {
    expect(await bench.store.leases.take(vmLease(VM), "never-heard-of@1", LONG_MS)).toBe(false);
    await lives("a");
    await bench.store.workQueue.leave("a");
    expect(await bench.store.leases.take(vmLease(VM), "a@1", LONG_MS)).toBe(false);
  });

  it("tells those who sleep when the next one may be gone, and that one is, once", async () => {
    await lives("a", LIFE_MS);
    const { nextInMs } = await lives("b");
    expect(nextInMs).toBeGreaterThan(0);
    expect(nextInMs).toBeLessThanOrEqual(LIFE_MS + 1);
    await new Promise((resolve) => setTimeout(resolve, LIFE_MS + 20));
    expect((await lives("c")).goneCount).toBe(1);
    expect((await lives("b")).goneCount).toBe(0);
  });
});

describe("the proof that a lease holds", () => {
  const claimed = async (owner: string) => {
    const next = unposted(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(write(next), LIMITS);
    const [claim] = (await bench.store.workQueue.claim(owner, { ...LEASE, lifeMs: LONG_MS }))
      .claims;
    expect(claim).toMatchObject({ id: next.id });
    return next;
  };

  it("says for how long at least", async () => {
    const next = await claimed("a@1");
    expect(await bench.store.workQueue.prove("a@1", next.id)).toBeGreaterThan(
      LEASE.leaseMs - 5_000,
    );
    await lives("a", LIFE_MS);
    const soonMs = await bench.store.workQueue.prove("a@1", next.id);
    expect(soonMs).toBeGreaterThan(0);
    expect(soonMs).toBeLessThanOrEqual(LIFE_MS);
  });

  it("fails for another task of the same replica, for another replica, and when it ran out", async () => {
    const next = await claimed("a@1");
    expect(await bench.store.workQueue.prove("a@2", next.id)).toBe(0);
    expect(await bench.store.workQueue.prove("b@1", next.id)).toBe(0);
    advance(LEASE.leaseMs);
    expect(await bench.store.workQueue.prove("a@1", next.id)).toBe(0);
  });

  it("fails for a replica that was gone for a while, also where it is heard of again", async () => {
    const next = await claimed("a@1");
    await lives("a", LIFE_MS);
    await eventually(async () => expect((await noticed()).goneCount).toBe(1), { intervalMs: 20 });
    await lives("a");
    expect(await bench.store.workQueue.prove("a@1", next.id)).toBe(0);
    const committed = await bench.store.requests.commit(1, write(next), "a@1");
    expect(committed).toMatchObject({ outcome: "written", holdsMs: 0 });
  });

  it("comes with a write of the holder", async () => {
    const next = await claimed("a@1");
    const committed = await bench.store.requests.commit(1, write(next), "a@1");
    expect(committed).toMatchObject({ outcome: "written", holdsMs: LEASE.leaseMs });
  });
});

describe("what was claimed and never heard of", () => {
  it("is free when its replica says so, and counts for nothing", async () => {
    const next = unposted(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(write(next), LIMITS);
    for (let lost = 1; lost <= 10; lost++) {
      const how = { ...LEASE, lifeMs: LONG_MS, lost: [`a@${lost - 1}`] };
      const { claims } = await bench.store.workQueue.claim(`a@${lost}`, how);
      expect(claims).toMatchObject([{ id: next.id, failures: 0, isSuspect: false }]);
    }
  });

  it("counts for nothing either where its replica is gone, though it is suspect", async () => {
    const next = unposted(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(write(next), LIMITS);
    await bench.store.workQueue.claim("a@1", { ...LEASE, lifeMs: LIFE_MS });
    await eventually(async () => expect((await noticed()).goneCount).toBe(1), { intervalMs: 20 });
    const { claims } = await bench.store.workQueue.claim("b@1", LEASE);
    expect(claims).toMatchObject([{ id: next.id, failures: 0, isSuspect: true }]);
  });

  it("but what was begun when its replica died has failed", async () => {
    const next = unposted(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(write(next), LIMITS);
    await bench.store.workQueue.claim("a@1", { ...LEASE, lifeMs: LIFE_MS });
    await bench.store.workQueue.prove("a@1", next.id);
    await eventually(async () => expect((await noticed()).goneCount).toBe(1), { intervalMs: 20 });
    const { claims } = await bench.store.workQueue.claim("b@1", LEASE);
    expect(claims).toMatchObject([{ id: next.id, failures: 1, isSuspect: true }]);
  });

  it("and what was begun when its replica said goodbye has not", async () => {
    const next = unposted(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(write(next), LIMITS);
    await bench.store.workQueue.claim("a@1", { ...LEASE, lifeMs: LONG_MS });
    await bench.store.workQueue.prove("a@1", next.id);
    await bench.store.workQueue.leave("a");
    const { claims } = await bench.store.workQueue.claim("b@1", LEASE);
    expect(claims).toMatchObject([{ id: next.id, failures: 0, isSuspect: false }]);
  });
});

describe("a lock that is renewed", () => {
  it("is only the one that was held all the time", async () => {
    const { leases } = bench.store;
    const what = policyLease("p");
    expect(await leases.renew(what, "w1", 1_000)).toBe(false);
    expect(await leases.take(what, "w1", 1_000)).toBe(true);
    expect(await leases.renew(what, "w1", 1_000)).toBe(true);
    advance(1_001);
    // Another one had it meanwhile, and may have written.
    expect(await leases.take(what, "w2", 1_000)).toBe(true);
    await leases.give(what, "w2");
    expect(await leases.renew(what, "w1", 1_000)).toBe(false);
  });
});
