// Explaining and asking say the same of random asks under random policies; and the words for it.

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { explain } from "../../../src/domain/explain/explanation.ts";
import { explanationWords } from "../../../src/domain/explain/explanation-words.ts";
import type { AskInput } from "../../../src/domain/rules/check-ask.ts";
import { checkAsk } from "../../../src/domain/rules/check-ask.ts";
import { anyGlob } from "../../../src/domain/rules/glob.ts";
import type { Match, People, Rule } from "../../../src/domain/rules/policy.ts";
import { ruleFor } from "../../../src/domain/rules/rule-match.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import {
  aPolicy,
  aPort,
  aRule,
  aVm,
  aVmPolicy,
  ERIN,
  HOUR,
  jitPolicyId,
  LEA,
  MINUTE,
  OMAR,
  ONCALL,
  SAM,
  T0,
} from "../../support/requests.ts";

const texts = fc.uniqueArray(fc.constantFrom("a", "b", "a*", "?", "*"), {
  ...{ minLength: 1, maxLength: 2 },
});
const somePorts = fc.uniqueArray(fc.constantFrom(22, 3389, 5985), { minLength: 1, maxLength: 2 });

const someMatch: fc.Arbitrary<Match> = fc.record(
  {
    vms: texts,
    resourceGroups: texts,
    tags: fc.record({ env: texts }, { noNullPrototype: true }),
    ports: somePorts,
  },
  { requiredKeys: [] },
);

const somePeople: fc.Arbitrary<People> = fc.record({
  users: fc.uniqueArray(fc.constantFrom(ERIN, LEA, OMAR)),
  groups: fc.uniqueArray(fc.constant(ONCALL)),
});

const vpn = { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] } as const;
const two = {
  kind: "network",
  name: "two",
  cidrs: ["198.51.100.0/25", "198.51.100.128/25"],
} as const;
const sources = [
  vpn,
  two,
  { kind: "any" },
  { kind: "my-ip" },
  { kind: "cidr", cidr: "192.0.2.0/24" },
] as const;

const someRule: fc.Arbitrary<Partial<Rule>> = fc.record({
  match: someMatch,
  requesters: fc.oneof({ weight: 2, arbitrary: fc.constant("anyone" as const) }, somePeople),
  approvers: somePeople,
  approvals: fc.constantFrom(0, 1, 2),
  maxDurationMs: fc.constantFrom(HOUR, 4 * HOUR),
  defaultDurationMs: fc.constantFrom(30 * MINUTE, HOUR),
  networks: fc.uniqueArray(fc.constantFrom(...sources), { minLength: 1, maxLength: 3 }),
  reason: fc.constantFrom("required" as const, "optional" as const),
  breakGlass: somePeople,
});

const someVm = fc.record({
  name: fc.constantFrom("a", "b", "ab"),
  resourceGroup: fc.constantFrom("a", "c"),
  tags: fc.constantFrom({}, { env: "a" }, { ENV: "b" }),
  os: fc.constantFrom("linux" as const, "windows" as const, undefined),
});

const someVmPolicy = fc.uniqueArray(
  fc.record({
    number: fc.constantFrom(22, 3389, 5985),
    maxDurationMs: fc.constantFrom(0, HOUR, 3 * HOUR, 9 * HOUR),
    sources: fc.constantFrom(["*"], ["*"], ["203.0.113.0/24"], ["VirtualNetwork"]),
  }),
  { selector: ({ number }) => number, minLength: 1, maxLength: 3 },
);

const someInput: fc.Arbitrary<AskInput> = fc
  .record({
    rules: fc.array(someRule, { minLength: 1, maxLength: 4 }),
    /** Most policies end with a rule for everything. */
    last: fc.option(someRule, { freq: 4 }),
    vm: someVm,
    vmPolicies: fc.oneof(
      { weight: 6, arbitrary: fc.array(someVmPolicy, { minLength: 1, maxLength: 2 }) },
      fc.array(someVmPolicy, { maxLength: 0 }),
    ),
    wanted: fc.record({
      ports: fc.option(somePorts, { nil: undefined }),
      durationMs: fc.option(fc.constantFrom(1_000, HOUR, HOUR, 9 * HOUR), { nil: undefined }),
      source: fc.option(
        fc.constantFrom("vpn", "two", "any", "my-ip", "203.0.113.9/28", "8.8.8.8", "::1", "what"),
        { nil: undefined },
      ),
      reason: fc.constantFrom("", "work"),
    }),
    requester: fc.constantFrom(ERIN, LEA, SAM),
    members: fc.uniqueArray(fc.constantFrom(ERIN, SAM)),
    breakGlass: fc.constantFrom(false, false, true),
  })
  .map(({ rules, vm: change, vmPolicies, members, last, ...rest }) => {
    const vm = aVm(change);
    return {
      ...rest,
      vm,
      policy: aPolicy({
        networks: { vpn: vpn.cidrs, two: two.cidrs },
        rules: [...rules, ...(last === null ? [] : [{ ...last, match: {} }])].map((rule, n) =>
          aRule({ name: `rule ${n}`, ...rule }),
        ),
      }),
      vmPolicies: vmPolicies.map((ports, n) =>
        aVmPolicy(
          vm,
          ports.map(({ number, ...port }) => aPort(number, port)),
          jitPolicyId("rg", `p${n}`),
        ),
      ),
      members: new Map([[ONCALL, members]]),
      nowMs: T0,
    };
  });

