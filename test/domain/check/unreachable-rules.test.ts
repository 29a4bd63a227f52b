// Rules that are said never to match: by examples, and held against random VMs of random policies.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeAllOf } from "../../../src/domain/check/pattern-cover.ts";
import { unreached } from "../../../src/domain/check/unreachable-rules.ts";
import type { Match, Policy } from "../../../src/domain/rules/policy.ts";
import { ruleOnPort } from "../../../src/domain/rules/rule-match.ts";
import type { Vm } from "../../../src/domain/vm/vm.ts";
import { aPolicy, aRule, aVm } from "../../support/requests.ts";

const policyOf = (...matches: readonly Match[]): Policy =>
  aPolicy({ rules: matches.map((match, n) => aRule({ name: `rule ${n}`, match })) });

/** `2: rule 0, rule 1` for each rule that can never match. */
const found = (...matches: readonly Match[]): readonly string[] =>
  unreached(policyOf(...matches)).map(
    ({ index, takers }) => `${index}: ${takers.map(({ name }) => name).join(", ")}`,
  );

const prod = { tags: { env: ["prod"] } };

const UNREACHED: readonly (readonly [string, readonly Match[], readonly string[]])[] = [
  ["everything before it", [{}, prod], ["1: rule 0"]],
  ["the same again", [prod, prod], ["1: rule 0"]],
  ["a tag's name in another case", [prod, { tags: { ENV: ["PROD"] } }], ["1: rule 0"]],
  ["a glob around it", [{ vms: ["web-*"] }, { vms: ["web-0?", "web-x"] }], ["1: rule 0"]],
  ["a star, which every VM has a name for", [{ vms: ["*"] }, {}], ["1: rule 0"]],
  ["a star for every subscription", [{ subscriptions: ["*"] }, prod], ["1: rule 0"]],
  ["any value of its tag", [{ tags: { env: ["*"] } }, prod], ["1: rule 0"]],
  ["ports among others", [{ ports: [22, 3389] }, { ports: [3389] }], ["1: rule 0"]],
  [
    "its ports by two rules",
    [{ ports: [22] }, { ports: [3389], vms: ["*"] }, { ...prod, ports: [3389, 22] }],
    ["2: rule 0, rule 1"],
  ],
  [
    "its values by two rules",
    [prod, { tags: { env: ["test"] } }, { tags: { env: ["test", "prod"] }, vms: ["a*"] }],
    ["2: rule 1, rule 0"],
  ],
  [
    "its groups and its ports by four rules",
    [
      { resourceGroups: ["rg-a"], ports: [22] },
      { resourceGroups: ["rg-b"], ports: [22] },
      { resourceGroups: ["rg-a"], ports: [3389] },
      { resourceGroups: ["rg-?"], ports: [3389] },
      { resourceGroups: ["rg-a", "rg-b"], ports: [22, 3389] },
    ],
    ["4: rule 0, rule 2, rule 1, rule 3"],
  ],
  [
    "two of three",
    [{ vms: ["a*"] }, { vms: ["ab"] }, { vms: ["b"] }, { vms: ["a", "b"] }],
    ["1: rule 0", "3: rule 0, rule 2"],
  ],
];

const REACHED: readonly (readonly [string, readonly Match[]])[] = [
  ["the narrow one first", [prod, {}]],
  ["a VM may lack the tag", [{ tags: { env: ["*"] } }, {}]],
  ["a VM may lack the second tag", [{ tags: { env: ["prod"], team: ["*"] } }, prod]],
  ["another tag", [{ tags: { env: ["prod"] } }, { tags: { tier: ["prod"] } }]],
  ["a port is left", [{ ports: [22] }, { ports: [22, 3389] }]],
  ["all other ports are left", [{ ports: [22, 3389] }, {}]],
  ["a name is left", [{ vms: ["web-?"] }, { vms: ["web-*"] }]],
  ["a value is left", [prod, { tags: { env: ["prod", "test"] } }]],
  [
    "each takes a part, and one is left",
    [
      { resourceGroups: ["rg-a"], ports: [22] },
      { resourceGroups: ["rg-b"], ports: [3389] },
      { resourceGroups: ["rg-a", "rg-b"], ports: [22, 3389] },
    ],
  ],
  ["they take different things", [{ vms: ["a"] }, { resourceGroups: ["a"] }, { vms: ["b"] }]],
];

