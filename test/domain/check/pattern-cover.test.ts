// Whether patterns take all of another: by examples, and against every short text.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeAllOf } from "../../../src/domain/check/pattern-cover.ts";
import { anyGlob, glob } from "../../../src/domain/rules/glob.ts";

const TAKEN: readonly (readonly [readonly string[], string])[] = [
  [["*"], "*"],
  [["*"], "rg-*"],
  [["**"], "?*"],
  [["rg-*"], "rg-prod-*"],
  [["rg-*"], "RG-Prod"],
  [["RG-*"], "rg-1"],
  [["rg-?"], "rg-1"],
  [["*a*"], "*ab*a*"],
  [["?*"], "*?"],
  [["prod", "test"], "test"],
  [["a*", "b*"], "a?"],
  // Only together: the empty text, and all others.
  [["?*", "", "*x"], "*x*x"],
  [["a*b", "a*c", "a"], "a?*b"],
];

const LEFT: readonly (readonly [readonly string[], string])[] = [
  [["rg-prod-*"], "rg-*"],
  [["?*"], "*"],
  [["rg-?"], "rg-*"],
  [["prod"], "pro?"],
  [["*a*"], "*"],
  [["a*", "b*"], "?*"],
  [["*a", "*b"], "*?"],
  [[], "a"],
  [["a"], "A*"],
];

describe("patterns", () => {
  it.each(TAKEN)("%j take all of %s", (patterns, pattern) => {
    expect(takeAllOf(patterns, pattern)).toBe(true);
  });

  it.each(LEFT)("%j do not take all of %s", (patterns, pattern) => {
    expect(takeAllOf(patterns, pattern)).toBe(false);
  });

  it("take all of another exactly where no short text tells otherwise", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(somePattern, { maxLength: 3 }), somePattern, (patterns, pattern) => {
        const all = takeAllOf(patterns, pattern);
        taken += all ? 1 : 0;
        const [fits, takes] = [glob(pattern), anyGlob(patterns)];
        // Patterns of four characters are told apart by texts of seven over their letters and one more.
        expect(all).toBe(TEXTS.every((text) => !fits(text) || takes(text)));
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it("are given up, not waited for, where they are made to be hard", () => {
    const hard = Array.from({ length: 6 }, (_, n) => `*${"a?".repeat(n + 3)}*b?`);
    const startedAtMs = performance.now();
    expect(takeAllOf(hard, "*a*a*a*a*a*b*")).toBe(false);
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  });
});

const somePattern = fc
  .array(fc.constantFrom("a", "b", "*", "*", "?"), { maxLength: 4 })
  .map((characters) => characters.join(""));

const TEXTS: readonly string[] = Array.from({ length: 7 }).reduce<string[]>(
  (texts) => [
    ...new Set([...texts, ...texts.flatMap((text) => ["a", "b", "c"].map((c) => text + c))]),
  ],
  [""],
);
