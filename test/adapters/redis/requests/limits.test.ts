// How many requests a person may have: counted by Redis, in the step that makes another.
// Of src/adapters/redis/requests/requests.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestIdFrom, userId } from "../../../../src/domain/text/ids.ts";
import type { Created, Limits } from "../../../../src/ports/storage/requests.ts";
import { ADA, ERIN } from "../../../support/requests.ts";
import {
  at,
  benchPerFile,
  ended,
  ending,
  idOf,
  open,
  opening,
  pending,
  write,
} from "../with-store.ts";

const bench = benchPerFile();
const NO_LIMITS = { openPerPerson: 1_000, pendingPerPerson: 1_000 };

describe("the limits", () => {
  const limits = { openPerPerson: 2, pendingPerPerson: 3 };
  const createMany = async (
    many: number,
    make: (nowMs: number, n: number) => ReturnType<typeof pending | typeof open>,
  ): Promise<readonly Created[]> => {
    const nowMs = await bench.store.storeClock.nowMs();
    const made: Created[] = [];
    for (let n = 0; n < many; n++) {
      made.push(await bench.store.requests.create(write(make(nowMs, n)), limits));
    }
    return made;
  };

  it("refuse another request to who has as many undecided as the limit", async () => {
    const made = await createMany(4, (nowMs, n) => pending(nowMs, { id: idOf(n) }));
    expect(made.map((one) => one.outcome)).toEqual([
      ...["created", "created", "created", "too-many-pending"],
    ]);
    expect(made[3]).toEqual({ outcome: "too-many-pending", count: 3 });
  });

  it("count one's own only", async () => {
    await createMany(3, (nowMs, n) => pending(nowMs, { id: idOf(n) }));
    const nowMs = await bench.store.storeClock.nowMs();
    const of = { ...at(nowMs, { requester: ADA }), id: idOf(9) };
    expect((await bench.store.requests.create(write(pending(nowMs, of)), limits)).outcome).toBe(
      "created",
    );
  });

  it("refuse every request to who has as many open as the limit", async () => {
    const made = await createMany(3, (nowMs, n) => open(nowMs, { id: idOf(n) }));
    expect(made[2]).toEqual({ outcome: "too-many-open", count: 2 });
    const nowMs = await bench.store.storeClock.nowMs();
    const asked = await bench.store.requests.create(write(pending(nowMs, { id: idOf(9) })), limits);
    expect(asked).toEqual({ outcome: "too-many-open", count: 2 });
  });

  it("leave room for all that are made along with one, or refuse it", async () => {
    const kind = fc.constantFrom("pending" as const, "open" as const);
    const some = fc.array(kind, { maxLength: 4 });
    const cases = fc.record({
      openPerPerson: fc.integer({ min: 1, max: 5 }),
      pendingPerPerson: fc.integer({ min: 1, max: 5 }),
      before: some,
      all: fc.array(kind, { minLength: 1, maxLength: 5 }),
    });
    let requester = 0;
    const make = { pending, open };
    await fc.assert(
      fc.asyncProperty(cases, async ({ before, all, ...most }) => {
        const nowMs = await bench.store.storeClock.nowMs();
        const by = userId(`U0P${++requester}`);
        let n = 0;
        const create = async (index: "pending" | "open", limits: Limits) => {
          const id = requestIdFrom(
            new TextEncoder().encode(`${requester}-${++n}-----`).slice(0, 6),
          );
          const one = make[index](nowMs, { ...at(nowMs, { requester: by }), id });
          return (await bench.store.requests.create(write(one), limits)).outcome;
        };
        for (const index of before) await create(index, NO_LIMITS);
        const [first, ...along] = all;
        if (first === undefined) return;
        const made = await create(first, { ...most, along });
        // Those after it are made one by one, each within the limits: all of them, or not even the first.
        const held = Map.groupBy(before, (index) => index);
        let fits = true;
        const counts = {
          open: held.get("open")?.length ?? 0,
          pending: held.get("pending")?.length ?? 0,
        };
        for (const index of all) {
          fits &&= counts.open < most.openPerPerson;
          fits &&= index === "open" || counts.pending < most.pendingPerPerson;
          counts[index] += 1;
        }
        expect(made === "created").toBe(fits);
        if (!fits) return;
        for (const index of along) expect(await create(index, most)).toBe("created");
      }),
      { numRuns: 200 },
    );
  });

  it("let an automatic request through to who waits for decisions", async () => {
    await createMany(3, (nowMs, n) => pending(nowMs, { id: idOf(n) }));
    const nowMs = await bench.store.storeClock.nowMs();
    const made = await bench.store.requests.create(write(opening(nowMs, { id: idOf(9) })), limits);
    expect(made.outcome).toBe("created");
  });

  it("follow the state: what is decided or over makes room", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    for (const n of [1, 2]) {
      await store.requests.create(write(pending(nowMs, { id: idOf(n) })), limits);
      await store.requests.commit(1, write(opening(nowMs, { id: idOf(n) })));
    }
    const third = write(pending(nowMs, { id: idOf(3) }));
    expect((await store.requests.create(third, limits)).outcome).toBe("too-many-open");
    const first = ending(nowMs, { id: idOf(1) });
    await store.requests.commit(2, write(first));
    expect((await store.requests.create(third, limits)).outcome).toBe("too-many-open");
    await store.requests.commit(3, write(ended(first)));
    expect((await store.requests.create(third, limits)).outcome).toBe("created");
  });

  it("count what was approved before when it opens, over all replicas, and itself not", async () => {
    const { store, other } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(nowMs, { id: idOf(0) })), limits);
    const ids = Array.from({ length: 12 }, (_, n) => idOf(n + 1));
    const many = { ...limits, pendingPerPerson: 100 };
    for (const id of ids) await store.requests.create(write(pending(nowMs, { id })), many);
    const opened = await Promise.all(
      ids.map((id, n) =>
        (n % 2 ? store : other).requests.commit(1, {
          ...write(opening(nowMs, { id })),
          openMax: limits.openPerPerson,
        }),
      ),
    );
    expect(opened.filter(({ outcome }) => outcome === "written")).toHaveLength(1);
    expect(opened.filter(({ outcome }) => outcome === "too-many-open")).toHaveLength(11);
    expect(opened).toContainEqual({ outcome: "too-many-open", count: 2 });
    // Nothing of the others was written.
    expect(await store.requests.list("open", 100)).toHaveLength(2);
    const [first = idOf(1)] = ids.filter((_, n) => opened[n]?.outcome === "written");
    const again = { ...write(ending(nowMs, { id: first })), openMax: limits.openPerPerson };
    expect((await store.requests.commit(2, again)).outcome).toBe("written");
  });

  it("do not count what was parked, which nothing will ever end", async () => {
    const { store } = bench;
    await createMany(2, (nowMs, n) => open(nowMs, { id: idOf(n) }));
    await store.deadLetters.park(idOf(0), { why: "crashes the worker" });
    const nowMs = await store.storeClock.nowMs();
    const made = await store.requests.create(write(pending(nowMs, { id: idOf(9) })), limits);
    expect(made.outcome).toBe("created");
  });

  it("hold when many requests come at the same time", async () => {
    const { store, other } = bench;
    const nowMs = await store.storeClock.nowMs();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? store : other).requests.create(write(pending(nowMs, { id: idOf(n) })), limits),
      ),
    );
    expect(made.filter((one) => one.outcome === "created")).toHaveLength(3);
    expect(await store.requests.list("pending", 100)).toHaveLength(3);
  });
});

describe("asks", () => {
  it("are counted in any minute, over all replicas, each person's and kind's apart", async () => {
    const { store, other } = bench;
    for (const one of [store, other, store])
      expect(await one.rateLimits.takeAsk(ERIN, 3, "usual")).toBe(0);
    const waitMs = await other.rateLimits.takeAsk(ERIN, 3, "usual");
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect(await store.rateLimits.takeAsk(ERIN, 3, "break-glass")).toBe(0);
    expect(await store.rateLimits.takeAsk(ADA, 3, "usual")).toBe(0);
    // Those who are told to wait have not used up anything by it.
    bench.advance(30_000);
    expect(await store.rateLimits.takeAsk(ERIN, 3, "usual")).toBeGreaterThan(20_000);
    bench.advance(30_000);
    expect(await store.rateLimits.takeAsk(ERIN, 3, "usual")).toBe(0);
    // A smaller limit counts what was asked before, too.
    expect(await store.rateLimits.takeAsk(ERIN, 1, "usual")).toBeGreaterThan(0);
    bench.advance(61_000);
    expect(await store.rateLimits.takeAsk(ERIN, 1, "usual")).toBe(0);
  });
});
