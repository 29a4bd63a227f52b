// Tries to get in, in thousands of random workspaces: no self-approval, no outsider, nothing wider, nothing leaked.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases } from "./cases.ts";
import { LEAST } from "./coverage.ts";
import { runCase } from "./run.ts";

/** Several tests of a share each, so that a failure is found and made smaller within its time. */
const SHARES = 4;
const CASES_EACH = 2_600;

describe("random rules, people and clicks", () => {
  const counts = new Map<string, number>();

  it.each(Array.from({ length: SHARES }, (_, share) => share + 1))(
    "lead to no access that nobody may give (share %i)",
    async () => {
      await fc.assert(
        fc.asyncProperty(cases, async (one) => {
          for (const what of await runCase(one)) counts.set(what, (counts.get(what) ?? 0) + 1);
        }),
        { numRuns: CASES_EACH },
      );
    },
    240_000,
  );

  it("come across everything that matters, often enough", () => {
    const all = SHARES * CASES_EACH;
    const shares = Object.entries(LEAST).map(([what, least]) => {
      const share = (counts.get(what) ?? 0) / all;
      process.stdout.write(`${(share * 100).toFixed(1).padStart(6)} %  ${what}\n`);
      return { what, isEnough: share >= least };
    });
    expect(shares.filter(({ isEnough }) => !isEnough)).toEqual([]);
  });
});
