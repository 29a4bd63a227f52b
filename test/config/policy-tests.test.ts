// How a file of policy tests is read: its defaults, and its faults with their places.

import { describe, expect, it } from "vitest";
import { configFaultLine } from "../../src/config/config-fault.ts";
import { readPolicyTests } from "../../src/config/policy-tests.ts";

const read = (text: string) => {
  const found = readPolicyTests(text);
  if ("faults" in found) return found.faults.map((fault) => configFaultLine("t", fault));
  return found.tests;
};

const LEAST = `tests:
  - name: least
    person: U0ERIN
    vm: { name: vm-01 }
    expect: { outcome: asked }
`;

const GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-test";

describe("a policy test", () => {
  it("says when they ask, with its offset", () => {
    const timed = (at: string) => read(LEAST.replace("    expect", `    at: ${at}\n    expect`));
    expect(timed("2026-12-01T09:30+01:00")).toMatchObject([{ atMs: Date.UTC(2026, 11, 1, 8, 30) }]);
    expect(timed("2026-12-01 09:30Z")).toMatchObject([{ atMs: Date.UTC(2026, 11, 1, 9, 30) }]);
    for (const at of ["9:30", "2026-12-01T09:30", "2026-13-01T09:30Z"]) {
      expect(timed(at)).toEqual([
        `t:5:9: tests[0].at: "${at}" isn't a time: write it with its offset, like 2026-12-01T09:30+01:00.`,
      ]);
    }
  });

  it("needs a name, a person, a VM and what is expected; the rest is as the portal has it", () => {
    const [test] = read(LEAST);
    expect(test).toMatchObject({
      person: { id: "U0ERIN", groups: [] },
      vm: { name: "vm-01", resourceGroup: "rg-test", tags: {}, os: undefined },
      vmPolicies: [
        {
          policyId: `${GROUP}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`,
          vm: `${GROUP}/providers/Microsoft.Compute/virtualMachines/vm-01`.toLowerCase(),
          ports: [22, 3389, 5985, 5986].map((number) => ({
            ...{ number, protocol: "*", sources: ["*"], maxDurationMs: 3 * 3_600_000 },
          })),
        },
      ],
      wanted: {
        ...{ ports: undefined, durationMs: undefined, source: undefined },
        reason: "a policy test",
      },
      breakGlass: false,
      where: { line: 2, column: 5 },
    });
  });

  it("takes people in groups, a VM by its name, ports in any order, and JIT as it is there", () => {
    const [first, second] = read(`vms:
  one: { name: a, os: linux, jit: [{ port: 22, max: 30m, from: [10.0.0.0/8] }] }
tests:
  - name: first
    person: { id: U0ERIN, groups: [S0DEVS] }
    vm: one
    ports: [3389, 22, 22]
    expect: { outcome: no-rule }
  - name: second
    person: U0SAM
    vm: one
    reason: ""
    expect: { outcome: reason-required }
  - name: third
    person: U0SAM
    vm: { name: a, jit: none }
    expect: { outcome: not-configured }
`);
    expect(first).toMatchObject({
      person: { groups: ["S0DEVS"] },
      wanted: { ports: [22, 3389] },
      vmPolicies: [{ ports: [{ number: 22, sources: ["10.0.0.0/8"], maxDurationMs: 1_800_000 }] }],
    });
    expect(second).toMatchObject({ vm: { name: "a" }, wanted: { reason: "" } });
    expect(read(LEAST.replace("vm-01", "vm-01, jit: none"))[0]).toMatchObject({ vmPolicies: [] });
  });

  it.each([
    ["", "t:1:1: The file is empty: write tests into it."],
    ["tests: []", "t:1:8: tests: This list is empty: name at least one."],
    [LEAST.replace("U0ERIN", "S0DEVS"), "t:3:13: tests[0].person: S0DEVS is a user group's ID"],
    [LEAST.replace("asked", "granted"), `t:5:24: tests[0].expect.outcome: "granted" isn't known`],
    [LEAST.replace("vm-01", "vm-01, size: 3"), 't:4:24: tests[0].vm.size: There is no key "size"'],
    [
      LEAST.replace("{ name: vm-01 }", "shop"),
      `t:4:9: tests[0].vm: "shop" isn't among the vms: add`,
    ],
    [
      `vms: { shop: { name: a } }\n${LEAST.replace("{ name: vm-01 }", "shpo")}`,
      `t:5:9: tests[0].vm: "shpo" isn't among the vms: write shop.`,
    ],
    [
      LEAST.replace("{ name: vm-01 }", "*shop"),
      `t:4:9: tests[0].vm: The alias "*shop" can't be used`,
    ],
    [`${LEAST}    duration: 25h`, 't:6:15: tests[0].duration: "25h" is longer than 24h'],
    [`${LEAST}    ports: [0]`, "t:6:13: tests[0].ports[0]: 0 is too small"],
    [`${LEAST}    form: vpn`, 't:6:5: tests[0].form: There is no key "form" here: write from.'],
  ])("is not read with a fault in it: %j", (text, says) => {
    const [first] = read(text);
    expect(first).toContain(says);
  });
});
