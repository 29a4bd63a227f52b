// What advice leaves alone: what nobody can be sure of, what a policy test asks for, what a laxer rule would take.

import { describe, expect, it } from "vitest";
import { advisedFile } from "../../../src/cli/advise/advised-file.ts";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";
import { readPolicyTests } from "../../../src/config/policy-tests.ts";
import type { Evidence } from "../../../src/domain/advice/finding.ts";
import { jitFindings } from "../../../src/domain/advice/jit-advice.ts";
import type { Elsewhere, Use } from "../../../src/domain/advice/usage.ts";
import { change } from "../../../src/domain/command/verbs/policy-verb.ts";
import { groupId, userId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { aPort, aVm, aVmPolicy, HOUR, MINUTE, T0, vmId } from "../../support/requests.ts";

const HEAD = `channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24, floors: [192.0.2.0/25, 192.0.2.128/25] }
rules:
`;
const rule = (change: Readonly<Record<string, string>>): string => {
  const keys = {
    match: "{ tags: { env: prod }, ports: [22, 3389] }",
    requesters: "anyone",
    approvers: "{ users: [U0LEAD, U0OMAR, U0IDLE] }",
    channel: "C0PROD",
    maxDuration: "4h",
    networks: "[vpn, my-ip]",
    ...change,
  };
  const lines = Object.entries(keys).map(([key, value]) => `    ${key}: ${value}\n`);
  return `  - name: ${change.name ?? "production"}\n${lines.filter((line) => !/^ {4}name/.test(line)).join("")}`;
};

const VM = aVm({ tags: { env: "prod" } });
const tally = { count: 3, lastAtMs: T0 };
const use = (given: Partial<Use> = {}): Use => ({
  rule: "production",
  vmId: VM.id,
  vm: "rg-web/vm-01",
  ports: [22],
  source: "203.0.113.0/24",
  network: "vpn",
  wasUsed: true,
  longestMs: 4 * HOUR,
  deciders: new Map([
    ["U0LEAD", tally],
    ["U0OMAR", tally],
  ]),
  ...tally,
  ...given,
});

type World = {
  readonly rules?: readonly string[];
  readonly uses?: readonly Use[];
  readonly elsewhere?: readonly Elsewhere[];
  readonly tests?: string;
} & Partial<Pick<Evidence, "vmPolicies" | "isWhole" | "members" | "vms">>;

function evidenceOf(text: string, { uses = [use()], elsewhere = [], ...given }: World): Evidence {
  const read = readPolicyFile(text);
  if ("faults" in read) throw new Error(JSON.stringify(read.faults));
  return {
    policy: read.policy,
    usage: { uses, elsewhere, requests: uses.length, firstAtMs: T0 },
    vms: new Map([[VM.key, VM]]),
    vmPolicies: new Map(),
    isWhole: true,
    members: new Map(),
    ...given,
  };
}

function advise({ rules = [rule({})], tests, ...world }: World) {
  const text = HEAD + rules.join("\n");
  const read = tests === undefined ? { tests: [] } : readPolicyTests(tests);
  if ("faults" in read) throw new Error(JSON.stringify(read.faults));
  const evidence = evidenceOf(text, world);
  const { findings, ...made } = advisedFile({ text, tests: read.tests, evidence });
  return {
    ...made,
    findings,
    /** What the file was changed for, and what not. */
    made: findings
      .filter(({ finding, kept }) => finding.edits.length > 0 && kept === undefined)
      .map(({ finding }) => [finding.kind, ...finding.unused].join(" ")),
    kept: findings.flatMap(({ finding, kept }) =>
      kept === undefined && finding.heir === undefined
        ? []
        : [`${finding.kind}: ${kept ?? finding.heir}`],
    ),
  };
}

describe("an advised file", () => {
  it("is without what nobody used", () => {
    const { made, text } = advise({});
    expect(made).toEqual([
      "ports 3389",
      "networks my-ip",
      "approvers U0IDLE",
      "network-unused office",
      "network-unused floors",
    ]);
    expect(text).toContain("ports: [22] }");
    expect(text).toContain("networks: { vpn: 203.0.113.0/24 }");
    expect(text).toContain("approvers: { users: [U0LEAD, U0OMAR] }");
  });

  it("keeps what a policy test asks for, and says which", () => {
    const tests = `tests:
  - name: rdp for everybody
    person: U0ERIN
    vm: { name: vm-01, tags: { env: prod } }
    ports: [3389]
    from: vpn
    expect: { outcome: asked }
`;
    const { made, kept } = advise({ tests });
    expect(kept).toEqual(['ports: the policy test "rdp for everybody" would fail']);
    expect(made).toContain("networks my-ip");
  });

  it("gives no port to a later rule, which may be laxer", () => {
    const rest = rule({ name: "the rest", match: "{}", networks: "[vpn, office]" });
    const { kept, made } = advise({ rules: [rule({}), rest] });
    expect(kept).toEqual(["ports: the rest"]);
    expect(made).not.toContain("ports 3389");
    const other = rule({ name: "test", match: "{ tags: { env: [test, dev] } }" });
    expect(advise({ rules: [rule({}), other] }).made).toContain("ports 3389");
  });

  it.each([
    ["the source of one was erased", use({ source: undefined, network: undefined }), false],
    ["it may have been somebody's own", use({ source: "203.0.113.9", network: undefined }), false],
    ["an address was asked for as part of vpn", use({ source: "203.0.113.9" }), true],
    ["it wasn't used", use({ source: "203.0.113.9", network: "my-ip", wasUsed: false }), true],
    ["it was my-ip", use({ source: "203.0.113.9", network: "my-ip" }), false],
  ])("keeps my-ip where %s", (_, one, goes) => {
    expect(advise({ uses: [use(), one] }).made.includes("networks my-ip")).toBe(goes);
  });

  it("counts what a VM that is gone was opened for, by the name of its rule", () => {
    const gone = use({ vmId: vmId("gone-01"), ports: [3389] });
    expect(advise({ uses: [use(), gone] }).made).not.toContain("ports 3389");
  });

  it("leaves enough approvers, and groups that nobody could look up", () => {
    const one = use({ deciders: new Map([["U0LEAD", tally]]) });
    expect(advise({ uses: [one] }).made).toContain("approvers U0IDLE");
    expect(advise({ uses: [one] }).text).toContain("users: [U0LEAD, U0OMAR] }");
    const rules = [rule({ approvers: "{ users: [U0LEAD, U0IDLE], groups: [S0OPS, S0OLD] }" })];
    expect(advise({ rules, uses: [one] }).text).toContain(
      "users: [U0LEAD], groups: [S0OPS, S0OLD]",
    );
    const members = new Map([
      [groupId("S0OPS"), [userId("U0LEAD"), userId("U0ANN")]],
      [groupId("S0OLD"), [userId("U0BOB")]],
    ]);
    expect(advise({ rules, uses: [one], members }).text).toContain(
      "users: [U0LEAD], groups: [S0OPS]",
    );
    const stoodIn = use({ deciders: new Map([...use().deciders, ["U0IDLE", tally]]) });
    expect(advise({ uses: [stoodIn] }).made.join()).not.toContain("approvers");
  });

  it("shortens to what was needed, the default with it", () => {
    const { text } = advise({
      rules: [rule({ defaultDuration: "3h" })],
      uses: [use({ longestMs: 100 * MINUTE })],
    });
    expect(text).toContain("maxDuration: 1h45m");
    expect(text).toContain("defaultDuration: 1h45m");
    // A rule that says nothing allows three hours.
    const silent = rule({}).replace(/ {4}maxDuration.*\n/, "");
    const { text: added } = advise({ rules: [silent], uses: [use({ longestMs: HOUR })] });
    expect(added).toMatch(/networks: \[vpn\]\n {4}maxDuration: 1h\n$/);
  });

  it("takes out rules that match no VM, if Azure was read whole", () => {
    const rules = [rule({}), rule({ name: "old", match: "{ tags: { env: old } }" })];
    expect(advise({ rules }).made).toContain("matches-nothing");
    expect(advise({ rules, isWhole: false }).made).not.toContain("matches-nothing");
    const after = rule({ name: "late", match: "{ tags: { env: prod, a: b } }" });
    expect(advise({ rules: [rule({ match: "{ tags: { env: prod } }" }), after] }).made).toContain(
      "matches-nothing",
    );
  });

  it("tells of a rule that nobody used, and leaves it", () => {
    const { findings, made } = advise({ uses: [] });
    expect(findings.map(({ finding }) => finding.kind)).toContain("rule-unused");
    expect(made).toEqual(["network-unused office", "network-unused floors"]);
  });

  it("names the ports of a rule that names none, by what its VMs offer", () => {
    const vmPolicies = new Map([[VM.key, [aVmPolicy(VM, [aPort(22), aPort(5985)])]]]);
    const rules = [rule({ match: "{ tags: { env: prod } }" })];
    const { text, made } = advise({ rules, vmPolicies });
    expect(made).toContain("ports 5985");
    expect(text).toContain("match: { tags: { env: prod }, ports: [22] }");
  });

  it("takes out a network's range that nobody comes from", () => {
    const rules = [rule({ networks: "[floors]" })];
    const uses = [use({ source: "192.0.2.128/25", network: "floors" })];
    const { text, made } = advise({ rules, uses });
    expect(made).toContain("ranges 192.0.2.0/25");
    expect(text).toContain("networks: { floors: [192.0.2.128/25] }");
  });
});

describe("advice about JIT policies", () => {
  const commands = (ports: Parameters<typeof aVmPolicy>[1], given: World) => {
    const vmPolicies = new Map([[VM.key, [aVmPolicy(VM, ports)]]]);
    const text = HEAD + (given.rules ?? [rule({})]).join("\n");
    return jitFindings(evidenceOf(text, { ...given, vmPolicies })).map(({ command }) => command);
  };

  it("is what was asked for, as commands that can be typed", () => {
    const found = commands([aPort(22, { maxDurationMs: 12 * HOUR }), aPort(3389)], {});
    expect(found).toEqual(["jit change vm-01 22 max 4h from vpn", "jit change vm-01 3389 max 5m"]);
    for (const command of found) {
      expect(isRefusal(change.read(command.replace("jit change ", ""), 0))).toBe(false);
    }
  });

  it("counts what was denied, and what others opened", () => {
    const elsewhere = {
      ...{ vm: "rg-web/vm-01", ports: [3389], source: "198.51.100.7" },
      ...{ durationMs: 3 * HOUR, atMs: T0 },
    };
    const denied = use({ longestMs: 9 * HOUR, wasUsed: false, source: "*", network: undefined });
    expect(
      commands([aPort(22, { maxDurationMs: 12 * HOUR }), aPort(3389)], {
        uses: [use(), denied],
        elsewhere: [elsewhere],
      }),
    ).toEqual(["jit change vm-01 22 max 9h", "jit change vm-01 3389 from office"]);
  });

  it("says nothing of a VM that nobody asked for, nor where all is needed", () => {
    expect(commands([aPort(22)], { uses: [] })).toEqual([]);
    expect(
      commands([aPort(22, { maxDurationMs: 4 * HOUR, sources: ["203.0.113.0/24"] })], {}),
    ).toEqual([]);
  });
});
