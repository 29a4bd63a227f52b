// The VM's own JIT policies bound an ask further: which one is asked, and from where it allows access.
// Of src/domain/rules/check-ask.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains } from "../../../src/domain/network/source.ts";
import { jitPolicyFor } from "../../../src/domain/rules/check-ask.ts";
import type { AllowedSource } from "../../../src/domain/rules/policy.ts";
import { allowsSource } from "../../../src/domain/rules/requested-source.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import type { JitPort } from "../../../src/domain/vm/vm.ts";
import { check, type Given, refusal, right } from "../../support/asks.ts";
import { aPort, aVm, aVmPolicy, HOUR, jitPolicyId, MINUTE } from "../../support/requests.ts";

describe("of two policies on one VM", () => {
  const vm = aVm();
  const chosen = (...vmPolicies: readonly [id: string, ...ports: JitPort[]][]) => {
    const both = vmPolicies.map(([id, ...ports]) =>
      aVmPolicy(vm, ports, jitPolicyId("rg-web", id)),
    );
    const vmPolicy = jitPolicyFor(vm, both, [22]);
    return isRefusal(vmPolicy) ? vmPolicy.refused : vmPolicy.policyId.split("/").at(-1);
  };
  const max = (hours: number) => aPort(22, { maxDurationMs: hours * HOUR });

  it("the one with the longer maximum is asked", () => {
    expect(chosen(["a", max(1)], ["b", max(2)])).toBe("b");
    expect(chosen(["b", max(2)], ["a", max(1)])).toBe("b");
  });

  it("the longer maximum of other ports does not count", () => {
    expect(chosen(["a", max(2)], ["b", max(1), aPort(3389, { maxDurationMs: 9 * HOUR })])).toBe(
      "a",
    );
  });

  it("the smaller id is asked where they are alike, in any case and order", () => {
    expect(chosen(["b", max(1)], ["A", max(1)])).toBe("A");
    expect(chosen(["A", max(1)], ["b", max(1)])).toBe("A");
    expect(chosen(["B", max(1)], ["a", max(1)])).toBe("a");
  });

  it("one that does not know the port is left out", () => {
    expect(chosen(["a", aPort(3389, { maxDurationMs: 9 * HOUR })], ["b", max(1)])).toBe("b");
  });
});

describe("the policy's own sources", () => {
  const on = (...sources: string[]): Given => ({
    vmPolicies: { default: [aPort(3389, { sources })] },
  });
  it.each<[string, Given]>([
    ["everybody", on("*")],
    ["every address", on("0.0.0.0/0")],
    ["the very network", on("203.0.113.0/24")],
    ["a wider network", on("203.0.0.0/16")],
    ["one of several", on("10.0.0.0/8", "VirtualNetwork", "203.0.113.0/24")],
    ["an address within", { ...on("203.0.113.0/28"), wanted: { source: "203.0.113.9" } }],
  ])("let in %s", (_, given) => {
    expect(right(given).ask.source).toBe(given.wanted?.source ?? "203.0.113.0/24");
  });

  it.each<[string, Given, string]>([
    [
      "a wider source",
      on("203.0.113.0/28"),
      "source-not-allowed: The JIT policy of vm-01 doesn't allow 203.0.113.0/24 on port 3389: use a source within 203.0.113.0/28.",
    ],
    [
      "any, where only networks are let in",
      {
        ...on("10.0.0.0/8", "203.0.113.0/24", "VirtualNetwork"),
        rule: { networks: [{ kind: "any" }] },
      },
      "source-not-allowed: The JIT policy of vm-01 doesn't allow any on port 3389: use a source within 10.0.0.0/8 or 203.0.113.0/24.",
    ],
    [
      "what only two of its ranges together contain",
      on("203.0.113.0/25", "203.0.113.128/25"),
      "source-not-allowed: The JIT policy of vm-01 doesn't allow 203.0.113.0/24 on port 3389: use a source within 203.0.113.0/25 or 203.0.113.128/25.",
    ],
    [
      "what the rule allows only in part",
      {
        ...on("192.0.2.0/24", "10.0.0.0/8"),
        rule: {
          networks: [
            { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] },
            { kind: "cidr", cidr: "10.1.0.0/16" },
          ],
        },
      },
      "source-not-allowed: The JIT policy of vm-01 doesn't allow 203.0.113.0/24 on port 3389: use a source within 10.1.0.0/16.",
    ],
    [
      "whatever somebody's own address is not within",
      {
        ...on("192.0.2.0/24"),
        rule: {
          networks: [
            { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] },
            { kind: "my-ip" },
          ],
        },
      },
      "source-not-allowed: The JIT policy of vm-01 doesn't allow 203.0.113.0/24 on port 3389: use a source within 192.0.2.0/24.",
    ],
    [
      "everything, where it names only a service tag",
      on("VirtualNetwork"),
      "source-not-allowed: The JIT policy of vm-01 allows no IPv4 source on port 3389: an admin has to change it.",
    ],
    [
      "everything, where it names only IPv6",
      on("2001:db8::/32"),
      "source-not-allowed: The JIT policy of vm-01 allows no IPv4 source on port 3389: an admin has to change it.",
    ],
    [
      "everything, where it names nothing",
      on(),
      "source-not-allowed: The JIT policy of vm-01 allows no IPv4 source on port 3389: an admin has to change it.",
    ],
    [
      "what one of two ports does not let in",
      {
        vmPolicies: { default: [aPort(22), aPort(3389, { sources: ["10.0.0.0/8"] })] },
        wanted: { ports: [22, 3389] },
      },
      "source-not-allowed: The JIT policy of vm-01 allows only 10.0.0.0/8 on port 3389, and the rule production allows nothing within it: an admin has to change one of them.",
    ],
  ])("keep out %s", (_, given, sentence) => {
    expect(refusal(given)).toBe(sentence);
  });
});

