// Patterns: two special characters, everything else to the letter, and never slow.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyGlob, glob } from "../../../src/domain/rules/glob.ts";

describe("a pattern", () => {
  it.each([
    ["*", ""],
    ["*", "anything at all"],
    ["*", "a/b/c"],
    ["*", ".hidden"],
    ["*", "two\nlines"],
    ["", ""],
    ["rg-*", "rg-"],
    ["rg-*", "RG-Prod"],
    ["*-prod", "web-prod"],
    ["*prod*", "prod"],
    ["a*b*c", "aXbYbZc"],
    ["**", "a"],
    ["a**b", "ab"],
    ["vm-0?", "vm-01"],
    ["?", "/"],
    ["?", "é"],
    ["?", "💾"],
    ["ÄRGER-*", "ärger-1"],
    ["a.b", "a.b"],
    ["[abc]", "[abc]"],
    ["{a,b}", "{a,b}"],
    ["!(x)", "!(x)"],
    ["!x", "!x"],
    ["@(a|b)", "@(a|b)"],
    ['say "hi"', 'say "hi"'],
    ["it's", "it's"],
    ["c:\\temp\\*", "c:\\temp\\x"],
    ["{\\", "{\\"],
    ["^$", "^$"],
    ["./x", "./x"],
    ["#1", "#1"],
  ])("%j fits %j", (pattern, text) => {
    expect(glob(pattern)(text)).toBe(true);
  });

  it.each([
    ["", "a"],
    ["?", ""],
    ["??", "a"],
    ["a", "ab"],
    ["a", "ba"],
    ["rg-*", "xrg-1"],
    ["*-prod", "web-prod-2"],
    ["a*b", "ac"],
    ["a.b", "axb"],
    ["[abc]", "a"],
    ["{a,b}", "a"],
    ["!x", "y"],
    ["@(a|b)", "a"],
    ["a|b", "a"],
    ['"a"', "a"],
    ["./x", "x"],
    ["a+", "aa"],
    ["\\*", "*x"],
  ])("%j does not fit %j", (pattern, text) => {
    expect(glob(pattern)(text)).toBe(false);
  });

  it("is one of several", () => {
    const fits = anyGlob(["db-*", "vm-*"]);
    expect([fits("vm-1"), fits("db-1"), fits("web-1"), anyGlob([])("")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("fits exactly what the same expression with everything else quoted fits", () => {
    const character = fc.constantFrom(..."ab.-/*?\"'\\[](){}+@!|^$#,\n");
    const text = fc.array(character, { maxLength: 8 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, text, (pattern, given) => {
        const quoted = pattern.replace(/[\\^$.*+?()[\]{}|/]/g, (special) =>
          special === "*" ? "[^]*" : special === "?" ? "[^]" : `\\${special}`,
        );
        expect(glob(pattern)(given)).toBe(new RegExp(`^${quoted}$`, "iu").test(given));
        expect(glob(pattern)(pattern)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is quick even where backtracking would take ages", () => {
    const fits = glob(`${"*a".repeat(90)}*b`);
    const startedMs = performance.now();
    expect(fits("a".repeat(10_000))).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
