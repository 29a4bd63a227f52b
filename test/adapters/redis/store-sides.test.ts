// Doors, locks, deliveries, the record of what changed nothing, and each channel's rate.
// Of src/adapters/redis/storage.ts.

import { describe, expect, it } from "vitest";
import { vmKey } from "../../../src/domain/text/ids.ts";
import { vmLease } from "../../../src/ports/storage/leases.ts";
import { ERIN, HOUR, LEA, MINUTE, vmId } from "../../support/requests.ts";
import {
  at,
  audited,
  benchPerFile,
  ended,
  ending,
  idOf,
  LIMITS,
  OPS,
  open,
  opening,
  pending,
  write,
} from "./with-store.ts";

const bench = benchPerFile();
const VM = vmKey(vmId("vm-01"));

/** Azure may have been asked for it. */
const sent = (...about: Parameters<typeof opening>) => {
  const { grant, ...request } = opening(...about);
  const azure = { ...grant.azure, sent: 1, answer: "unknown" as const };
  return { ...request, grant: { ...grant, azure } };
};
const door = (port: number, source = "203.0.113.0/24") => ({ vm: VM, port, source });

describe("doors", () => {
  it("are held by every live grant that needs them, each until its own end", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const first = open(nowMs, { id: idOf(1), ...at(nowMs, { ports: [22, 3389] }) });
    const second = sent(nowMs + MINUTE, { id: idOf(2), ...at(nowMs, { ports: [3389] }) });
    await store.requests.create(write(first), LIMITS);
    await store.requests.create(write(second), LIMITS);
    const holds = { id: idOf(1), untilMs: nowMs + HOUR };
    const holdsToo = { id: idOf(2), untilMs: nowMs + HOUR + MINUTE };
    const asked = [door(22), door(3389), door(3389, "*"), door(5985)];
    expect(await store.requests.holders(asked)).toEqual([[holds], [holds, holdsToo], [], []]);
    await store.requests.commit(1, write(ended(first)));
    expect(await store.requests.holders(asked)).toEqual([[], [holdsToo], [], []]);
  });

  it("follow the state through the whole life", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const held = async () => (await store.requests.holders([door(3389)]))[0]?.length;
    await store.requests.create(write(pending(nowMs)), LIMITS);
    expect(await held()).toBe(0);
    const opens = [opening(nowMs), sent(nowMs), open(nowMs)];
    const life = [...opens, ending(nowMs), open(nowMs), ended(open(nowMs))];
    const counts = [];
    for (const [n, next] of life.entries()) {
      await store.requests.commit(n + 1, write(next));
      counts.push(await held());
    }
    expect(counts).toEqual([0, 1, 1, 0, 1, 0]);
  });

  it("are those of the narrower source where an approver narrowed it", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const narrowed = { by: LEA, durationMs: HOUR, source: "203.0.113.7" };
    const next = open(nowMs, { narrowed });
    await store.requests.create(write(pending(nowMs)), LIMITS);
    await store.requests.commit(1, write(next));
    const held = [{ id: next.id, untilMs: nowMs + HOUR }];
    const asked = [door(3389), door(3389, "203.0.113.7")];
    expect(await store.requests.holders(asked)).toEqual([[], held]);
    await store.requests.commit(2, write(ended(next)));
    expect(await store.requests.holders(asked)).toEqual([[], []]);
  });

  it("move with a grant whose end is another", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    const first = open(nowMs);
    await store.requests.create(write(first), LIMITS);
    const endsAtMs = nowMs + 3 * HOUR;
    await store.requests.commit(1, write({ ...first, grant: { ...first.grant, endsAtMs } }));
    expect(await store.requests.holders([door(3389)])).toEqual([
      [{ id: first.id, untilMs: endsAtMs }],
    ]);
  });

  it("forget what was parked, once Azure has long shut it", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(nowMs, { id: idOf(1) })), LIMITS);
    await store.deadLetters.park(idOf(1), { why: "crashes the worker" });
    bench.advance(26 * HOUR);
    const laterMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(laterMs, { id: idOf(2) })), LIMITS);
    const holds = { id: idOf(2), untilMs: laterMs + HOUR };
    expect(await store.requests.holders([door(3389)])).toEqual([[holds]]);
  });

  it("are none where none is asked for", async () => {
    expect(await bench.store.requests.holders([])).toEqual([]);
  });
});

