// The nearest names, for "did you mean": few, close, nearest first.

import fc from "fast-check";
import { expect, it } from "vitest";
import { nearest } from "../../../src/domain/text/nearest-names.ts";

const NAMES = ["vm-01", "vm-02", "vm-10", "db-primary", "db-replica", "Build-Agent-1", "x"];

it.each<[string, readonly string[]]>([
  ["vm-03", ["vm-01", "vm-02"]],
  ["vm01", ["vm-01"]],
  ["VM-01x", ["vm-01", "vm-02"]],
  ["vm-1", ["vm-10", "vm-01"]],
  ["primary", ["db-primary"]],
  ["db-primray", ["db-primary"]],
  ["mv-02", ["vm-02"]],
  ["mv-10", ["vm-10"]],
  ["build-agent", ["Build-Agent-1"]],
  ["vm-01", ["vm-01", "vm-02"]],
  ["web-frontend", []],
  ["", []],
  ["x", ["x"]],
])("to %j are %j", (typed, names) => {
  expect(nearest(typed, NAMES, 2)).toEqual(names);
});

it("has the very name first, before others that contain it", () => {
  expect(nearest("db-1", ["adb-1", "db-10", "DB-1"], 3)).toEqual(["DB-1", "adb-1", "db-10"]);
});

it("answers at most so many, always from among the names, whatever is typed", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), fc.nat({ max: 5 }), (typed, names, most) => {
      const found = nearest(typed, names, most);
      expect(found.length).toBeLessThanOrEqual(most);
      expect(names).toEqual(expect.arrayContaining([...found]));
    }),
  );
});

it("finds its answer among 50,000 names at once", () => {
  const names = Array.from({ length: 50_000 }, (_, n) => `vm-${n.toString(36)}-production-web`);
  const startedMs = performance.now();
  expect(nearest("vm-zz-prodction-web".repeat(50), names, 3)).toEqual([]);
  expect(nearest("vm-zz-prodction-web", names, 3)).toContain("vm-zz-production-web");
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
