// Every fault of a policy file: where it is, and in what words it is told. The table is beside it.
// Of src/config/policy-file/read-policy-file.ts.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { configFaultLine } from "../../src/config/config-fault.ts";
import { readPolicyFile } from "../../src/config/policy-file/read-policy-file.ts";
import { DESIGNED, MINIMAL } from "./texts.ts";

/** Every fault as `line:column: key: message`. */
function faultsOf(text: string): readonly string[] {
  const read = readPolicyFile(text);
  return "faults" in read ? read.faults.map((fault) => configFaultLine("", fault).slice(1)) : [];
}

/** The file that a line of the table stands for; the table's head says how. */
function fileOf(line: string): string {
  const [, how = "", rest = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
  const unescaped = rest.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
  const [first = "", added = ""] = unescaped.split(" + ");
  const [from = "", to = ""] = first.split(" -> ");
  const ruleLines = (lines: string) => (lines === "" ? "" : `${lines.replace(/^/gm, "    ")}\n`);
  switch (how) {
    case "file":
      return unescaped;
    case "top":
      return MINIMAL.replace("rules:", `${unescaped}\nrules:`);
    case "rule":
      return MINIMAL + ruleLines(unescaped);
    case "end":
      return `${MINIMAL}${unescaped}\n`;
    case "change":
      expect(MINIMAL).toContain(from);
      return MINIMAL.replace(from, to) + ruleLines(added);
    case "without":
      return MINIMAL.replace(new RegExp(` {4}${first}.*\\n`), "") + ruleLines(added);
    default:
      throw new Error(`The table has a line that isn't understood: ${line}`);
  }
}

const table = readFileSync(new URL("policy-faults.txt", import.meta.url), "utf8");
const [, ...sections] = table.trimEnd().split(/^## /m);

describe.each(sections.map((section) => section.trimEnd().split("\n\n")))("%s", (_, ...cases) => {
  test.each(cases.map((one) => one.split("\n")))("%s", (line, ...faults) => {
    expect(faultsOf(fileOf(line))).toEqual(faults);
  });
});

describe("a file", () => {
  test("that is too large is not read", () => {
    expect(faultsOf("#".repeat(1024 * 1024 + 1))).toEqual([
      "1:1: The file is larger than 1 MiB: remove or join rules until it is smaller.",
    ]);
  });

  test.each([
    ["[".repeat(50_000), /^1:\d+: This is nested too deeply/],
    [`a: ${"[".repeat(60)}${"]".repeat(60)}`, /^1:\d+: a\[0\].*: This is nested too deeply/],
  ])("that is nested too deeply is refused once: %.10s…", (text, fault) => {
    const faults = faultsOf(text).filter((line) => line.includes("nested"));
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });

  test("of aliases of aliases is refused, and none is unfolded", () => {
    const nested = Array.from(
      { length: 40 },
      (_, i) => `k${i}: &k${i} [${i > 0 ? `*k${i - 1},`.repeat(9) : ""}]`,
    );
    const startedMs = performance.now();
    const faults = faultsOf(nested.join("\n"));
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(faults).toContain(
      '2:10: k1[0]: The alias "*k0" can\'t be used here: write the value out.',
    );
  });

  test("of more values than a policy can have is refused at once", () => {
    expect(faultsOf(`rules: [${"1,".repeat(500_000)}]`)).toEqual([
      "1:1: The file holds more than 200000 values: write fewer.",
    ]);
  });

  test("may have a thousand rules, and no more", () => {
    const rule = (index: number) =>
      `  - { name: r${index}, requesters: anyone, approvals: 0, networks: [my-ip] }\n`;
    const many = (count: number) =>
      MINIMAL.replace(/ {2}- [\s\S]*/, Array.from({ length: count }, (_, i) => rule(i)).join(""));
    expect(faultsOf(many(1000))).toEqual([]);
    expect(faultsOf(many(1001))).toEqual(["4:3: rules: This list has more than 1000: shorten it."]);
  });

  test("has all its faults reported at once, in the order of their lines", () => {
    const text = DESIGNED.replace("public    ", "publik    ")
      .replace("C0NOTICES", "notices")
      .replace("203.0.113.0/24", "203.0.113.1/24")
      .replace("[vpn, my-ip]", "[vpm, my-ip]")
      .replace("defaultDuration: 1h", "defaultDuration: 5h")
      .replace("expireAfter: 1h", "expirAfter: 1h")
      .replace("max: 1", "max: 1, max: 2")
      .replace("reason: required", "reason: 1");
    expect(faultsOf(text).map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
      "3:10: azure.cloud",
      "6:22: channels.notices",
      "11:8: networks.vpn",
      "45:22: rules[0].defaultDuration",
      "47:16: rules[0].networks[0]",
      "48:13: rules[0].reason",
      "49:5: rules[0].expirAfter",
      "53:23: rules[0].extend.max",
    ]);
  });

  test("has two rules of one name, whatever the case", () => {
    const second = MINIMAL.slice(MINIMAL.indexOf("  - ")).replace("all", "ALL");
    expect(faultsOf(MINIMAL + second)).toEqual([
      "9:11: rules[1].name: rules[0] has the same name: rename one of them.",
    ]);
  });

  test("has no more than a thousand faults listed", () => {
    const names = Array.from({ length: 1200 }, (_, index) => `unknown${index}: 1`);
    expect(faultsOf(names.join("\n"))).toHaveLength(1000);
  });
});
