// What a valid policy file is read as, its defaults, its example, and its JSON Schema.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { configFaultLine } from "../../../src/config/config-fault.ts";
import {
  policyJsonSchema,
  readPolicyFile,
} from "../../../src/config/policy-file/read-policy-file.ts";
import type { Policy } from "../../../src/domain/rules/policy.ts";
import { channelId, groupId, rotaName, userId } from "../../../src/domain/text/ids.ts";
import { DESIGNED, MINIMAL } from "../texts.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const nobody = { users: [], groups: [] };

function policyOf(text: string): Policy {
  const read = readPolicyFile(text);
  if ("faults" in read)
    throw new Error(read.faults.map((one) => configFaultLine("", one)).join("\n"));
  return read.policy;
}

const ruleOf = (lines: string) => policyOf(`${MINIMAL}${lines}`).rules[0];

describe("a policy file", () => {
  test("is read whole", () => {
    expect(policyOf(DESIGNED)).toEqual({
      hash: createHash("sha256").update(DESIGNED).digest("hex"),
      azure: { cloud: "public", subscriptions: [], managementGroups: [] },
      channels: { notices: channelId("C0NOTICES") },
      admins: { users: [userId("U0ADMIN")], groups: [] },
      auditors: nobody,
      networks: { vpn: ["203.0.113.0/24"] },
      endEarly: "initiate",
      breaker: { opensPerMinute: 60 },
      bundles: { shop: { resourceGroups: ["rg-shop"] } },
      onCall: {
        [rotaName("payments")]: { kind: "pagerduty", schedules: ["PABC123"] },
        [rotaName("platform")]: { kind: "incident.io", schedules: ["01HABC"] },
        [rotaName("database")]: { kind: "calendar", at: "https://calendar.example.com/oncall.ics" },
      },
      limits: { openPerPerson: 10, pendingPerPerson: 10, asksPerMinute: 10, vmsPerRequest: 20 },
      myIp: { trustedProxies: [], header: "x-forwarded-for", rememberForMs: 12 * HOUR },
      people: { byEmail: true, map: {} },
      privacy: { hideOnCard: [] },
      audit: { keepForMs: 400 * DAY, stream: [] },
      watch: { everyMs: MINUTE },
      rules: [
        {
          name: "production",
          match: { tags: { env: ["prod"] }, resourceGroups: ["rg-prod-*"], ports: [22, 3389] },
          requesters: "anyone",
          approvers: { users: [userId("U0LEAD")], groups: [groupId("S0ONCALL")] },
          channel: channelId("C0PROD"),
          approvals: 1,
          defaultDurationMs: HOUR,
          maxDurationMs: 4 * HOUR,
          networks: [
            { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] },
            { kind: "my-ip" },
          ],
          reason: "required",
          expireAfterMs: HOUR,
          heldForMs: 8 * HOUR,
          remindAfterMs: 15 * MINUTE,
          escalate: { afterMs: 30 * MINUTE, to: nobody },
          warnBeforeMs: 10 * MINUTE,
          extend: { max: 1, approvals: 1 },
          breakGlass: nobody,
        },
      ],
    } satisfies Policy);
  });

  test("fills in what is left out", () => {
    const { hash: _, ...policy } = policyOf(MINIMAL);
    const { hash: _other, rules, breaker: _b, bundles: _s, ...designed } = policyOf(DESIGNED);
    const { heldForMs: _held, ...first } = rules[0] ?? {};
    expect(policy).toEqual({
      ...designed,
      networks: {},
      onCall: undefined,
      rules: [
        {
          ...first,
          name: "all",
          match: {},
          approvers: { users: [userId("U0LEAD")], groups: [] },
          maxDurationMs: 3 * HOUR,
          networks: [{ kind: "my-ip" }],
          expireAfterMs: 4 * HOUR,
          remindAfterMs: undefined,
          escalate: undefined,
          extend: undefined,
        },
      ],
    });
  });

  test("cuts the default duration to a shorter maximum", () => {
    expect(ruleOf("    maxDuration: 20m\n")?.defaultDurationMs).toBe(20 * MINUTE);
    expect(ruleOf("    maxDuration: 2h\n")?.defaultDurationMs).toBe(HOUR);
  });

  test("asks as many for an extension as for the access, if it does not say otherwise", () => {
    const lines =
      "    approvals: 2\n    approvers: { groups: [S0ONCALL] }\n    extend: { max: 3 }\n";
    const text = MINIMAL.replace("    approvers: { users: [U0LEAD] }\n", "");
    expect(policyOf(text + lines).rules[0]?.extend).toEqual({ max: 3, approvals: 2 });
  });

  test("needs neither approvers nor channel where nobody decides", () => {
    const text = MINIMAL.replace(/ {4}(approvers|channel).*\n/g, "");
    const [rule] = policyOf(`${text}    approvals: 0\n`).rules;
    expect(rule).toMatchObject({ approvals: 0, approvers: nobody });
    expect(rule?.channel).toBeUndefined();
  });

  test.each([
    ["off", undefined],
    ["false", undefined],
    ["{ every: off }", undefined],
    ["{ every: false }", undefined],
    ["{ every: 5s }", { everyMs: 5000 }],
  ])("takes watch: %s", (written, watch) => {
    expect(policyOf(`${MINIMAL}watch: ${written}\n`).watch).toEqual(watch);
  });

  test("takes lists and single texts, networks by name, CIDR, my-ip and any", () => {
    const text = MINIMAL.replace(
      "networks: [my-ip]",
      "networks: [office, 10.0.0.9/32, MY-IP, any]",
    );
    const { rules } = policyOf(
      `${text}    match: { tags: { Env: [a, "1"], b: c } }\n` +
        "networks: { office: [10.1.0.0/16, 10.2.0.1/32] }\n",
    );
    expect(rules[0]?.match.tags).toEqual({ Env: ["a", "1"], b: ["c"] });
    expect(rules[0]?.networks).toEqual([
      // As requests spell a single address: one door must not have two names.
      { kind: "network", name: "office", cidrs: ["10.1.0.0/16", "10.2.0.1"] },
      { kind: "cidr", cidr: "10.0.0.9" },
      { kind: "my-ip" },
      { kind: "any" },
    ]);
  });

  test("writes proxies as CIDRs, IPv6 too, and headers in lower case", () => {
    const lines = "myIp: { trustedProxies: [10.0.0.1, 10.1.0.0/16, ::1], header: X-Real-IP }\n";
    expect(policyOf(MINIMAL + lines).myIp).toMatchObject({
      trustedProxies: ["10.0.0.1/32", "10.1.0.0/16", "::1/128"],
      header: "x-real-ip",
    });
  });

  test("may have a byte order mark, Windows line ends, and say that it is YAML 1.1", () => {
    const plain = policyOf(`${MINIMAL}watch: off\n`);
    const other = policyOf(`\ufeff%YAML 1.1\n---\n${MINIMAL}watch: off\n`.replaceAll("\n", "\r\n"));
    expect({ ...other, hash: plain.hash }).toEqual(plain);
    expect(other.hash).not.toBe(plain.hash);
  });

  test("is frozen to the bottom", () => {
    const thawed: string[] = [];
    const look = (value: unknown, at: string): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Object.isFrozen(value)) thawed.push(at);
      for (const [key, inner] of Object.entries(value)) look(inner, `${at}.${key}`);
    };
    look(policyOf(DESIGNED), "policy");
    expect(thawed).toEqual([]);
  });

  test("finds no network that is a property of every object", () => {
    expect(policyOf(DESIGNED).networks.constructor).toBeUndefined();
  });
});

