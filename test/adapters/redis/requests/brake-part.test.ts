// The brake where it counts: in the step that stores that Azure is about to be asked, over two replicas.

import { describe, expect, it } from "vitest";
import type { Opens } from "../../../../src/ports/storage/requests.ts";
import { ADA } from "../../../support/requests.ts";
import { benchPerFile, idOf, LIMITS, OPS, opening, write } from "../with-store.ts";

const bench = benchPerFile();
const NOTE = { audit: [], notices: [] };

const perMinute = (most: number): Opens["perMinute"] => ({
  most,
  reason: `more than ${most} openings within a minute`,
  audit: [{ what: "frozen" }],
  notices: [{ channel: OPS, notice: { what: "breaker", atMs: 0 } }],
});

async function opened(n: number, opens: Opens, store = bench.other): Promise<string> {
  const request = opening(await bench.store.storeClock.nowMs(), { id: idOf(n) });
  await bench.store.requests.create(write(request), { ...LIMITS, openPerPerson: 100 });
  return (await store.requests.commit(1, { ...write(request), opens })).outcome;
}

describe("a commit that opens", () => {
  it("is refused on every replica once access is frozen, but in an emergency", async () => {
    expect(await opened(1, { anyway: false })).toBe("written");
    await bench.store.freezes.set({ by: ADA, reason: "a | b" }, { ...NOTE, delivery: "d1" });
    expect(await bench.other.freezes.now()).toMatchObject({ by: ADA, reason: "a | b" });
    expect(await opened(2, { anyway: false })).toBe("frozen");
    expect(await opened(3, { anyway: true })).toBe("written");
    await bench.store.freezes.lift({ ...NOTE, delivery: "d2" });
    expect(await opened(4, { anyway: false })).toBe("written");
  });

  it("freezes access when it is one too many within a minute, and isn't opened", async () => {
    const opens = { anyway: false, perMinute: perMinute(2) };
    expect([await opened(1, opens), await opened(2, opens, bench.store)]).toEqual([
      "written",
      "written",
    ]);
    expect(await opened(3, opens)).toBe("frozen");
    const freeze = await bench.store.freezes.now();
    expect(freeze).toMatchObject({ by: undefined, reason: "more than 2 openings within a minute" });
    const notices = JSON.stringify(await bench.redis.hgetall("{jit:T0TEST}:notices"));
    const atMs = Number(/atMs\W+(\d+)/.exec(notices)?.[1]);
    expect(Math.abs(atMs - (await bench.store.storeClock.nowMs()))).toBeLessThan(60_000);
    expect(notices).toContain(idOf(3));
    expect(notices).toContain("vm-01");
  });

  it("counts no more than a minute", async () => {
    const opens = { anyway: false, perMinute: perMinute(1) };
    expect(await opened(1, opens)).toBe("written");
    bench.advance(61_000);
    expect(await opened(2, opens)).toBe("written");
  });

  it("counts from when the freeze is lifted: what tripped the breaker is known", async () => {
    const opens = { anyway: false, perMinute: perMinute(1) };
    expect(await opened(1, opens)).toBe("written");
    expect(await opened(2, opens)).toBe("frozen");
    await bench.store.freezes.lift({ ...NOTE, delivery: "d1" });
    expect(await opened(3, opens)).toBe("written");
    expect(await opened(4, opens)).toBe("frozen");
  });
});
