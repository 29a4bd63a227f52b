// What the watch remembers: one turn at a time, how far it got, and what was told, once over all replicas.

import { beforeEach, describe, expect, it } from "vitest";
import { redisWatch } from "../../../../src/adapters/redis/watch/stored-watch.ts";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import type { Seen, WatchTurn } from "../../../../src/ports/storage/watch-repository.ts";
import { vmId } from "../../../support/requests.ts";
import { audited, benchPerFile, idOf, LEASE, OPS, TENANT } from "../with-store.ts";

const bench = benchPerFile();
const MINUTE = 60_000;
const DAY = 86_400_000;
const PACE = { everyMs: MINUTE, leaseMs: 90_000 };

let offsetMs = 0;
beforeEach(() => {
  offsetMs = 0;
});
const watch = () => redisWatch(bench.redis, { tenant: TENANT, clockOffsetMs: () => offsetMs });

/** Past the first wait. */
async function taken(worker = "one"): Promise<WatchTurn> {
  offsetMs += MINUTE;
  const turn = await watch().takeTurn(worker, PACE);
  if ("waitMs" in turn) throw new Error(`${worker} has to wait ${turn.waitMs} ms`);
  return turn;
}

describe("a turn", () => {
  it("is first taken when the time between two of them is over", async () => {
    expect(await watch().takeTurn("one", PACE)).toEqual({ waitMs: MINUTE });
    expect(await taken()).toMatchObject({ read: {}, skip: 0 });
  });

  it("is one replica's, until it ends it or its lease runs out", async () => {
    await watch().takeTurn("one", PACE);
    const turn = await taken();
    const waits = await watch().takeTurn("two", PACE);
    expect(waits).toEqual({ waitMs: expect.any(Number) });
    const read = { "sub-a": { sinceMs: 1, untilMs: 2 } };
    await watch().endTurn("one", { ...turn, read, skip: 100 }, MINUTE);
    expect(await taken("two")).toMatchObject({ read, skip: 100 });
    // Whoever comes back too late changes nothing.
    await watch().endTurn("one", { ...turn, read: {}, skip: 0 }, MINUTE);
    offsetMs += 30_001;
    expect(await taken("three")).toMatchObject({ read, skip: 100 });
  });

  it("is taken again by the replica whose answer was lost, or whose turn failed", async () => {
    await watch().takeTurn("one", PACE);
    await taken();
    expect(await watch().takeTurn("two", PACE)).toEqual({ waitMs: expect.any(Number) });
    const again = await watch().takeTurn("one", PACE);
    if ("waitMs" in again) throw new Error("it waits for itself");
    await watch().endTurn("one", again, MINUTE);
    expect(await watch().takeTurn("one", PACE)).toEqual({ waitMs: expect.any(Number) });
  });

  it("does not wait for a time that was set when turns were rarer", async () => {
    await watch().takeTurn("one", { everyMs: 60 * MINUTE, leaseMs: 90_000 });
    expect(await watch().takeTurn("one", { everyMs: 1_000, leaseMs: 5_000 })).toEqual({
      waitMs: 5_000,
    });
  });

  it("begins anew where what was kept can't be read", async () => {
    await watch().takeTurn("one", PACE);
    await bench.redis.hset(`{jit:${TENANT}}:watch`, "read", "rubbish");
    expect(await taken()).toMatchObject({ read: {}, skip: 0 });
  });
});

describe("what the log tells", () => {
  const seen = async (change: Partial<Seen> = {}): Promise<Seen> => ({
    marks: ["event|1", "event|2"],
    atMs: await bench.store.storeClock.nowMs(),
    notes: [
      {
        note: { what: "opened-elsewhere", detail: { caller: "barbara", status: "Succeeded" } },
        about: { id: idOf(1), vm: vmKey(vmId("vm-01")) },
      },
    ],
    notices: [{ channel: OPS, notice: { what: "opened-elsewhere", atMs: 5, by: "barbara" } }],
    ...change,
  });

  it("is written and told in one step, by one of all replicas", async () => {
    const told = await Promise.all([0, 1, 2].map(async () => watch().tell(await seen())));
    expect(told.toSorted()).toEqual(["repeated", "repeated", "told"]);
    expect(await audited(bench.redis)).toHaveLength(1);
    bench.advance(5_000);
    const [claim] = (await bench.store.workQueue.claim("worker", LEASE)).claims;
    expect(claim).toMatchObject({
      kind: "notices",
      notices: [{ what: "opened-elsewhere", by: "barbara" }],
    });
  });

  it("is known as told, by each of its marks", async () => {
    await watch().tell(await seen());
    expect(await watch().unseen(["new", "event|1", "event|2"])).toEqual(["new"]);
    expect(await watch().unseen([])).toEqual([]);
  });

  it("is not told where one of its marks is known, and then leaves no others", async () => {
    await watch().remember([{ mark: "event|2", atMs: await bench.store.storeClock.nowMs() }]);
    await watch().remember([]);
    expect(await watch().tell(await seen())).toBe("repeated");
    expect(await watch().unseen(["event|1", "event|2"])).toEqual(["event|1"]);
    expect(await audited(bench.redis)).toEqual([]);
  });

  it("is forgotten long after the log is read back so far", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    await watch().tell(await seen({ marks: ["old"], atMs: nowMs - 7 * DAY }));
    await watch().tell(await seen({ marks: ["older"], atMs: nowMs - 9 * DAY }));
    await watch().tell(await seen({ marks: ["new"] }));
    expect(await watch().unseen(["old", "older", "new"])).toEqual(["older"]);
  });
});