describe("a VM's lock", () => {
  it("is one worker's until it gives it up or the lease runs out", async () => {
    const { store, other } = bench;
    expect(await store.leases.take(vmLease(VM), "w1", 10_000)).toBe(true);
    expect(await other.leases.take(vmLease(VM), "w2", 10_000)).toBe(false);
    expect(await other.leases.take(vmLease(vmKey(vmId("vm-02"))), "w2", 10_000)).toBe(true);
    await other.leases.give(vmLease(VM), "w2");
    expect(await other.leases.take(vmLease(VM), "w2", 10_000)).toBe(false);
    await store.leases.give(vmLease(VM), "w1");
    expect(await other.leases.take(vmLease(VM), "w2", 10_000)).toBe(true);
    bench.advance(10_001);
    expect(await store.leases.take(vmLease(VM), "w1", 10_000)).toBe(true);
  });

  it("lasts longer for its owner who asks again", async () => {
    const { store, other } = bench;
    await store.leases.take(vmLease(VM), "w1", 10_000);
    bench.advance(9_000);
    expect(await store.leases.take(vmLease(VM), "w1", 10_000)).toBe(true);
    bench.advance(9_000);
    expect(await other.leases.take(vmLease(VM), "w2", 10_000)).toBe(false);
  });

  it("goes to exactly one of many", async () => {
    const locked = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? bench.store : bench.other).leases.take(vmLease(VM), `w${n}`, 10_000),
      ),
    );
    expect(locked.filter(Boolean)).toHaveLength(1);
  });
});

describe("a delivery", () => {
  it("is the first once, on whatever replica, and again for whatever method", async () => {
    const { store, other } = bench;
    const nowMs = await store.storeClock.nowMs();
    const first = await Promise.all([store.deliveries.take("d1"), other.deliveries.take("d1")]);
    expect(first.toSorted()).toEqual([false, true]);
    expect((await store.requests.create(write(pending(nowMs), "d1"), LIMITS)).outcome).toBe(
      "repeated",
    );
    await store.requests.create(write(pending(nowMs), "d2"), LIMITS);
    expect(await store.deliveries.take("d2")).toBe(false);
  });
});

describe("record", () => {
  it("numbers what changed nothing like everything else", async () => {
    const { store, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(pending(nowMs)), LIMITS);
    const refused = { what: "refused", by: ERIN, detail: { why: "own-request" } };
    expect(await store.auditNotes.record(pending(nowMs).id, refused, "click")).toBe("recorded");
    expect(await store.auditNotes.record(pending(nowMs).id, refused, "click")).toBe("repeated");
    expect(await store.auditNotes.record(undefined, { what: "policy-changed" })).toBe("recorded");
    expect(await audited(redis)).toEqual([
      expect.objectContaining({ seq: 1, what: "pending" }),
      { seq: 2, atMs: expect.any(Number), id: pending(nowMs).id, ...refused },
      { seq: 3, atMs: expect.any(Number), what: "policy-changed" },
    ]);
  });

  it("numbers on where every entry was trimmed away", async () => {
    const { store, redis } = bench;
    await store.auditNotes.record(undefined, { what: "one" });
    await redis.xtrim("{jit:T0TEST}:audit", "MAXLEN", 0);
    await store.auditNotes.record(undefined, { what: "two" });
    expect(await audited(redis)).toMatchObject([{ seq: 2, what: "two" }]);
  });

  it("is bounded, whatever it is given, and keeps reasons to the letter", async () => {
    const { store, redis } = bench;
    const reason = `${'ü\n"🚪'.repeat(180)}\ud83d`;
    const detail = {
      reason,
      long: "x".repeat(100_000),
      list: Array.from({ length: 5_000 }, () => "y".repeat(10)),
      ...Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n])),
    };
    await store.auditNotes.record(undefined, { what: "odd", detail });
    const [entry] = await audited(redis);
    expect(entry?.detail).toMatchObject({ reason, k0: 0 });
    expect(JSON.stringify(entry).length).toBeLessThan(10_000);
  });
});

describe("a channel's turn", () => {
  it("is given at once for a short burst, then once a second over all replicas", async () => {
    const { store, other } = bench;
    expect(await store.rateLimits.takeTurn(OPS)).toBe(0);
    expect(await other.rateLimits.takeTurn(OPS)).toBe(0);
    expect(await store.rateLimits.takeTurn(OPS)).toBe(0);
    const waitMs = await other.rateLimits.takeTurn(OPS);
    expect(waitMs).toBeGreaterThan(800);
    expect(waitMs).toBeLessThanOrEqual(1_000);
    expect(await other.rateLimits.takeTurn("C0OTHER")).toBe(0);
    const slow = await Promise.all(
      [1, 2, 3, 4].map(() => store.rateLimits.takeTurn("slow", 10_000)),
    );
    expect(slow.slice(0, 3)).toEqual([0, 0, 0]);
    expect(slow[3]).toBeGreaterThan(9_000);
    bench.advance(waitMs);
    expect(await store.rateLimits.takeTurn(OPS)).toBe(0);
    expect(await other.rateLimits.takeTurn(OPS)).toBeGreaterThan(0);
    bench.advance(10_000);
    const burst = await Promise.all([1, 2, 3, 4, 5].map(() => store.rateLimits.takeTurn(OPS)));
    expect(burst.filter((wait) => wait === 0)).toHaveLength(3);
  });
});

describe("the key of the bot's own calls to Azure", () => {
  it("is drawn once, and is the same for every replica", async () => {
    const { store, other } = bench;
    const [one, another] = await Promise.all([store.callKeys.current(), other.callKeys.current()]);
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(another).toBe(one);
    expect(await store.callKeys.current()).toBe(one);
  });
});
