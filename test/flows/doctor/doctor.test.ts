// What the doctor says of a policy file that has no fault, and of channels that are many.

import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";
import { findingLine } from "../../../src/domain/doctor/finding.ts";
import { channelId } from "../../../src/domain/text/ids.ts";
import {
  auditFindings,
  policyFindings,
  redisFindings,
  slackFindings,
} from "../../../src/flows/doctor/doctor-findings.ts";

function linesOf(text: string): readonly string[] {
  const read = readPolicyFile(text);
  if (!("policy" in read)) throw new Error(read.faults.map(({ message }) => message).join("\n"));
  return policyFindings(read.policy, "jit.yaml").map(findingLine);
}

const HEAD = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
`;
const rule = (name: string) => `
  - name: ${name}
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR] }
    channel: C0PROD
    networks: [vpn]
`;
const named = (count: number) =>
  Array.from({ length: count }, (_, index) => `n${index}: 10.0.${index}.0/24`).join(", ");

describe("a policy file", () => {
  it("that is fine is one line", () => {
    expect(linesOf(`${HEAD}networks: { vpn: 203.0.113.0/24 }\nrules:${rule("all")}`)).toEqual([
      "✓ Policy file: jit.yaml has 1 rule and no errors.",
    ]);
  });

  it("has each warning said, with the rule by its name", () => {
    const networks = "networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24 }";
    const [first, ...warnings] = linesOf(
      `${HEAD}${networks}\nrules:${rule("all")}${rule("never")}`,
    );
    expect(first).toBe("✓ Policy file: jit.yaml has 2 rules and no errors.");
    expect(warnings).toHaveLength(2);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^! Policy file: warning: networks, office: /),
    );
    expect(warnings).toContainEqual(
      expect.stringMatching(/^! Policy file: warning: rule "never": This rule can never match/),
    );
  });

  it("with very many has the first ones said, and how many are left", () => {
    const lines = linesOf(
      `${HEAD}networks: { vpn: 203.0.113.0/24, ${named(9)} }\nrules:${rule("all")}`,
    );
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toBe("! Policy file: warning: and 4 more: run jit check.");
  });
});

describe("the audit", () => {
  const lines = (facts: Parameters<typeof auditFindings>[0]) =>
    auditFindings(facts).map(findingLine);
  const nowMs = 1_800_000_000_000;

  it("that is sealed is one line, and so is what is sealed within seconds", () => {
    expect(lines({ nowMs, lastSeq: 0 })).toEqual(["✓ Audit: no entry is sealed yet."]);
    expect(lines({ nowMs, lastSeq: 41 })).toEqual(["✓ Audit: sealed up to entry 41."]);
    const waiting = { seq: 40, atMs: nowMs - 60_000 };
    expect(lines({ nowMs, lastSeq: 41, waiting })).toEqual(["✓ Audit: sealed up to entry 39."]);
  });

  it("that waits for over a minute is a fault", () => {
    const waiting = { seq: 40, atMs: nowMs - 61_000 };
    expect(lines({ nowMs, lastSeq: 41, waiting })).toEqual([
      "✗ Audit: entries from 40 on haven't been sealed for 1m1s: start the bot, check its log for audit errors, and run jit audit verify.",
    ]);
    const unreadable = { seq: 40, atMs: 0 };
    expect(lines({ nowMs, lastSeq: 41, waiting: unreadable })[0]).toMatch(
      /haven't been sealed in time/,
    );
  });
});

it("says of channels that are alike what to do in one line, of a hundred as of one", () => {
  const of = (count: number, state: "in" | "shared" | "not-in" | "unseen") =>
    Array.from({ length: count }, (_, n) => ({ id: channelId(`C0${state}${n}`), state }));
  const channels = [...of(100, "in"), ...of(2, "not-in"), ...of(1, "unseen"), ...of(1, "shared")];
  const lines = slackFindings({ team: "Contoso", skewMs: undefined, scopes: [], channels }).map(
    findingLine,
  );
  const named = Array.from({ length: 8 }, (_, n) => `C0in${n}`).join(", ");
  expect(lines.slice(-4)).toEqual([
    `✓ Slack: the bot is in ${named} and 92 more.`,
    "✗ Slack: the bot isn't in C0not-in0, C0not-in1: type /invite @jit in each.",
    "✗ Slack: C0unseen0 can't be found, or is private without the bot in it: type /invite @jit there.",
    "✗ Slack: another organisation can read C0shared0, so no card or notice is posted there: name another channel in the policy file.",
  ]);
});

describe("Redis", () => {
  const facts = { version: "7.2", latencyMs: 0.34, skewMs: 20, findings: [] };

  it.each([
    [{}, ["✓ Redis: version 7.2 answers in 0.3 ms."]],
    [
      { skewMs: -61_000 },
      [
        "✓ Redis: version 7.2 answers in 0.3 ms.",
        "! Redis: warning: its clock, which decides when access ends, is 61 s behind this machine's: set both by NTP.",
      ],
    ],
    [
      { latencyMs: 140, skewMs: undefined },
      ["! Redis: warning: version 7.2 answers in 140 ms: move it closer to the bot."],
    ],
  ])("of %j is told as %j", (change, lines) => {
    expect(
      redisFindings({ refusesWrites: undefined, ...facts, ...change }).map(findingLine),
    ).toEqual(lines);
  });
});
