// What is committed is heard, and whoever hears it cannot undo it.

import { expect, it } from "vitest";
import { heardSafely } from "../../src/ports/commit-heard.ts";

it("takes nothing that goes wrong in hearing for a failed commit", () => {
  const errors: object[] = [];
  const heard: unknown[] = [];
  const hear = heardSafely(
    (what) => {
      heard.push(what);
      throw new Error("x is undefined");
    },
    { error: (facts) => void errors.push(facts) },
  );
  const committed = { audit: [{ what: "asked" }] };
  expect(() => hear(committed)).not.toThrow();
  expect(heard).toEqual([committed]);
  expect(errors).toEqual([{ err: new Error("x is undefined") }]);
});