describe("the example", () => {
  const example = readFileSync(new URL("../../../docs/jit.example.yaml", import.meta.url), "utf8");

  test("is valid", () => {
    expect(policyOf(example).rules.map(({ name }) => name)).toEqual([
      "production",
      "test machines",
    ]);
  });

  test("shows every key that has no newer name", () => {
    const keys = new Set<string>();
    const collect = (schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      if ("properties" in schema) {
        for (const [key, value] of Object.entries(schema.properties as object)) {
          if (value.deprecated !== true) keys.add(key);
        }
      }
      for (const inner of Object.values(schema)) collect(inner);
    };
    collect(policyJsonSchema());
    const missing = [...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(example));
    expect(missing).toEqual([]);
  });
});

describe("the JSON Schema", () => {
  test("is in step with the file for editors (else: node test/config/write-json-schema.ts)", () => {
    const file = new URL("../../../src/config/jit.schema.json", import.meta.url);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(policyJsonSchema());
  });

  test("knows no key but those that are read, and says which are required", () => {
    expect(policyJsonSchema()).toMatchObject({
      additionalProperties: false,
      required: ["channels", "admins", "rules"],
      properties: {
        rules: {
          items: { additionalProperties: false, required: ["name", "requesters", "networks"] },
        },
      },
    });
  });

  test("tells of every key of a policy what it is for", () => {
    const { properties } = policyJsonSchema() as { properties: Record<string, object> };
    const rule = properties.rules as { items: { properties: Record<string, object> } };
    const all = Object.entries({ ...properties, ...rule.items.properties });
    const mute = all.filter(([, schema]) => !("description" in schema)).map(([key]) => key);
    expect(mute).toEqual([]);
  });
});
