// Requests are made, read and changed: every outcome, on a real Redis.

import { describe, expect, it } from "vitest";
import { ERIN, HOUR, LEA } from "../../../support/requests.ts";
import {
  audited,
  benchPerFile,
  ended,
  idOf,
  LIMITS,
  open,
  opening,
  pending,
  write,
} from "../with-store.ts";

const bench = benchPerFile();

describe("create", () => {
  it("keeps a request as version 1, at the time of Redis's clock", async () => {
    const { store } = bench;
    bench.advance(5 * HOUR);
    const nowMs = await store.storeClock.nowMs();
    expect(nowMs - Date.now()).toBeGreaterThan(4 * HOUR);
    const next = pending(nowMs);
    const created = await store.requests.create(write(next), LIMITS);
    expect(created).toEqual({ outcome: "created", nowMs: expect.any(Number) });
    const kept = await store.requests.read(next.id);
    expect(kept).toEqual({ request: next, version: 1, nowMs: expect.any(Number) });
    expect(kept?.nowMs).toBeGreaterThanOrEqual(nowMs);
  });

  it("answers nothing where there is no request", async () => {
    expect(await bench.store.requests.read(idOf(1))).toBeUndefined();
  });

  it("does nothing when the delivery comes again", async () => {
    const { store, other, redis } = bench;
    const next = pending(await store.storeClock.nowMs());
    await store.requests.create(write(next, "v0=abc"), LIMITS);
    const again = await other.requests.create(write({ ...next, id: idOf(2) }, "v0=abc"), LIMITS);
    expect(again).toEqual({ outcome: "repeated" });
    expect(await store.requests.read(idOf(2))).toBeUndefined();
    expect(await audited(redis)).toHaveLength(1);
  });

  it("refuses an id that is taken, and leaves the request that has it alone", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(pending(nowMs, { nonce: "first" })), LIMITS);
    const again = await store.requests.create(
      write(pending(nowMs, { nonce: "second" }), "d2"),
      LIMITS,
    );
    expect(again).toEqual({ outcome: "id-taken" });
    expect((await store.requests.read(pending(nowMs).id))?.request.nonce).toBe("first");
    // Another id can be drawn for the same delivery.
    const drawn = await store.requests.create(write(pending(nowMs, { id: idOf(2) }), "d2"), LIMITS);
    expect(drawn.outcome).toBe("created");
  });

  it("makes a request that needs no approval directly in state opening", async () => {
    const { store } = bench;
    const next = opening(await store.storeClock.nowMs());
    await store.requests.create(write(next), LIMITS);
    expect(await store.requests.list("open", 10)).toEqual([next]);
    expect(await store.requests.list("pending", 10)).toEqual([]);
  });
});

describe("commit", () => {
  it("writes the next version, its audit and its time", async () => {
    const { store, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    const first = pending(nowMs);
    await store.requests.create(write(first), LIMITS);
    const next = opening(nowMs);
    const audit = [{ what: "granted", by: LEA, detail: { need: 1, ports: ["3389"] } }];
    const committed = await store.requests.commit(1, { next, audit });
    expect(committed).toMatchObject({
      outcome: "written",
      version: 2,
      nowMs: expect.any(Number),
    });
    expect(await store.requests.read(first.id)).toMatchObject({ request: next, version: 2 });
    expect(await audited(redis)).toEqual([
      { seq: 1, atMs: expect.any(Number), id: first.id, what: "pending", by: ERIN },
      { seq: 2, atMs: expect.any(Number), id: first.id, ...audit[0] },
    ]);
  });

  it("answers conflict where somebody else wrote in between, and writes nothing", async () => {
    const { store, other, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(pending(nowMs)), LIMITS);
    await other.requests.commit(1, write(opening(nowMs)));
    expect(await store.requests.commit(1, write(ended(open(nowMs)), "d"))).toEqual({
      outcome: "conflict",
    });
    expect((await store.requests.read(pending(nowMs).id))?.request.state).toBe("opening");
    expect(await audited(redis)).toHaveLength(2);
    // The delivery is not used up: the same click can be decided again.
    expect((await store.requests.commit(2, write(open(nowMs), "d"))).outcome).toBe("written");
  });

  it("answers conflict where the request is gone", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    expect(await bench.store.requests.commit(1, write(open(nowMs)))).toEqual({
      outcome: "conflict",
    });
  });

  it("answers repeated to a delivery that was handled, whatever the version", async () => {
    const { store, other } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(pending(nowMs)), LIMITS);
    await store.requests.commit(1, write(opening(nowMs), "click"));
    for (const version of [1, 2]) {
      expect(await other.requests.commit(version, write(open(nowMs), "click"))).toEqual({
        outcome: "repeated",
      });
    }
    expect((await store.requests.read(pending(nowMs).id))?.version).toBe(2);
  });

  it("lets exactly one of many writers win, and numbers the audit without a gap", async () => {
    const { store, other, redis } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(pending(nowMs)), LIMITS);
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        (n % 2 ? store : other).requests.commit(1, write(pending(nowMs, { nonce: `n${n}` }))),
      ),
    );
    expect(outcomes.filter((one) => one.outcome === "written")).toHaveLength(1);
    expect(outcomes.filter((one) => one.outcome === "conflict")).toHaveLength(29);
    const winner = outcomes.findIndex((one) => one.outcome === "written");
    expect((await store.requests.read(pending(nowMs).id))?.request.nonce).toBe(`n${winner}`);
    expect((await audited(redis)).map((entry) => entry.seq)).toEqual([1, 2]);
  });

  it("handles one of many deliveries that are the same", async () => {
    const { store, other } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(pending(nowMs)), LIMITS);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        (n % 2 ? store : other).requests.commit(1, write(opening(nowMs), "same")),
      ),
    );
    const count = (outcome: string) => outcomes.filter((one) => one.outcome === outcome).length;
    expect([count("written"), count("repeated")]).toEqual([1, 9]);
  });
});
