// What `npm run test:quick` leaves out. Of test/startless.ts and test/vitest.quick.config.ts.

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startless } from "./startless.ts";
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

  it.each(LONG)("is left out where it takes long: %s", (path) => {
    expect(startless([path])).toEqual([path]);
  });
});