const outcomes = new Map<string, number>();
afterAll(() => {
  const counts = [...outcomes].sort(([, a], [, b]) => b - a);
  process.stdout.write(`explained: ${counts.map(([what, n]) => `${what} ${n}`).join(", ")}\n`);
});

describe("an explanation", () => {
  it("comes to what asking comes to: the same refusal, the same rule, the same ask", () => {
    fc.assert(
      fc.property(someInput, (input) => {
        const asked = checkAsk(input);
        const { outcome, refusals, found } = explain(input);
        expect(outcome).toEqual(asked);
        expect(refusals[0]).toEqual(isRefusal(asked) ? asked : undefined);
        const what = isRefusal(asked) ? asked.refused : "accepted";
        outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
        if (isRefusal(asked)) return;
        const { ask, rule } = asked;
        expect(found.rule).toBe(rule);
        expect(found.ports).toEqual(ask.ports);
        expect(found.vmPolicy?.policyId).toBe(ask.jitPolicyId);
        expect([found.durationMs, found.source?.source]).toEqual([ask.durationMs, ask.source]);
        expect([found.mayAsk, found.within]).toEqual([true, true]);
      }),
      { numRuns: 10_000 },
    );
    for (const what of [
      "accepted",
      "no-rule",
      "several-rules",
      "not-a-requester",
      "two-policies",
    ]) {
      expect(outcomes.get(what), what).toBeGreaterThan(50);
    }
  });

  it("names as deciding the rule that decides, and of the others a key that does not fit", () => {
    fc.assert(
      fc.property(someInput, ({ policy, vm, ...input }) => {
        const { considered, found } = explain({ ...input, policy, vm });
        const { ports } = found;
        if (ports === undefined) return;
        for (const [n, one] of considered.entries()) {
          expect(one.rule).toBe(policy.rules[n]);
          if ("decides" in one) {
            for (const port of one.decides)
              expect(ruleFor(policy, vm, { ports: [port], nowMs: 0 })).toBe(one.rule);
            continue;
          }
          const { key, wanted, is } = one.mismatch;
          // Of its ports the earlier ones may have decided about all that were asked for.
          const left = ports.filter((port) => !decidedBefore(considered.slice(0, n), port));
          if (key === "ports") {
            expect(left.filter((port) => wanted.includes(String(port)))).toEqual([]);
          } else {
            expect(is === undefined || !anyGlob(wanted)(is)).toBe(true);
          }
        }
        const decided = considered.flatMap((one) => ("decides" in one ? one.decides : []));
        expect(decided.toSorted()).toEqual(
          ports
            .filter((port) => !isRefusal(ruleFor(policy, vm, { ports: [port], nowMs: 0 })))
            .toSorted(),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("can be said of everything, without a hole in it", () => {
    fc.assert(
      fc.property(someInput, fc.boolean(), (input, known) => {
        const members = known ? input.members : new Map();
        for (const line of explanationWords(explain(input), { members })) {
          expect(plain(line)).toMatch(/^(?!.*(undefined|\[object|NaN)).+[.:?]$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

type All = ReturnType<typeof explain>["considered"];
const decidedBefore = (before: All, port: number): boolean =>
  before.some((one) => "decides" in one && one.decides.includes(port));

describe("who could approve", () => {
  const said = (rule: Partial<Rule>, members = new Map([[ONCALL, [OMAR, ERIN]]])) => {
    const vm = aVm();
    const wanted = { ports: [22], durationMs: undefined, source: undefined, reason: "" };
    const input = {
      ...{
        policy: aPolicy({ rules: [aRule(rule)] }),
        vm,
        vmPolicies: [aVmPolicy(vm, [aPort(22)])],
      },
      ...{ wanted, requester: ERIN, members: new Map(), nowMs: T0 },
    };
    const lines = explanationWords(explain(input), { members }).map(plain);
    return lines.filter((line) => /approv/.test(line));
  };
  const group: People = { users: [LEA], groups: [ONCALL] };

  it.each<[string, readonly string[], Partial<Rule>, Map<typeof ONCALL, (typeof ERIN)[]>?]>([
    ["people", ["1 must approve.", "Who could approve it: @U0LEAD and @U0OMAR."], {}],
    [
      "people and groups, without the asker",
      ["1 must approve.", "@U0LEAD and @U0OMAR (not @U0ERIN,"],
      { approvers: group },
    ],
    [
      "a group that couldn't be looked up",
      ["2 must approve.", "@U0LEAD and anyone in @S0ONCALL."],
      { approvers: group, approvals: 2 },
      new Map(),
    ],
    [
      "too few",
      ["2 must approve.", "@U0LEAD.", "That's too few: an admin has to add an approver"],
      { approvers: { users: [LEA], groups: [ONCALL] }, approvals: 2 },
      new Map([[ONCALL, []]]),
    ],
    [
      "nobody",
      [
        "1 must approve.",
        "Nobody could approve it (not @U0ERIN, the requester): an admin has to add an approver to the rule.",
      ],
      { approvers: { users: [], groups: [ONCALL] } },
      new Map([[ONCALL, [ERIN]]]),
    ],
    ["nobody has to", ["needs no approval."], { approvals: 0 }],
  ])("is said: %s", (_, parts, rule, members) => {
    const lines = said(rule, members);
    expect(lines.length).toBe(parts.length);
    for (const [n, part] of parts.entries()) expect(lines[n]).toContain(part);
  });

  it("counts rules that are too many to be named", () => {
    const rules = Array.from({ length: 30 }, (_, n) =>
      aRule({ name: `rule ${n}`, ...(n < 29 && { match: { vms: [`other-${n}`] } }) }),
    );
    const vm = aVm();
    const lines = explanationWords(
      explain({
        ...{ policy: aPolicy({ rules }), vm, vmPolicies: [aVmPolicy(vm, [aPort(22)])] },
        ...{ requester: ERIN, members: new Map(), nowMs: T0 },
        wanted: { ports: [22], durationMs: undefined, source: undefined, reason: "" },
      }),
      { members: new Map() },
    ).map(plain);
    expect(lines[1]).toBe("· 10 rules before these don't match.");
    expect(lines[21]).toBe("→ Rule rule 29 matches, and applies to port 22.");
  });
});

it("shows no more of a VM's tags than can be read, and counts the others", () => {
  const tags = Object.fromEntries(
    Array.from({ length: 49 }, (_, n) => [`tag-${n}`, "v".repeat(256)]),
  );
  const rule = aRule({ networks: [vpn] });
  const input: AskInput = {
    policy: aPolicy({ rules: [rule] }),
    vm: aVm({ tags }),
    vmPolicies: [],
    wanted: { ports: [22], durationMs: undefined, source: undefined, reason: "" },
    ...{ requester: ERIN, members: new Map(), nowMs: T0 },
  };
  const [first = ""] = explanationWords(explain(input), { members: new Map() }).map(plain);
  expect(first).toContain("and 39 more tags");
  expect(first.length).toBeLessThan(1_100);
});

it("speaks to the one who asks for it about themselves, and names everybody else", () => {
  const vm = aVm();
  const people = { users: [ERIN, LEA], groups: [] };
  const policy = aPolicy({ rules: [aRule({ requesters: people, approvers: people })] });
  const wanted = { ports: [22], durationMs: undefined, source: undefined, reason: "" };
  const input = {
    ...{ policy, vm, vmPolicies: [aVmPolicy(vm, [aPort(22)])], wanted },
    ...{ requester: ERIN, members: new Map(), nowMs: T0 },
  };
  const said = (you?: typeof ERIN) =>
    explanationWords(explain(input), { members: new Map(), ...(you && { you }) })
      .map(plain)
      .join("\n");
  expect(said(ERIN)).toContain("If you requested vm-01");
  expect(said(ERIN)).toContain("Person: you are among the requesters.");
  expect(said(ERIN)).toContain("Who could approve it: @U0LEAD (not you, the requester).");
  expect(said(ERIN)).toContain("what else you have pending");
  expect(said(ERIN)).not.toContain("@U0ERIN");
  expect(said()).toContain("If @U0ERIN requested vm-01");
  expect(said(LEA)).toContain("Who could approve it: you (not @U0ERIN, the requester).");
});
