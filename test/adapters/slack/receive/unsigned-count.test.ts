// Requests that nobody signed, in the log: the first at once, all others in one line for each span of time.

import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { unsignedCount } from "../../../../src/adapters/slack/receive/unsigned-count.ts";
import { notingLog } from "../bench.ts";

const EVERY_MS = 50;

it("tells the first at once, and the others by their number and reasons", async () => {
  const log = notingLog();
  const unsigned = unsignedCount(log, EVERY_MS);
  unsigned("mismatch");
  for (let n = 0; n < 500; n++) unsigned(n % 5 === 0 ? "stale" : "mismatch");
  expect(log.lines.map(({ facts }) => facts)).toEqual([{ count: 1, why: { mismatch: 1 } }]);
  await wait(2 * EVERY_MS);
  expect(log.lines.map(({ facts }) => facts)).toEqual([
    { count: 1, why: { mismatch: 1 } },
    { count: 500, why: { stale: 100, mismatch: 400 } },
  ]);
  await wait(3 * EVERY_MS);
  expect(log.lines).toHaveLength(2);
  unsigned("future");
  expect(log.lines[2]?.facts).toEqual({ count: 1, why: { future: 1 } });
});
