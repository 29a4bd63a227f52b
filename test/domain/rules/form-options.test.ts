// What the form offers: never more than may be asked for, and always what a command would be granted.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkAsk } from "../../../src/domain/rules/check-ask.ts";
import {
  type Choices,
  choicesFor,
  type Draft,
  type Terms,
} from "../../../src/domain/rules/form-options.ts";
import type { AllowedSource, Rule } from "../../../src/domain/rules/policy.ts";
import { parseDuration } from "../../../src/domain/text/duration.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import type { JitPort, Vm } from "../../../src/domain/vm/vm.ts";
import {
  aPolicy,
  aPort,
  aRule,
  aVm,
  aVmPolicy,
  ERIN,
  HOUR,
  MINUTE,
  OMAR,
  ONCALL,
} from "../../support/requests.ts";

type Given = {
  readonly vm?: Partial<Vm>;
  readonly rules?: readonly Rule[];
  readonly ports?: readonly JitPort[];
  readonly draft?: Draft;
};

function look({
  vm: change,
  rules = [aRule()],
  ports = [aPort(22), aPort(3389)],
  draft = {},
}: Given) {
  const vm = aVm(change);
  const vmPolicies = ports.length === 0 ? [] : [aVmPolicy(vm, ports)];
  const asker = { policy: aPolicy({ rules }), user: ERIN, members: new Map([[ONCALL, [OMAR]]]) };
  return {
    ...asker,
    vm,
    vmPolicies,
    found: choicesFor({ ...asker, nowMs: 0 }, { vm, vmPolicies }, draft),
  };
}

function choices(given: Given): Choices {
  const { found } = look(given);
  if (isRefusal(found)) throw new Error(plain(found.say));
  return found;
}

function terms(given: Given): Terms {
  const found = choices(given).terms;
  if (found === undefined || isRefusal(found)) throw new Error(JSON.stringify(found));
  return found;
}

/** Why nothing is offered at all, or not for these ports. */
function why(given: Given): string {
  const { found } = look(given);
  const refusal = isRefusal(found) ? found : found.terms;
  return isRefusal(refusal) ? `${refusal.refused}: ${plain(refusal.say)}` : "offered";
}

const OTHER = aRule({ name: "others", requesters: { users: [OMAR], groups: [] } });
const NETWORK: AllowedSource = { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] };
const RANGES: AllowedSource = {
  kind: "network",
  name: "sites",
  cidrs: ["192.0.2.0/25", "192.0.2.128/25"],
};

describe("ports", () => {
  it("are those that the JIT policy knows and a rule lets one ask for, ascending", () => {
    const rules = [{ ...OTHER, match: { ports: [443] } }, aRule()];
    const ports = [aPort(3389), aPort(443), aPort(22)];
    expect(choices({ rules, ports }).ports).toEqual([22, 3389]);
  });

  it.each<[string, Given, readonly number[]]>([
    ["the usual one of the operating system", {}, [3389]],
    ["the usual one of Linux", { vm: { os: "linux" } }, [22]],
    ["none where it has to be said", { ports: [aPort(80), aPort(443)] }, []],
    ["the only one", { ports: [aPort(8443)] }, [8443]],
    [
      "the only one that may be asked for",
      { rules: [{ ...OTHER, match: { ports: [3389] } }, aRule()] },
      [22],
    ],
    ["those that were wanted", { draft: { ports: [22, 3389] } }, [22, 3389]],
    ["of those only what is offered", { draft: { ports: [22, 8080] } }, [22]],
    ["none where all were taken away", { draft: { ports: [] } }, []],
    ["none where nothing that was wanted is there", { draft: { ports: [8080] } }, []],
  ])("chosen: %s", (_, given, chosen) => {
    expect(choices(given).chosenPorts).toEqual(chosen);
    expect(choices(given).terms === undefined).toBe(chosen.length === 0);
  });

  it("under different rules can't be asked for together, and stay to be changed", () => {
    const rules = [aRule({ name: "ssh", match: { ports: [22] } }), aRule()];
    const given = { rules, draft: { ports: [22, 3389] } };
    expect(choices(given).ports).toEqual([22, 3389]);
    expect(why(given)).toMatch(/^several-rules: .*one by one/);
  });
});

describe("nothing is offered", () => {
  it.each<[string, Given, RegExp]>([
    ["without a JIT policy", { ports: [] }, /^not-configured: .*admin has to enable JIT/],
    ["where no rule lets one ask", { rules: [OTHER] }, /^not-a-requester: /],
    [
      "where the VM allows less than a minute",
      { ports: [aPort(3389, { maxDurationMs: 1_000 })] },
      /^too-long: /,
    ],
    [
      "where only my-ip is allowed",
      { rules: [aRule({ networks: [{ kind: "my-ip" }] })] },
      /^switched-off: /,
    ],
  ])("%s", (_, given, says) => expect(why(given)).toMatch(says));
});

