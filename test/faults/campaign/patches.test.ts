// What the campaign is tried with still fits the code: each seeded wrong, and the points where a worker can die.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./copy.ts";
import { crashPoints } from "./crash-points.ts";
import { WRONGS } from "./wrongs.ts";

it.each(
  WRONGS.flatMap(({ name, patches }) =>
    patches.map(({ file, from }) => [name, file, from] as const),
  ),
)("%s: %s", (_name, file, from) => {
  const text = readFileSync(join(ROOT, "src", file), "utf8");
  expect(text.split(from)).toHaveLength(2);
});

it("finds the worker's awaits, those of what it does for Azure and for Slack among them", () => {
  const points = crashPoints();
  expect(points.length).toBeGreaterThan(100);
  for (const part of ["/azure/", "/messages/", "lease"]) {
    expect(points.some((point) => point.includes(part))).toBe(true);
  }
});
