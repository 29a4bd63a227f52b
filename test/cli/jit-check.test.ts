// `jit check` as a process: what it prints, to the letter, and the exit codes that a pipeline relies on.

import { describe, expect, it } from "vitest";
import { folderOf, jit } from "../support/jit.ts";

const FINE = `channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
limits: { pendingPerPerson: 20 }
rules:
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR] }
    channel: C0PROD
    networks: [vpn]
`;

const LAX = `${FINE}  - name: web
    match: { tags: { env: prod }, vms: ["web-*"] }
    requesters: anyone
    approvers: { users: [U0LEAD], groups: [S0ONCALL] }
    channel: C0PROD
    networks: [vpn]
  - name: the rest
    requesters: anyone
    approvals: 0
    maxDuration: 8h
    networks: [vpn]
`;

const TEST = `tests:
  - name: erin asks for production
    person: U0ERIN
    vm: { name: vm-01, tags: { env: prod }, os: windows }
    expect: { outcome: asked, rule: production, approvers: [U0OMAR, U0LEAD] }
`;

const check = (files: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  jit(["check", ...(args.length === 0 ? ["jit.yaml"] : args)], { cwd: folderOf(files) });

describe("jit check", () => {
  it("says that a file is fine", async () => {
    expect(await check({ "jit.yaml": FINE })).toEqual({
      code: 0,
      out: "jit.yaml: 1 rule, no errors, no warnings.\n",
      err: "",
    });
  });

  it("hints at defaults that are at odds, where the file leaves them out", async () => {
    const usual = FINE.replace(/^limits.*\n/m, "");
    expect((await check({ "jit.yaml": usual })).out).toBe(
      `jit.yaml:1:1: hint: limits.pendingPerPerson: One request can have 20 VMs (limits.vmsPerRequest), but one person can have only 10 waiting: set limits.pendingPerPerson to 20, or limits.vmsPerRequest to 10.
jit.yaml: 1 rule, no errors, no warnings.
`,
    );
  });

  it("names every fault with line, column and key", async () => {
    const broken = FINE.replace("anyone", "everyone").replace("[vpn]", "[vnp]\n    maxDuraton: 2h");
    expect(await check({ "jit.yaml": broken })).toEqual({
      code: 1,
      out: `jit.yaml:8:17: error: rules[0].requesters: "everyone" isn't understood here: write a value such as anyone or { users: [U0ERIN], groups: [S0DEVS] }.
jit.yaml:11:16: error: rules[0].networks[0]: "vnp" isn't among the networks: write vpn.
jit.yaml:12:5: error: rules[0].maxDuraton: There is no key "maxDuraton" here: write maxDuration.
jit.yaml: 3 errors.
`,
      err: "",
    });
  });

  it("warns, and is content unless it is told to be strict", async () => {
    const out = `jit.yaml:7:27: warning: rules[0].match.tags.env: A VM that this rule matches falls to "the rest" when it lacks the tag env, which is less strict: no approval instead of 1, up to 8h instead of 3h. Put a rule for such VMs before it, or make it as strict.
jit.yaml:12:5: warning: rules[1]: This rule can never match: "production" before it takes all that it could. Move it up, or remove it.
jit.yaml:15:44: hint: rules[1].approvers.groups[0]: Anyone who can edit the user group S0ONCALL decides who approves; that's every member unless the workspace's settings say otherwise.
jit.yaml: 3 rules, no errors, 2 warnings.
`;
    expect(await check({ "jit.yaml": LAX })).toEqual({ code: 0, out, err: "" });
    expect(await check({ "jit.yaml": LAX }, "jit.yaml", "--strict")).toEqual({
      ...{ code: 1, out, err: "" },
    });
  });

  it("runs the tests beside the file", async () => {
    expect(await check({ "jit.yaml": FINE, "jit.test.yaml": TEST })).toEqual({
      code: 0,
      out: "✓ erin asks for production\njit.yaml: 1 rule, no errors, no warnings; 1 test passed.\n",
      err: "",
    });
  });

  it("says of a test that fails what differs, and where it stands", async () => {
    const tests = `${TEST}  - name: nobody decides about it
    person: U0LEAD
    vm: { name: vm-01, tags: { env: prod }, os: windows }
    expect: { outcome: opens, rule: prod, approvals: 0, approvers: [], duration: 2h, source: vpn }
  - name: lea gets it for long
    person: U0LEAD
    vm: { name: vm-01, tags: { env: prod }, os: windows }
    duration: 5h
    expect: { outcome: asked, approvals: 1 }
`;
    expect(
      await check({ "jit.yaml": FINE, "other.yaml": tests }, "jit.yaml", "--tests", "other.yaml"),
    ).toEqual({
      code: 1,
      out: `✓ erin asks for production
✗ nobody decides about it (other.yaml:6)
    outcome: expected opens, got asked
    rule: expected prod, got production
    approvals: expected 0, got 1
    approvers: expected nobody, got U0OMAR
    duration: expected 2h, got 1h
✗ lea gets it for long (other.yaml:10)
    outcome: expected asked, got too-long
    approvals: expected 1, got none
    It said: vm-01 allows at most 3h on 3389: request 3h or less.
jit.yaml: 1 rule, no errors, no warnings; 1 of 3 tests passed.
`,
      err: "",
    });
  });

  it("names the faults of tests that cannot be read, and fails", async () => {
    const tests = TEST.replace("outcome: asked", "outcome: asks").replace("U0ERIN", "erin");
    const { code, out } = await check({ "jit.yaml": FINE, "jit.test.yaml": tests });
    expect(code).toBe(1);
    expect(out).toMatch(
      /^jit.test.yaml:3:13: error: tests\[0\].person: "erin" isn't a member's ID/,
    );
    expect(out).toContain(`jit.test.yaml:5:24: error: tests[0].expect.outcome: "asks" isn't known`);
    expect(out).toMatch(/no warnings; its tests can't be read\.\n$/);
  });

  it.each([
    [[], "check takes one file."],
    [["jit.yaml", "jit.yaml"], "check takes one file."],
    [["jit.yaml", "--quick"], "Unknown option --quick."],
    [["nosuch.yaml"], "nosuch.yaml can't be read (ENOENT)."],
    [["."], ". can't be read (EISDIR)."],
    [["jit.yaml", "--tests", "nosuch.yaml"], "nosuch.yaml can't be read (ENOENT)."],
  ])("refuses wrong use: %j", async (args, says) => {
    const ran = await jit(["check", ...args], { cwd: folderOf({ "jit.yaml": FINE }) });
    expect(ran.code).toBe(2);
    expect(ran.out).toBe("");
    expect(ran.err.split("\n")[0]).toBe(says);
  });

  it("finds the example and its tests fine", async () => {
    const cwd = new URL("../../docs", import.meta.url).pathname;
    const ran = await jit(["check", "jit.example.yaml", "--tests", "jit.test.yaml"], { cwd });
    expect(ran.out.split("\n").at(-2)).toBe(
      "jit.example.yaml: 2 rules, no errors, no warnings; all 11 tests passed.",
    );
    expect(ran.code).toBe(0);
  });
});