describe("a checked ask", () => {
  const minutes = (max: number) => fc.integer({ min: 0, max }).map((count) => count * MINUTE);
  const sources = fc.array(
    fc.constantFrom(
      "*",
      "203.0.113.0/24",
      "203.0.113.0/26",
      "10.0.0.0/8",
      "VirtualNetwork",
      "::/0",
    ),
    { maxLength: 3 },
  );
  const anyPort = fc
    .tuple(fc.constantFrom(22, 443, 3389), minutes(300), sources)
    .map(
      ([number, maxDurationMs, from]): JitPort => aPort(number, { maxDurationMs, sources: from }),
    );
  const anyNetwork: fc.Arbitrary<AllowedSource> = fc.constantFrom(
    { kind: "any" },
    { kind: "my-ip" },
    { kind: "cidr", cidr: "10.1.0.0/16" },
    { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] },
  );
  const given: fc.Arbitrary<Given> = fc.record({
    vm: fc.record({ os: fc.constantFrom("windows", "linux", undefined) }),
    rule: fc.record({
      defaultDurationMs: minutes(300).map((ms) => Math.max(ms, MINUTE)),
      maxDurationMs: minutes(300).map((ms) => Math.max(ms, MINUTE)),
      networks: fc.array(anyNetwork, { minLength: 1, maxLength: 3 }),
    }),
    vmPolicies: fc.dictionary(
      fc.constantFrom("a", "b"),
      fc.uniqueArray(anyPort, { selector: (port) => port.number, minLength: 1 }),
    ),
    wanted: fc.record(
      {
        ports: fc.uniqueArray(fc.constantFrom(22, 443, 3389), { minLength: 1 }),
        durationMs: minutes(400),
        source: fc.constantFrom("any", "vpn", "203.0.113.3", "203.0.113.0/25", "10.1.2.0/24"),
      },
      { requiredKeys: [] },
    ),
  });

  it("exceeds neither maximum, and comes from where the rule and every port let in", () => {
    let accepted = 0;
    fc.assert(
      fc.property(given, (one) => {
        const checked = check(one);
        if (isRefusal(checked)) return;
        accepted += 1;
        const { ask, longestMs } = checked;
        const ports = one.vmPolicies?.[ask.jitPolicyId] ?? [];
        expect(ask.durationMs).toBeGreaterThanOrEqual(MINUTE);
        expect(ask.durationMs).toBeLessThanOrEqual(checked.rule.maxDurationMs);
        expect(allowsSource(checked.rule, ask.source)).toBe(true);
        expect(ask.ports.length).toBeGreaterThan(0);
        for (const number of ask.ports) {
          const port = ports.find((known) => known.number === number);
          expect(ask.durationMs).toBeLessThanOrEqual(port?.maxDurationMs ?? 0);
          expect(longestMs).toBeLessThan(port?.maxDurationMs ?? 0);
          expect(port?.sources.some((prefix) => contains(prefix, ask.source))).toBe(true);
        }
        if (one.wanted?.durationMs !== undefined) {
          expect(ask.durationMs).toBe(one.wanted.durationMs);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
