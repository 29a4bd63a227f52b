// Whatever workers and people do in whatever order, and wherever workers die: nothing outstanding is lost,
// and nothing is held by two.
// Of src/adapters/redis/requests/work-queue.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueAtMs } from "../../../src/domain/request/outstanding.ts";
import { HOUR } from "../../support/requests.ts";
import { emptyHands, KINDS, make, REQUESTS, run, type Step } from "./play.ts";
import { benchPerFile, ended, idOf, LEASE, OPS, open, write } from "./with-store.ts";

const bench = benchPerFile();

const n = fc.nat(REQUESTS - 1);
const worker = fc.constantFrom("w1", "w2", "w3");
const kind = fc.constantFrom(...KINDS);
const waits = [100, 2_000, LEASE.leaseMs / 2, LEASE.leaseMs + 1, HOUR / 3, 2 * HOUR];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant("create" as const), n, kind }),
  fc.record({ does: fc.constant("click" as const), n, kind, stale: fc.boolean() }),
  fc.record({ does: fc.constant("claim" as const), worker, most: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ does: fc.constant("bring-on" as const), worker, kind }),
  fc.record({ does: fc.constant("release" as const), worker }),
  fc.record({ does: fc.constant("die" as const), worker }),
  fc.record({ does: fc.constant("notify" as const) }),
  fc.record({ does: fc.constant("wait" as const), ms: fc.constantFrom(...waits) }),
);

/** Everything that a worker gets once all leases are over and the time of everything has come. */
async function claimable() {
  bench.advance(24 * HOUR);
  return (await bench.store.workQueue.claim("last", { ...LEASE, most: 1_000 })).claims;
}

async function stored() {
  const kept = await Promise.all(
    Array.from({ length: REQUESTS }, (_, i) => bench.store.requests.read(idOf(i))),
  );
  return kept.filter((one) => one !== undefined);
}

describe("whatever happens", () => {
  it("what is outstanding is brought to somebody, and nothing to anybody once nothing is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
        await bench.server.flush();
        const hands = emptyHands();
        for (const one of steps) await run(bench, hands, one);

        const kept = await stored();
        const outstanding = kept.filter(({ request }) => dueAtMs(request) !== undefined);
        const claims = await claimable();
        const brought = claims.flatMap((one) => (one.kind === "request" ? [one.id] : []));
        // More may be brought: what was held when somebody else finished it is looked at once more.
        expect(brought).toEqual(
          expect.arrayContaining(outstanding.map(({ request }) => request.id)),
        );
        expect(new Set(brought).size).toBe(brought.length);
        expect(claims.filter((one) => one.kind === "unreadable")).toEqual([]);

        const notices = claims.flatMap((one) => (one.kind === "notices" ? one.notices : []));
        const told = new Set([...hands.told, ...notices.map((one) => one.atMs)]);
        expect(told.size).toBe(hands.notified);

        for (const { request, version, nowMs } of kept) {
          const over = ended(open(nowMs, { id: request.id }));
          await bench.store.requests.commit(version, write(over), "last");
          await bench.store.workQueue.release("last", request.id, {
            version: version + 1,
            dueAtMs: undefined,
          });
        }
        await bench.store.notices.release("last", OPS, { count: notices.length });
        expect(await claimable()).toEqual([]);
      }),
      { numRuns: 200 },
    );
  }, 120_000);

  it("the game would notice if something were brought to two", async () => {
    const hands = emptyHands();
    const nowMs = await bench.store.storeClock.nowMs();
    await bench.store.requests.create(write(make("unposted", nowMs, 0)), {
      openPerPerson: 9,
      pendingPerPerson: 9,
    });
    hands.leases.set(idOf(0), { worker: "w2", untilMs: nowMs + HOUR });
    await expect(run(bench, hands, { does: "claim", worker: "w1", most: 1 })).rejects.toThrow(
      "held",
    );
  });
});
