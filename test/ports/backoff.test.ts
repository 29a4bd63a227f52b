// How long to wait before trying again.

import { expect, it } from "vitest";
import { backoffMs } from "../../src/ports/backoff.ts";

const BACKOFF = { firstMs: 1_000, mostMs: 60_000, askedMostMs: 300_000 };

it.each([
  [1, undefined, 1_000],
  [2, undefined, 2_000],
  [3, undefined, 4_000],
  [6, undefined, 32_000],
  [7, undefined, 60_000],
  [5_000, undefined, 60_000],
  [1, 500, 1_000],
  [1, 30_000, 30_000],
  [9, 30_000, 60_000],
  [1, 3_600_000, 300_000],
])("after %i failures, asked for %s ms, is %i ms", (failures, retryAfterMs, expected) => {
  expect(backoffMs(failures, BACKOFF, { retryAfterMs })).toBe(expected);
});

it("is as long as the service asks where nothing is said of that", () => {
  const asked = { retryAfterMs: 3_600_000 };
  expect(backoffMs(1, { firstMs: 1_000, mostMs: 60_000 }, asked)).toBe(3_600_000);
});
