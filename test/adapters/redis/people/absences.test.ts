// Who is away, on a real Redis: over by itself, written once with its entry, and gone with whoever is erased.

import { describe, expect, it } from "vitest";
import { userId } from "../../../../src/domain/text/ids.ts";
import { HOUR, LEA, OMAR, SAM } from "../../../support/requests.ts";
import { benchPerFile } from "../with-store.ts";

const bench = benchPerFile();
const note = (what: string, by = LEA) => ({ what, by });

describe("who is away", () => {
  it("is known to every replica until then, and not longer", async () => {
    const { store, other } = bench;
    const nowMs = await store.storeClock.nowMs();
    const away = { user: LEA, untilMs: nowMs + HOUR, to: OMAR };
    expect(await store.absences.set(away, note("away"), "d1")).toBe("written");
    expect(await other.absences.now()).toMatchObject({
      away: [{ user: LEA, untilMs: nowMs + HOUR, to: OMAR }],
    });
    bench.advance(HOUR);
    expect((await other.absences.now()).away).toEqual([]);
    expect(await store.absences.end(LEA, note("back"), "d2")).toBe("not-away");
  });

  it("is what was said last, once for each delivery", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.absences.set({ user: LEA, untilMs: nowMs + HOUR, to: OMAR }, note("away"), "d1");
    const again = { user: LEA, untilMs: nowMs + 2 * HOUR };
    expect(await store.absences.set(again, note("away"), "d2")).toBe("written");
    expect(await store.absences.set({ ...again, to: SAM }, note("away"), "d2")).toBe("repeated");
    const { away } = await store.absences.now();
    expect(away).toMatchObject([{ user: LEA, untilMs: nowMs + 2 * HOUR }]);
    expect(away[0]?.to).toBeUndefined();
    expect(await store.absences.end(LEA, note("back"), "d3")).toBe("written");
    expect(await store.absences.end(LEA, note("back"), "d3")).toBe("repeated");
    expect((await store.absences.now()).away).toEqual([]);
    expect(await bench.redis.xlen("{jit:T0TEST}:audit")).toBe(3);
  });

  it("that is over is not kept for ever", async () => {
    const { store } = bench;
    const nowMs = await store.storeClock.nowMs();
    await store.absences.set({ user: LEA, untilMs: nowMs + HOUR }, note("away"), "d1");
    bench.advance(HOUR);
    const sam = userId("U0SAM");
    await store.absences.set({ user: sam, untilMs: nowMs + 3 * HOUR }, note("away", sam), "d2");
    expect(await bench.redis.hkeys("{jit:T0TEST}:away")).toEqual([sam]);
  });
});