describe("a rule that can never match", () => {
  it.each(UNREACHED)("is found behind %s", (_, matches, expected) => {
    expect(found(...matches)).toEqual(expected);
  });

  it.each(REACHED)("is not seen where %s", (_, matches) => {
    expect(found(...matches)).toEqual([]);
  });

  it("is none behind a rule that is there only in its hours", () => {
    const hours = [{ days: [1], from: 480, to: 1080, zone: "UTC" }];
    expect(found({ hours }, {})).toEqual([]);
    expect(found({}, { hours })).toEqual(["1: rule 0"]);
  });

  it("is found among all ports, named one by one", () => {
    const ports = Array.from({ length: 65_535 }, (_, n) => n + 1);
    expect(found({ ports }, {})).toEqual(["1: rule 0"]);
    expect(found({ ports: ports.slice(1) }, {})).toEqual([]);
  });

  it("never decides about anything, whatever the policy", () => {
    let named = 0;
    let missed = 0;
    fc.assert(
      fc.property(fc.array(someMatch, { minLength: 2, maxLength: 5 }), (matches) => {
        const policy = policyOf(...matches);
        const said = new Set(unreached(policy).map(({ index }) => index));
        named += said.size;
        const deciding = new Set(
          EVERYTHING.flatMap((vm) =>
            PORTS.map((port) => ruleOnPort(policy, vm, { port, nowMs: 0 })),
          ),
        );
        for (const [index, rule] of policy.rules.entries()) {
          if (said.has(index)) expect(deciding.has(rule), `rule ${index}`).toBe(false);
          else if (!deciding.has(rule)) missed += 1;
        }
      }),
      { numRuns: 600 },
    );
    // Those of which no VM of this small world falls to the rule, although some other may, count as missed.
    expect(named).toBeGreaterThan(100);
    expect(named).toBeGreaterThan(missed * 3);
  });

  it("is looked for in a thousand rules by comparing few of their patterns", () => {
    const matches = Array.from({ length: 1_000 }, (_, n) => ({
      tags: { env: ["prod", "live"], team: [`team-${n}-*`] },
      resourceGroups: [`rg-*-${n % 50}`, `rg-${n % 70}-*`],
      ports: [22, 3389, n + 1],
    }));
    let compared = 0;
    const counted: typeof takeAllOf = (patterns, pattern) => {
      compared += 1;
      return takeAllOf(patterns, pattern);
    };
    expect(unreached(policyOf(...matches), counted)).toEqual([]);
    // What was compared is remembered: a million comparisons otherwise.
    expect(compared).toBeLessThan(50_000);
  });
});

const PATTERNS = ["a", "b", "a*", "*b", "?", "*", "ab"];
const patterns = fc.uniqueArray(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 3 });
const PORTS = [22, 3389, 8080];

const someTags = fc
  .tuple(fc.constantFrom("env", "Env"), fc.option(patterns), fc.option(patterns))
  .map(([name, env, team]) => ({ ...(env && { [name]: env }), ...(team && { team }) }))
  .filter((tags) => Object.keys(tags).length > 0);

const someMatch: fc.Arbitrary<Match> = fc.record(
  {
    vms: patterns,
    resourceGroups: patterns,
    tags: someTags,
    ports: fc.uniqueArray(fc.constantFrom(22, 3389), { minLength: 1 }),
  },
  { requiredKeys: [] },
);

const TEXTS = ["a", "b", "c", "ab", "cb", "cc"];

/** Every VM whose name, group and tags are short. Azure knows no two tags that differ only in case. */
const EVERYTHING: readonly Vm[] = TEXTS.flatMap((name) =>
  TEXTS.flatMap((resourceGroup) =>
    [undefined, ...TEXTS].flatMap((env) =>
      [undefined, "a", "b", "ab", "cc"].map((team) =>
        aVm({
          name,
          resourceGroup,
          tags: { ...(env !== undefined && { env }), ...(team !== undefined && { team }) },
        }),
      ),
    ),
  ),
);
