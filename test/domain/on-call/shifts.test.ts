// Who is on call at a moment, held against a count of every minute that shares no code with it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Shift } from "../../../src/domain/on-call/rota.ts";
import { onCallAt } from "../../../src/domain/on-call/shifts.ts";

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 9, 24);
const shift = (who: string, from: number, until: number): Shift => ({
  address: `${who}@example.com`,
  fromMs: T0 + from * MINUTE,
  untilMs: T0 + until * MINUTE,
});
const at = (shifts: readonly Shift[], minute: number) =>
  onCallAt(shifts, T0 + minute * MINUTE).map(({ address, untilMs }) => [
    address.split("@")[0],
    untilMs === undefined ? "open end" : (untilMs - T0) / MINUTE,
  ]);

describe("who is on call", () => {
  it.each<[string, readonly Shift[], number, readonly unknown[]]>([
    ["nobody without shifts", [], 0, []],
    ["from the first moment of a shift", [shift("lea", 0, 10)], 0, [["lea", 10]]],
    ["not at its last", [shift("lea", 0, 10)], 10, []],
    [
      "one at a handover, not two",
      [shift("lea", 0, 10), shift("omar", 10, 20)],
      10,
      [["omar", 20]],
    ],
    ["nobody in a gap", [shift("lea", 0, 10), shift("lea", 11, 20)], 10, []],
    [
      "both where shifts overlap",
      [shift("omar", 5, 20), shift("lea", 0, 10)],
      7,
      [
        ["lea", 10],
        ["omar", 20],
      ],
    ],
    [
      "each once, until shifts that touch are over",
      [shift("lea", 0, 10), shift("lea", 10, 30)],
      3,
      [["lea", 30]],
    ],
    ["no longer than to a gap", [shift("lea", 0, 10), shift("lea", 11, 30)], 3, [["lea", 10]]],
    ["not before", [shift("lea", 1, 10)], 0, []],
    [
      "without an end where there is none",
      [{ ...shift("lea", 0, 0), untilMs: Number.POSITIVE_INFINITY }],
      5,
      [["lea", "open end"]],
    ],
  ])("%s", (_, shifts, minute, expected) => {
    expect(at(shifts, minute)).toEqual(expected);
  });

  const HOURS = 60;
  const rota = fc.array(
    fc
      .tuple(fc.constantFrom("lea", "omar", "erin", "sam"), fc.nat(HOURS), fc.nat(20))
      .map(([who, from, length]) => shift(who, from, from + length)),
    { maxLength: 12 },
  );

  it("is, of ten thousand rotas, whom a count of minutes finds", () => {
    fc.assert(
      fc.property(rota, fc.nat(HOURS + 20), (shifts, minute) => {
        // Each minute of each shift is ticked off by itself.
        const ticked = new Map<string, Set<number>>();
        for (const { address, fromMs, untilMs } of shifts) {
          const own = ticked.get(address) ?? new Set();
          for (let ms = fromMs; ms < untilMs; ms += MINUTE) own.add((ms - T0) / MINUTE);
          ticked.set(address, own);
        }
        const expected = [...ticked].flatMap(([address, own]) => {
          if (!own.has(minute)) return [];
          let until = minute;
          while (own.has(until)) until += 1;
          return [[address.split("@")[0], until]];
        });
        expect(at(shifts, minute)).toEqual(expected.sort());
      }),
      { numRuns: 10_000 },
    );
  });
});
