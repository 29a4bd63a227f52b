// `--help` of every command of the terminal, and what is said of one that doesn't exist.

import { describe, expect, it } from "vitest";
import { USAGE, USAGES, unknownCommand, usageAskedFor } from "../../src/cli/usage.ts";

describe("help of the terminal", () => {
  it.each(Object.entries(USAGES))("says how %s is used, whatever else is typed", (name, usage) => {
    expect(usage).toContain("Usage: jit ");
    expect(usage.split("\n")[0]).toContain(name);
    expect(usageAskedFor(name, ["--help"])).toBe(usage);
    expect(usageAskedFor(name, ["-h"])).toBe(usage);
    expect(usageAskedFor(name, ["x", "--all", "--help"])).toBe(usage);
    expect(usageAskedFor("help", [name])).toBe(usage);
    expect(usageAskedFor(name, ["help"])).toBeUndefined();
  });

  it("lists every command", () => {
    for (const name of Object.keys(USAGES)) expect(USAGE).toContain(`jit ${name}`);
    for (const typed of ["help", "--help", "-h"]) expect(usageAskedFor(typed, [])).toBe(USAGE);
    expect(usageAskedFor("help", ["constructor"])).toBe(USAGE);
    expect(usageAskedFor("xyzzy", ["--help"])).toBe(USAGE);
  });

  it.each([
    ["docter", "Unknown command docter: did you mean jit doctor?"],
    ["versoin", "Unknown command versoin: did you mean jit version?"],
    ["constructor", "Unknown command constructor."],
  ])("names what %s was meant to be", (typed, says) => {
    expect(unknownCommand(typed)).toBe(says);
  });
});
