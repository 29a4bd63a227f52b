// Which rule decides, what its patterns match, and who counts as one of its people.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Match, Policy } from "../../../src/domain/rules/policy.ts";
import {
  decidersOf,
  everybody,
  includes,
  isRequester,
  matches,
  mayAskFor,
  portsInWords,
  ruleFor,
  ruleOnPort,
  rulesOnPort,
} from "../../../src/domain/rules/rule-match.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import type { Vm } from "../../../src/domain/vm/vm.ts";
import {
  ADA,
  aPolicy,
  aRule,
  aVm,
  ERIN,
  LEA,
  OMAR,
  ONCALL,
  SAM,
  SUB,
} from "../../support/requests.ts";

const NOBODY = new Map();
const monday = (hour: number) => Date.UTC(2026, 10, 30, hour);
const policyOf = (...rules: readonly { name: string; match: Match }[]): Policy =>
  aPolicy({ rules: rules.map((rule) => aRule(rule)) });

describe("a rule matches", () => {
  const vm = aVm({ tags: { Env: "Prod", owner: "", "cost/center": "a.b c" } });
  it.each<[string, Match]>([
    ["everything where nothing is given", {}],
    ["a VM's name", { vms: ["vm-01"] }],
    ["a VM's name in any case", { vms: ["VM-01"] }],
    ["one of several patterns", { vms: ["db-*", "vm-*"] }],
    ["a resource group by a star", { resourceGroups: ["rg-*"] }],
    ["a resource group in any case", { resourceGroups: ["RG-WEB"] }],
    ["a subscription", { subscriptions: [SUB] }],
    ["a tag's name and value in any case", { tags: { eNV: ["pROD"] } }],
    ["one of a tag's values", { tags: { env: ["live", "prod"] } }],
    ["several tags", { tags: { env: ["prod"], "cost/center": ["a.b ?"] } }],
    ["an empty value by a star", { tags: { owner: ["*"] } }],
    ["an empty value by several stars", { tags: { owner: ["***"] } }],
    ["an empty value by an empty pattern", { tags: { owner: [""] } }],
    ["all keys together", { vms: ["vm-0?"], resourceGroups: ["rg-web"], tags: { env: ["prod"] } }],
    ["whatever the port where none is asked about", { ports: [22] }],
  ])("%s", (_, match) => {
    expect(matches(aRule({ match }), vm)).toBe(true);
  });

  it.each<[string, Match]>([
    ["another name", { vms: ["vm-1"] }],
    ["a part of a name", { vms: ["vm"] }],
    ["one character more than `?`", { vms: ["vm-0"] }],
    ["a missing tag, even by a star", { tags: { team: ["*"] } }],
    ["an empty value by `?`", { tags: { owner: ["?"] } }],
    ["an empty value by a word", { tags: { owner: ["erin"] } }],
    ["one of two tags", { tags: { env: ["prod"], team: ["web"] } }],
    ["one of two keys", { vms: ["vm-01"], resourceGroups: ["rg-db"] }],
    ["a dot for any character", { tags: { "cost/center": ["axb c"] } }],
    ["an empty list", { vms: [] }],
  ])("not by %s", (_, match) => {
    expect(matches(aRule({ match }), vm)).toBe(false);
  });

  it("only on its ports", () => {
    const rule = aRule({ match: { ports: [22, 3389] } });
    expect([22, 3389, 443].map((port) => matches(rule, vm, port))).toEqual([true, true, false]);
  });

  it.each(["tags-of-nobody", "constructor", "toString", "__proto__", "hasOwnProperty"])(
    "no tag %j that the VM does not have",
    (name) => {
      const match = { tags: Object.fromEntries([[name, ["*"]]]) };
      expect(matches(aRule({ match }), vm)).toBe(false);
    },
  );
});

