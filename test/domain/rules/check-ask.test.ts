// An ask checked against rules and JIT policy: what is filled in, and every refusal to the letter.

import { describe, expect, it } from "vitest";
import { incompleteVm } from "../../../src/domain/rules/check-ask.ts";
import type { Rule } from "../../../src/domain/rules/policy.ts";
import { plain } from "../../../src/domain/text/words.ts";
import type { Vm } from "../../../src/domain/vm/vm.ts";
import { type Given, refusal, right } from "../../support/asks.ts";
import { aPort, aRule, aVm, ERIN, HOUR, LEA, MINUTE, ONCALL, T0 } from "../../support/requests.ts";

it("fills in what was left out", () => {
  const { ask, rule, longestMs, notes } = right({ wanted: { reason: " a: b\n✅ \n" } });
  expect(ask).toEqual({
    requester: ERIN,
    vm: { key: aVm().key, id: aVm().id, name: "vm-01", os: "windows" },
    jitPolicyId: "default",
    ports: [3389],
    durationMs: HOUR,
    source: "203.0.113.0/24",
    sourceName: "vpn",
    reason: "a: b\n✅",
    askedAtMs: T0,
  });
  expect([rule.name, longestMs, notes]).toEqual(["production", 3 * HOUR - 15_000, []]);
});

it("says what was understood differently, and keeps no name for a source that was typed", () => {
  const { ask, notes } = right({ wanted: { source: "203.0.113.9/25" } });
  expect(notes.map(plain)).toEqual(["203.0.113.9/25 was read as the network 203.0.113.0/25."]);
  expect(ask.source).toBe("203.0.113.0/25");
  expect(ask).not.toHaveProperty("sourceName");
});

describe("without ports", () => {
  it.each<[string, Vm["os"], readonly number[], readonly number[]]>([
    ["Windows means 3389", "windows", [22, 3389, 5986], [3389]],
    ["Linux means 22", "linux", [22, 3389], [22]],
    ["an unknown system with one of the two means that one", undefined, [22, 8080], [22]],
    ["the policy's only port is meant, whatever the system", "windows", [8080], [8080]],
    ["the policy's only port is meant, although it is the other system's", "linux", [3389], [3389]],
  ])("%s", (_, os, known, ports) => {
    const vmPolicies = { default: known.map((port) => aPort(port)) };
    expect(right({ vm: { os }, vmPolicies }).ask.ports).toEqual(ports);
  });

  it("those of all policies count", () => {
    const vmPolicies = { a: [aPort(8080)], b: [aPort(3389)] };
    expect(right({ vmPolicies }).ask).toMatchObject({ ports: [3389], jitPolicyId: "b" });
    const twice = { a: [aPort(8080)], b: [aPort(8080)] };
    expect(right({ vmPolicies: twice }).ask.ports).toEqual([8080]);
  });

  it.each<[string, Vm["os"], readonly number[], string]>([
    [
      "where the policy has neither",
      "windows",
      [8443, 8080],
      "incomplete: Which port on vm-01? Its JIT policy covers 8080 or 8443: write it after the VM, as in vm-01 8080.",
    ],
    [
      "where the policy has only the other system's and more",
      "linux",
      [3389, 8080, 443],
      "incomplete: Which port on vm-01? Its JIT policy covers 443, 3389 or 8080: write it after the VM, as in vm-01 443.",
    ],
    [
      "where the system is unknown and the policy has both",
      undefined,
      [22, 3389],
      "incomplete: Which port on vm-01? Its JIT policy covers 22 or 3389: write it after the VM, as in vm-01 22.",
    ],
    [
      "nothing where there is no policy",
      "linux",
      [],
      "not-configured: vm-01 has no JIT policy (Not configured): an admin has to enable JIT on it first.",
    ],
  ])("it asks %s", (_, os, known, sentence) => {
    const vmPolicies = known.length === 0 ? {} : { default: known.map((port) => aPort(port)) };
    expect(refusal({ vm: { os }, vmPolicies })).toBe(sentence);
  });
});

