// Policy files at random: the valid are understood, and the others are never thrown at anybody.
// Of src/config/policy-file/read-policy-file.ts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";
import { sinkIdentity } from "../../../src/domain/audit/stream/sink-name.ts";
import type { AllowedSource, AuditSink, Policy, Rule } from "../../../src/domain/rules/policy.ts";
import { formatDuration } from "../../../src/domain/text/duration.ts";
import { hiddenCharacter } from "../../../src/domain/text/hidden-characters.ts";
import { DESIGNED, MINIMAL } from "../texts.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const id = (letter: string) => fc.stringMatching(/^[A-Z0-9]{2,10}$/).map((rest) => letter + rest);
const people = (atLeast: number) =>
  fc.record({
    users: fc.array(id("U"), { minLength: atLeast, maxLength: 3 }),
    groups: fc.array(id("S"), { minLength: atLeast, maxLength: 2 }),
  });
const duration = (fromMs: number, toMs: number) =>
  fc
    .integer({ min: fromMs / 1000, max: toMs / 1000 })
    .map((seconds) => formatDuration(seconds * 1000));
const cidr = fc
  .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255))
  .map(([a, b]) => `${a}.${b}.0.0/16`);
/** As people name things: quotes, colons, hashes, emoji, words that YAML reads otherwise. */
const text = fc.oneof(
  fc.constantFrom(
    "true",
    "off",
    "1",
    "0x10",
    "~",
    "null",
    "- a",
    "a: b",
    "# c",
    "*x",
    "'",
    '"',
    "🚪",
  ),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((name) => name.trim() === name && hiddenCharacter(name) === undefined)
    .filter((name) => !/\p{Cc}/u.test(name) && name.length <= 75),
);
const usable = (name: string) => name !== "__proto__" && name !== "<<";