describe("durations", () => {
  it.each<[string, Given, readonly string[], string]>([
    ["up to the VM's maximum", {}, ["15m", "30m", "1h", "2h", "3h"], "1h"],
    [
      "up to the rule's",
      { rules: [aRule({ maxDurationMs: 90 * MINUTE })] },
      ["15m", "30m", "1h", "1h30m"],
      "1h",
    ],
    [
      "with what was wanted",
      { draft: { duration: "45m" } },
      ["15m", "30m", "45m", "1h", "2h", "3h"],
      "45m",
    ],
    [
      "each once, however written",
      { draft: { duration: "60 min" } },
      ["15m", "30m", "1h", "2h", "3h"],
      "1h",
    ],
    ["not what is too long", { draft: { duration: "9h" } }, ["15m", "30m", "1h", "2h", "3h"], "1h"],
    [
      "not what is too short",
      { draft: { duration: "5s" } },
      ["15m", "30m", "1h", "2h", "3h"],
      "1h",
    ],
    [
      "with the rule's own default",
      { rules: [aRule({ defaultDurationMs: 20 * MINUTE, maxDurationMs: 20 * MINUTE })] },
      ["15m", "20m"],
      "20m",
    ],
  ])("%s", (_, given, durations, chosen) => {
    expect(terms(given)).toMatchObject({ durations, chosenDuration: chosen });
  });
});

describe("sources", () => {
  const with_ = (...networks: AllowedSource[]): Given => ({ rules: [aRule({ networks })] });
  it.each<[string, Given, readonly string[], string | undefined]>([
    ["by name", with_(NETWORK, { kind: "any" }), ["vpn", "any"], "vpn"],
    [
      "as wanted, in any case",
      { ...with_({ kind: "any" }, NETWORK), draft: { source: "VPN" } },
      ["any", "vpn"],
      "vpn",
    ],
    [
      "by range where a network has several, none chosen",
      with_(RANGES, NETWORK),
      ["192.0.2.0/25", "192.0.2.128/25", "vpn"],
      undefined,
    ],
    ["without my-ip, which can't be typed", with_({ kind: "my-ip" }, NETWORK), ["vpn"], "vpn"],
    [
      "without what the JIT policy keeps out",
      { ...with_(NETWORK, { kind: "any" }), ports: [aPort(3389, { sources: ["203.0.113.0/24"] })] },
      ["vpn"],
      "vpn",
    ],
    [
      "none, where only a part of the rule's network may come in",
      { ...with_(NETWORK), ports: [aPort(3389, { sources: ["203.0.113.7"] })] },
      [],
      undefined,
    ],
  ])("%s", (_, given, sources, chosen) => {
    expect(terms(given)).toMatchObject({ sources, chosenSource: chosen });
  });
});

describe("whatever is offered", () => {
  const source = fc.constantFrom<AllowedSource>(
    NETWORK,
    RANGES,
    { kind: "any" },
    { kind: "my-ip" },
    { kind: "cidr", cidr: "198.51.100.0/24" },
  );
  const rule = fc.record({
    match: fc.oneof(
      fc.constant({}),
      fc.record({ ports: fc.subarray([22, 443, 3389], { minLength: 1 }) }),
    ),
    requesters: fc.constantFrom("anyone" as const, OTHER.requesters),
    networks: fc.array(source, { minLength: 1, maxLength: 3 }),
    defaultDurationMs: fc.integer({ min: 1, max: 600 }).map((minutes) => minutes * MINUTE),
    maxDurationMs: fc.integer({ min: 1, max: 600 }).map((minutes) => minutes * MINUTE),
  });
  const port = fc.record({
    number: fc.constantFrom(22, 443, 3389),
    maxDurationMs: fc.integer({ min: 1, max: 24 * 60 }).map((minutes) => minutes * MINUTE),
    sources: fc.subarray(["*", "203.0.113.0/24", "192.0.2.0/24", "10.0.0.0/8"], { minLength: 1 }),
  });
  const given = fc.record({
    rules: fc
      .array(rule, { minLength: 1, maxLength: 3 })
      .map((rules) => rules.map((one, n) => aRule({ name: `rule ${n}`, ...one }))),
    ports: fc
      .uniqueArray(port, { selector: (one) => one.number, maxLength: 3 })
      .map((ports) => ports.map((one) => aPort(one.number, one))),
    draft: fc.record(
      {
        ports: fc.subarray([22, 443, 3389, 8080]),
        duration: fc.constantFrom("30m", "90 min", "9h", "soon"),
        source: fc.constantFrom("vpn", "203.0.113.7", "any", ""),
      },
      { requiredKeys: [] },
    ),
  });

  it("can be asked for, and stands there only if it is offered", () => {
    fc.assert(
      fc.property(given, (one) => {
        const { found, policy, user, members, vm, vmPolicies } = look(one);
        if (isRefusal(found)) return;
        expect(found.chosenPorts.every((number) => found.ports.includes(number))).toBe(true);
        const offer = found.terms;
        if (offer === undefined || isRefusal(offer)) return;
        expect(offer.durations).toContain(offer.chosenDuration);
        expect(new Set(offer.durations).size).toBe(offer.durations.length);
        expect([...offer.sources, undefined]).toContain(offer.chosenSource);
        for (const from of offer.sources) {
          for (const duration of offer.durations) {
            const wanted = {
              ports: found.chosenPorts,
              durationMs: parseDuration(duration),
              source: from,
              reason: "so",
            };
            const checked = checkAsk({
              policy,
              vm,
              vmPolicies,
              wanted,
              requester: user,
              members,
              nowMs: 24 * HOUR,
            });
            expect(isRefusal(checked) ? plain(checked.say) : "asked").toBe("asked");
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