describe("the duration", () => {
  const hours = (own: number, rule: number, port: number) => ({
    rule: { defaultDurationMs: own * HOUR, maxDurationMs: rule * HOUR },
    vmPolicies: { default: [aPort(22, { maxDurationMs: port * HOUR }), aPort(3389)] },
    vm: { os: "linux" } as const,
  });
  it.each([
    ["is the rule's default", hours(1, 4, 3), 1],
    ["is cut to the port's maximum", hours(2, 4, 1), 1],
    ["is cut to the rule's maximum", hours(4, 2, 3), 2],
  ])("left out %s", (_, given, expected) => {
    expect(right(given).ask.durationMs).toBe(expected * HOUR);
  });

  it.each([1, 60, 180])("may be anything up to the maximum: %d minutes", (minutes) => {
    expect(right({ wanted: { durationMs: minutes * MINUTE } }).ask.durationMs).toBe(
      minutes * MINUTE,
    );
  });

  const wanted = (durationMs: number, ports?: readonly number[]) => ({
    wanted: { durationMs, ports },
  });
  it.each<[string, Given, string]>([
    [
      "longer than the port allows",
      wanted(3 * HOUR + 1_000),
      "too-long: vm-01 allows at most 3h on 3389: request 3h or less.",
    ],
    [
      "longer than the stricter of two ports allows",
      {
        ...wanted(2 * HOUR, [22, 3389]),
        vmPolicies: { default: [aPort(22, { maxDurationMs: 90 * MINUTE }), aPort(3389)] },
      },
      "too-long: vm-01 allows at most 1h30m on 22, 3389: request 1h30m or less.",
    ],
    [
      "longer than the rule allows",
      { ...wanted(3 * HOUR), rule: { maxDurationMs: 2 * HOUR } },
      "too-long: The rule production allows at most 2h: request 2h or less.",
    ],
    [
      "longer than both, where the rule is the stricter",
      { ...wanted(5 * HOUR), rule: { maxDurationMs: 2 * HOUR } },
      "too-long: The rule production allows at most 2h: request 2h or less.",
    ],
    [
      "longer than both, where the port is the stricter",
      wanted(5 * HOUR),
      "too-long: vm-01 allows at most 3h on 3389: request 3h or less.",
    ],
    [
      "shorter than a minute",
      wanted(59_000),
      "bad-duration: 59s is too short: request 1m or more.",
    ],
    ["nothing", wanted(0), "bad-duration: 0s is too short: request 1m or more."],
    [
      "on a port whose maximum is next to nothing",
      { vmPolicies: { default: [aPort(3389, { maxDurationMs: 30_000 })] } },
      "too-long: vm-01 allows less than a minute on 3389: an admin has to change its JIT policy.",
    ],
  ])("is refused: %s", (_, given, sentence) => {
    expect(refusal(given)).toBe(sentence);
  });
});

