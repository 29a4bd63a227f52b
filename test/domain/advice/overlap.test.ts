// Whether two patterns, and two rules, can match one VM: by examples, and against every short text.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canMeet, patternsMeet } from "../../../src/domain/advice/overlap.ts";
import { glob } from "../../../src/domain/rules/glob.ts";

const LETTERS = ["a", "b", "c"];
const TEXTS = [""];
for (let at = 0; (TEXTS[at]?.length ?? 9) < 7; at++) {
  for (const letter of LETTERS) TEXTS.push(`${TEXTS[at]}${letter}`);
}

describe("patterns", () => {
  it("meet exactly where some short text fits both", () => {
    const some = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 4 });
    fc.assert(
      fc.property(some, some, (one, other) => {
        const both = [glob(one), glob(other)];
        const isMet = TEXTS.some((text) => both.every((matches) => matches(text)));
        expect(patternsMeet(one, other)).toBe(isMet);
      }),
      { numRuns: 300 },
    );
  });
});

describe("rules", () => {
  it.each([
    [{ tags: { env: ["prod"] } }, { tags: { ENV: ["Prod", "test"] } }, true],
    [{ tags: { env: ["prod"] } }, { tags: { env: ["test", "dev*"] } }, false],
    [{ tags: { env: ["prod"] } }, { tags: { team: ["a"] } }, true],
    [{ resourceGroups: ["rg-prod-*"] }, { resourceGroups: ["*-shop"] }, true],
    [{ resourceGroups: ["rg-prod-*"] }, { resourceGroups: ["rg-dev-*"] }, false],
    [{ vms: ["vm-1"], tags: { a: ["b"] } }, { vms: ["vm-2"] }, false],
    [{}, { subscriptions: ["x"] }, true],
  ])("of %j and %j: %s", (one, other, expected) => {
    expect(canMeet(one, other)).toBe(expected);
    expect(canMeet(other, one)).toBe(expected);
  });
});
