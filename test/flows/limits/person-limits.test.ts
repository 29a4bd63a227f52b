// What one person may do in a while: so much at once, then evenly; each kind and each person apart.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readsAs } from "../../../src/flows/limited-inbound.ts";
import { bucket, PACES, personLimits } from "../../../src/flows/limits/person-limits.ts";
import { ADA, ERIN } from "../../support/requests.ts";

const clockAt = (start = 0) => {
  let nowMs = start;
  return {
    monotonicMs: () => nowMs,
    pass(ms: number) {
      nowMs += ms;
    },
  };
};

describe("a bucket", () => {
  it("lets through so much at once and so much in time, and never more", () => {
    const pace = fc.record({
      atOnce: fc.integer({ min: 1, max: 20 }),
      everyMs: fc.constant(1_000),
    });
    const pauses = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(pace, pauses, ({ atOnce, everyMs }, waits) => {
        const clock = clockAt();
        const take = bucket<string>(clock, { atOnce, everyMs });
        let taken = 0;
        for (const ms of waits) {
          clock.pass(ms);
          const waitMs = take("a");
          if (waitMs === 0) taken += 1;
          expect(waitMs).toBeLessThanOrEqual(everyMs);
          expect(taken).toBeLessThanOrEqual(atOnce + clock.monotonicMs() / everyMs);
        }
      }),
    );
  });

  it("says exactly how long to wait", () => {
    const clock = clockAt(5);
    const take = bucket<string>(clock, { atOnce: 2, everyMs: 1_000 });
    expect([take("a"), take("a"), take("a")]).toEqual([0, 0, 1_000]);
    expect(take("b")).toBe(0);
    clock.pass(999);
    expect(take("a")).toBe(1);
    clock.pass(1);
    expect([take("a"), take("a")]).toEqual([0, 1_000]);
  });

  it("remembers only so many", () => {
    const take = bucket<number>(clockAt(), { atOnce: 1, everyMs: 1_000 });
    expect(take(0)).toBe(0);
    for (let n = 1; n <= 10_000; n++) take(n);
    // The one who did least lately is forgotten; whoever did something just now is not.
    expect(take(0)).toBe(0);
    expect(take(10_000)).toBe(1_000);
  });
});

describe("a person", () => {
  it("who has used up one kind has the others, and nobody else is held back", () => {
    const limits = personLimits(clockAt());
    for (let n = 0; n < PACES.usual.atOnce; n++) expect(limits.take(ERIN, "usual")).toBeUndefined();
    expect(limits.take(ERIN, "usual")).toMatchObject({ refused: "too-fast" });
    for (const kind of ["reserved", "typing", "home", "yes", "azure"] as const) {
      expect(limits.take(ERIN, kind)).toBeUndefined();
    }
    expect(limits.take(ADA, "usual")).toBeUndefined();
  });

  it.each([
    ["breakglass vm-01 for x", "reserved"],
    ["  BreakGlass vm-01", "reserved"],
    ["break-glass vm-01 for x", "reserved"],
    ["end JIT-4K7QWD", "reserved"],
    ["END all", "reserved"],
    ["freeze for x", "reserved"],
    ["endless", "usual"],
    ["request end 22", "usual"],
    ["", "usual"],
  ] as const)("who types %s has the %s kind", (text, kind) => {
    expect(readsAs({ text })).toBe(kind);
  });

  it("who presses End has the reserved kind, and any other button the usual one", () => {
    expect(readsAs({ button: "end" })).toBe("reserved");
    expect(readsAs({ button: "approve" })).toBe("usual");
  });
});
