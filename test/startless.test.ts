// Which test files run where, and what `npm run test:quick` leaves out.
// Of test/startless.ts, test/vitest.config.ts and test/vitest.quick.config.ts.

import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { LONGEST } from "./longest-first.ts";
import { startless } from "./startless.ts";
import { ALL, GROUPS } from "./vitest.config.ts";
import { LONG } from "./vitest.quick.config.ts";

const STARTS = {
  "a Redis": "test/flows/worker/park.test.ts",
  "a Redis, by way of what another file helps with": "test/flows/audit/audit-sealer.test.ts",
  "a server": "test/flows/doctor/doctor-replicas.test.ts",
  "a bot": "test/e2e/life.test.ts",
  "a process": "test/cli/start.test.ts",
};

describe("what starts nothing", () => {
  it("is known by what it imports", () => {
    const pure = "test/domain/hours/hours.test.ts";
    expect(startless([...Object.values(STARTS), pure])).toEqual([pure]);
  });

  it.each(Object.entries(STARTS))("isn't what starts %s", (_, path) => {
    expect(existsSync(path)).toBe(true);
  });

  it("isn't stopped by an import of a file that isn't there yet", () => {
    const folder = mkdtempSync(join(import.meta.dirname, "startless-"));
    try {
      const lines = ['import { a } from "../../src/domain/not-written-yet.ts";', ""];
      writeFileSync(join(folder, "new.ts"), lines.join("\n"));
      const path = `test/${basename(folder)}/new.ts`;
      expect(startless([path])).toEqual([path]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(LONG)("is left out where it takes long: %s", (path) => {
    expect(startless([path])).toEqual([path]);
  });
});

describe("a test file", () => {
  it("is in one group, and every name in a list is of one", () => {
    const files = globSync(ALL).sort();
    expect(Object.values(GROUPS).flat().sort()).toEqual(files);
    expect(LONGEST.filter((path) => !files.includes(path))).toEqual([]);
  });
});