describe("an ask is refused", () => {
  const ports = (...numbers: number[]) => ({ wanted: { ports: numbers } });
  it.each<[string, Given, string]>([
    [
      "on a VM without a JIT policy",
      { ...ports(22), vmPolicies: {} },
      "not-configured: vm-01 has no JIT policy (Not configured): an admin has to enable JIT on it first.",
    ],
    [
      "on a port that the policy does not know",
      ports(22, 443),
      "port-not-in-policy: The JIT policy of vm-01 doesn't cover port 443: request 22 or 3389.",
    ],
    [
      "on ports that no policy knows, of several",
      { ...ports(443, 8080), vmPolicies: { a: [aPort(3389)], b: [aPort(22)] } },
      "port-not-in-policy: The JIT policy of vm-01 doesn't cover ports 443, 8080: request 22 or 3389.",
    ],
    [
      "on ports that two policies have between them",
      { ...ports(22, 3389), vmPolicies: { a: [aPort(22)], b: [aPort(3389)] } },
      "two-policies: The ports 22, 3389 of vm-01 are in different JIT policies: request them one by one.",
    ],
    [
      "where no rule matches",
      { ...ports(22), rule: { match: { ports: [3389] } } },
      "no-rule: No rule lets anybody request vm-01 on port 22: an admin can add one to the policy file.",
    ],
    [
      "where two rules decide",
      { ...ports(22, 3389), rules: [aRule({ name: "ssh", match: { ports: [22] } }), aRule()] },
      "several-rules: These ports fall under different rules (port 22 under ssh and port 3389 under production): request them one by one.",
    ],
    [
      "to somebody whom the rule does not name",
      { ...ports(22), rule: { requesters: { users: [LEA], groups: [ONCALL] } } },
      "not-a-requester: You can't request access under rule production (port 22 on vm-01): an admin can add you to its requesters.",
    ],
    [
      "without a reason",
      { rule: { reason: "required" }, wanted: { reason: " \n " } },
      "reason-required: The rule production requires a reason: add it at the end, for example for restarting the print spooler.",
    ],
    [
      "from a source that the rule doesn't allow",
      { wanted: { source: "192.0.2.1" } },
      "source-not-allowed: The rule production doesn't allow 192.0.2.1: write from vpn.",
    ],
  ])("%s", (_, given, sentence) => {
    expect(refusal(given)).toBe(sentence);
  });

  it("by the first rule that matches, although a later one would let them", () => {
    const rules = [aRule({ name: "strict", requesters: { users: [], groups: [] } }), aRule()];
    expect(refusal({ rules })).toContain("not-a-requester:");
  });

  it("before a reason is missed, where the port is wrong already", () => {
    const given = { ...ports(443), rule: { reason: "required" } } as const;
    expect(refusal(given)).toContain("port-not-in-policy");
  });

  it("without a VM", () => {
    expect(plain(incompleteVm())).toBe(
      "Which VM? Write for example /jit request vm-01 3389 2h for restarting the print spooler.",
    );
  });
});

it.each([
  ["named", { users: [ERIN], groups: [] }],
  ["anyone", "anyone" as const],
])("accepts a requester who is %s", (_, requesters) => {
  expect(right({ rule: { requesters } }).ask.requester).toBe(ERIN);
});

describe("for a time", () => {
  const late = (change: Partial<Rule> = {}) =>
    aRule({
      name: "late",
      match: { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 22 * 60, to: 24 * 60, zone: "UTC" }] },
      ...change,
    });
  const at = (hours: number, rules: readonly Rule[]) => ({ rules, opensAtMs: T0 + hours * HOUR });

  it("is refused where the rule's hours are over by then, and where another's have begun", () => {
    expect(refusal(at(10, [late(), aRule()]))).toBe(
      "outside-hours: Rule late applies to port 3389 on vm-01 2026-11-01T22:00:00Z, not production: request it in the hours of late (every day 22:00-24:00 UTC), or name a time outside them.",
    );
    const noon = late({ name: "noon" });
    const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], from: 11 * 60, to: 14 * 60, zone: "UTC" }];
    expect(refusal(at(3, [{ ...noon, match: { hours } }, aRule()]))).toContain(
      "Rule noon allows port 3389 on vm-01 only in its hours",
    );
    const one = late({ match: { ...late().match, ports: [22] } });
    const both = { ...at(10, [one, aRule()]), wanted: { ports: [22, 3389] } };
    expect(refusal(both)).toContain("several-rules: ");
  });

  it("is accepted where the same rule decides then", () => {
    expect(right(at(9, [late(), aRule()])).ask.opensAtMs).toBe(T0 + 9 * HOUR);
    expect(
      right(at(10, [late({ match: { ...late().match, vms: ["db-*"] } }), aRule()])).rule.name,
    ).toBe("production");
  });
});