describe("the rule that decides", () => {
  const vm = aVm();
  const found = (policy: Policy, ports: readonly number[]) => {
    const rule = ruleFor(policy, vm, { ports, nowMs: 0 });
    return isRefusal(rule) ? `${rule.refused}: ${plain(rule.say)}` : rule.name;
  };

  it("is the first that matches, not the best", () => {
    const rules = policyOf(
      { name: "other", match: { vms: ["db-*"] } },
      { name: "broad", match: {} },
      { name: "exact", match: { vms: ["vm-01"], ports: [3389] } },
    );
    expect(found(rules, [3389])).toBe("broad");
  });

  it("may differ from port to port", () => {
    const rules = policyOf({ name: "ssh", match: { ports: [22] } }, { name: "rest", match: {} });
    expect([found(rules, [22]), found(rules, [3389]), found(rules, [443, 3389])]).toEqual([
      "ssh",
      "rest",
      "rest",
    ]);
    expect(found(rules, [22, 443, 3389])).toBe(
      "several-rules: These ports fall under different rules (port 22 under ssh and ports 443, 3389 under rest): request them one by one.",
    );
  });

  it("must know every port", () => {
    const rules = policyOf({ name: "ssh", match: { ports: [22] } });
    expect(found(rules, [22, 443, 3389])).toBe(
      "no-rule: No rule lets anybody request vm-01 on ports 443, 3389: an admin can add one to the policy file.",
    );
    expect(found(rules, [3389])).toBe(
      "no-rule: No rule lets anybody request vm-01 on port 3389: an admin can add one to the policy file.",
    );
  });

  it("is none for a VM that no rule matches, nor for no port at all", () => {
    expect(found(policyOf({ name: "db", match: { vms: ["db-*"] } }), [22])).toContain("no-rule");
    expect(found(policyOf({ name: "all", match: {} }), [])).toBe("no-rule: No rule matches vm-01.");
  });

  it("is in its hours the one, and out of them the next", () => {
    const hours = [{ days: [1], from: 480, to: 1080, zone: "UTC" }];
    const rules = policyOf({ name: "day", match: { hours } }, { name: "rest", match: {} });
    const at = (hour: number) => ruleOnPort(rules, vm, { port: 22, nowMs: monday(hour) })?.name;
    expect([7, 8, 17, 18].map(at)).toEqual(["rest", "day", "day", "rest"]);
    expect(rulesOnPort(rules, vm, 22).map(({ name }) => name)).toEqual(["day", "rest"]);
    expect(decidersOf(rules, vm).map(({ name }) => name)).toEqual(["day", "rest"]);
  });

  it("is none out of its hours, and what is said tells when they begin", () => {
    const hours = [
      { days: [1], from: 480, to: 1080, zone: "UTC" },
      { days: [2], from: 60, to: 120, zone: "Europe/Zurich" },
    ];
    const rules = policyOf({ name: "day", match: { hours } });
    const rule = ruleFor(rules, vm, { ports: [22], nowMs: monday(18) });
    expect(isRefusal(rule) ? `${rule.refused}: ${plain(rule.say)}` : rule.name).toBe(
      "outside-hours: Rule day allows port 22 on vm-01 only in its hours (mon 08:00-18:00 UTC or tue 01:00-02:00 Europe/Zurich), next from 2026-12-01T00:00:00Z: request it then.",
    );
  });

  const anyMatch: fc.Arbitrary<Match> = fc.record(
    {
      vms: fc.array(fc.constantFrom("vm-*", "db-?", "VM-01", "*"), { minLength: 1, maxLength: 2 }),
      ports: fc.uniqueArray(fc.constantFrom(22, 443, 3389), { minLength: 1 }),
      tags: fc.constantFrom({ env: ["prod"] }, { env: ["d*"] }, { tier: ["*"] }),
    },
    { requiredKeys: [] },
  );
  const anyVm: fc.Arbitrary<Vm> = fc
    .tuple(
      fc.constantFrom("vm-01", "vm-02", "db-1"),
      fc.constantFrom({ env: "prod" }, { ENV: "dev" }),
    )
    .map(([name, tags]) => aVm({ name, tags }));
  const anyPolicy = fc
    .array(anyMatch, { minLength: 1, maxLength: 6 })
    .map((all) => policyOf(...all.map((match, index) => ({ name: `rule-${index}`, match }))));

  it("is always the first match for each of the ports, or there is none", () => {
    const anyPorts = fc.uniqueArray(fc.constantFrom(22, 443, 3389), { minLength: 1 });
    fc.assert(
      fc.property(anyPolicy, anyVm, anyPorts, (policy, one, ports) => {
        const firsts = ports.map((port) => policy.rules.find((rule) => matches(rule, one, port)));
        expect(firsts).toEqual(ports.map((port) => ruleOnPort(policy, one, { port, nowMs: 0 })));
        const rule = ruleFor(policy, one, { ports, nowMs: 0 });
        if (!isRefusal(rule)) expect(new Set(firsts)).toEqual(new Set([rule]));
        else if (rule.refused === "no-rule") expect(firsts).toContain(undefined);
        else expect(new Set(firsts).size).toBeGreaterThan(1);
      }),
    );
  });

  it("is the one by which a VM is shown to somebody who may ask for it", () => {
    const ports = [22, 443, 3389, 8080];
    const withPeople = anyPolicy.chain((policy) =>
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }).map((lets) => ({
        ...policy,
        rules: policy.rules.map((rule, index) => ({
          ...rule,
          requesters: { users: lets[index] ? [ERIN] : [SAM], groups: [] },
        })),
      })),
    );
    fc.assert(
      fc.property(withPeople, anyVm, (policy, one) => {
        const may = ports.some((port) => {
          const rule = ruleOnPort(policy, one, { port, nowMs: 0 });
          return rule !== undefined && isRequester(rule, ERIN, NOBODY);
        });
        expect(mayAskFor(policy, one, { user: ERIN, members: NOBODY })).toBe(may);
      }),
    );
  });

  it("hides a VM whose rule names others, although a later rule would match", () => {
    const policy = aPolicy({
      rules: [
        aRule({
          name: "vault",
          match: { vms: ["vm-*"] },
          requesters: { users: [LEA], groups: [] },
        }),
        aRule({ name: "rest" }),
      ],
    });
    const may = (user: typeof ERIN, one: Vm) => mayAskFor(policy, one, { user, members: NOBODY });
    expect([may(ERIN, vm), may(LEA, vm), may(ERIN, aVm({ name: "db-1" }))]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("people", () => {
  const members = new Map([[ONCALL, [OMAR, LEA]]]);

  it("are named one by one or by their group", () => {
    const people = { users: [LEA], groups: [ONCALL] };
    expect([LEA, OMAR, SAM].map((user) => includes(people, user, members))).toEqual([
      true,
      true,
      false,
    ]);
    expect(everybody(people, members)).toEqual([LEA, OMAR]);
  });

  it("are nobody in a group that was not looked up", () => {
    expect(includes({ users: [], groups: [ONCALL] }, OMAR, NOBODY)).toBe(false);
    expect(everybody({ users: [ADA], groups: [ONCALL] }, NOBODY)).toEqual([ADA]);
  });

  it("may ask where the rule says anyone, or names them", () => {
    const only = aRule({ requesters: { users: [ERIN], groups: [ONCALL] } });
    expect(isRequester(aRule(), SAM, NOBODY)).toBe(true);
    expect([ERIN, OMAR, SAM].map((user) => isRequester(only, user, members))).toEqual([
      true,
      true,
      false,
    ]);
    const nobody = aRule({ requesters: { users: [], groups: [] } });
    expect(isRequester(nobody, ERIN, members)).toBe(false);
  });
});

it.each([
  [[22], "port 22"],
  [[22, 3389], "ports 22, 3389"],
])("writes %j as %s", (ports, written) => {
  expect(portsInWords(ports)).toBe(written);
});