const rule = fc.record(
  {
    name: text,
    requesters: fc.oneof(fc.constant("anyone"), people(0)),
    approvers: people(1),
    channel: id("C"),
    networks: fc.array(fc.oneof(cidr, fc.constantFrom("vpn", "my-ip", "any")), {
      minLength: 1,
      maxLength: 4,
    }),
    approvals: fc.nat(2),
    match: fc.record(
      {
        tags: fc.dictionary(text.filter(usable), fc.oneof(text, fc.array(text, { minLength: 1 })), {
          minKeys: 1,
          maxKeys: 3,
        }),
        vms: fc.array(text, { minLength: 1, maxLength: 3 }),
        ports: fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
    maxDuration: duration(MINUTE, DAY),
    reason: fc.constantFrom("required", "optional"),
    expireAfter: duration(60 * MINUTE, 7 * DAY),
    remindAfter: duration(1000, 59 * MINUTE),
    escalate: fc.record({ after: duration(1000, 59 * MINUTE), to: people(0) }),
    warnBefore: duration(1000, DAY),
    extend: fc.record({ max: fc.integer({ min: 1, max: 100 }) }),
    breakGlass: people(0),
  },
  { requiredKeys: ["name", "requesters", "approvers", "channel", "networks"] },
);

const AZURE = {
  endpoint: "https://e.ingest.monitor.azure.us",
  ruleId: "dcr-1",
  stream: "Custom-Jit_CL",
};
const sink = fc.oneof(
  fc.constantFrom("tls://siem:6514", "tcp://192.0.2.1:601").map((syslog) => ({ syslog })),
  fc.constant({ syslog: "tls://[2001:db8::1]:6514", format: "cef" }),
  fc.constant({ https: "https://siem/ingest" }),
  fc.constant({ azureMonitor: AZURE }),
);

const file = fc.record(
  {
    channels: fc.record({ notices: id("C") }),
    admins: people(1),
    rules: fc.uniqueArray(rule, {
      minLength: 1,
      maxLength: 4,
      selector: ({ name }) => name.toLowerCase(),
    }),
    networks: fc.record({ vpn: fc.oneof(cidr, fc.array(cidr, { minLength: 1, maxLength: 3 })) }),
    auditors: people(0),
    notices: fc.constantFrom("all", "exceptions"),
    endEarly: fc.constantFrom("initiate", "nsg-rule", "off"),
    watch: fc.oneof(fc.constant("off"), fc.record({ every: duration(1000, 60 * MINUTE) })),
    audit: fc.record({
      keepFor: duration(30 * DAY, 400 * DAY),
      stream: fc.uniqueArray(sink, { maxLength: 3, selector: (one) => JSON.stringify(one) }),
    }),
  },
  { requiredKeys: ["channels", "admins", "rules", "networks"] },
);

/** The file that says every word of a policy. */
function written(policy: Policy): unknown {
  const { hash: _, myIp, audit, watch, rules, ...same } = policy;
  const { rememberForMs, ...myIpSame } = myIp;
  return {
    ...same,
    networks: { ...policy.networks },
    myIp: { ...myIpSame, rememberFor: formatDuration(rememberForMs) },
    audit: { keepFor: formatDuration(audit.keepForMs), stream: audit.stream.map(writtenSink) },
    watch: watch === undefined ? "off" : { every: formatDuration(watch.everyMs) },
    rules: rules.map(writtenRule),
  };
}

function writtenSink(one: AuditSink): unknown {
  if (one.kind === "syslog") return { syslog: sinkIdentity(one), format: one.format };
  const { kind, ...same } = one;
  return kind === "https" ? { https: sinkIdentity(one) } : { azureMonitor: same };
}

function writtenRule(rule: Rule): unknown {
  const { defaultDurationMs, maxDurationMs, expireAfterMs, remindAfterMs, warnBeforeMs, ...same } =
    rule;
  const { escalate } = rule;
  const network = (source: AllowedSource) => {
    if (source.kind === "network") return source.name;
    return source.kind === "cidr" ? source.cidr : source.kind;
  };
  return {
    ...same,
    networks: rule.networks.map(network),
    defaultDuration: formatDuration(defaultDurationMs),
    maxDuration: formatDuration(maxDurationMs),
    expireAfter: formatDuration(expireAfterMs),
    remindAfter: remindAfterMs === undefined ? undefined : formatDuration(remindAfterMs),
    warnBefore: formatDuration(warnBeforeMs),
    escalate: escalate && { after: formatDuration(escalate.afterMs), to: escalate.to },
  };
}

/** Without aliases, which `stringify` makes of values that occur twice. */
const yamlOf = (value: unknown) => stringify(value, { aliasDuplicateObjects: false });

describe("whatever is valid", () => {
  test("is read, and read again from what was understood", () => {
    fc.assert(
      fc.property(file, (value) => {
        const read = readPolicyFile(yamlOf(value));
        if ("faults" in read) throw new Error(JSON.stringify(read.faults));
        expect(read.policy.rules.map(({ name }) => name)).toEqual(
          value.rules.map((one) => one.name),
        );
        const again = readPolicyFile(yamlOf(written(read.policy)));
        if ("faults" in again) throw new Error(JSON.stringify(again.faults));
        expect({ ...again.policy, hash: read.policy.hash }).toEqual(read.policy);
      }),
      { numRuns: 80 },
    );
  });
});

describe("whatever is written", () => {
  const sound = (written: string) => {
    const read = readPolicyFile(written);
    if ("policy" in read) return;
    expect(read.faults.length).toBeGreaterThan(0);
    const lines = written.split(/\r\n|\r|\n/).length;
    for (const { line, column, message } of read.faults) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines + 1);
      expect(column).toBeGreaterThanOrEqual(1);
      // A sentence, on one line, without anything of the program's inside in it.
      expect(message).toMatch(/^[^\p{Cc}]+\.$/u);
      expect(message).not.toMatch(/undefined|\[object|NaN|Invalid input/);
    }
  };

  test("is answered with faults that can be found, and never with a throw", () => {
    const garbage = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(..."[]{}:,-?!&*#|>%@`'\" \n\t~<aA1"), maxLength: 80 }),
    );
    fc.assert(fc.property(garbage, sound), { numRuns: 500 });
  });

  test("may be a policy with slips", () => {
    const slip = fc.record({
      at: fc.nat(3000),
      cut: fc.nat(12),
      put: fc.oneof(
        fc.constantFrom("", "\n", "  ", ": ", "- ", "[", "}", "*a", "&a ", "null", "1", "'", "<<"),
        fc.string({ maxLength: 5 }),
      ),
    });
    const slips = fc.array(slip, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(MINIMAL, DESIGNED), slips, (whole, changes) => {
        let text = whole;
        for (const { at, cut, put } of changes) {
          const index = at % text.length;
          text = text.slice(0, index) + put + text.slice(index + cut);
        }
        sound(text);
      }),
      { numRuns: 500 },
    );
  });

  test("may hold any value at any key", () => {
    const paths = ["rules", "rules.0", "azure", "networks", "watch", "admins", "rules.0.match"];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        const keys = path.split(".");
        const base: Record<string, unknown> = {
          channels: { notices: "C0N" },
          admins: { users: ["U0A"] },
          rules: [{ name: "a", requesters: "anyone", approvals: 0, networks: ["any"], match: {} }],
        };
        const last = keys.pop() ?? "";
        const holder = keys.reduce<unknown>(
          (at, key) => (at as Record<string, unknown>)[key],
          base,
        );
        (holder as Record<string, unknown>)[last] = value;
        sound(yamlOf(base));
      }),
      { numRuns: 300 },
    );
  });
});
