// The line through what a soak has measured.

import { expect, it } from "vitest";
import { rise } from "./slope.ts";

it.each([
  ["level", [100, 100, 100, 100], 0],
  ["up and down", [90, 110, 110, 90], 0],
  ["rising by a fifth", [90, 95, 100, 105, 110], 0.2],
  ["falling by half", [125, 100, 75], -0.5],
])("%s", (_what, values, share) => {
  expect(rise(values)).toBeCloseTo(share, 10);
});

it("says nothing of two values", () => {
  expect(() => rise([1, 2])).toThrow("fewer than three");
});
