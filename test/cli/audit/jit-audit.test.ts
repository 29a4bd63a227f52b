// `jit audit` as a process: what it prints, to the letter, and the exit codes that a pipeline relies on.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readAuditArguments } from "../../../src/cli/audit/audit-arguments.ts";
import { sealKey } from "../../../src/domain/audit/audit-chain.ts";
import { startSlack } from "../../../src/sandbox/slack/start.ts";
import { idOf, LIMITS, pending, TENANT } from "../../adapters/redis/with-store.ts";
import { auditBench, KEY } from "../../support/audit.ts";
import { jit } from "../../support/jit.ts";
import { ERIN, LEA } from "../../support/requests.ts";

const on = auditBench();
const AUDIT_KEY = "k".repeat(32);

const audit = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  jit(["audit", ...args, ...(args.includes("--team") ? [] : ["--team", TENANT])], {
    cwd: "/",
    env: { REDIS_URL: on.bench.server.url, AUDIT_KEY, ...env },
  });

beforeEach(async () => {
  const { store } = on.bench;
  const nowMs = await store.storeClock.nowMs();
  const detail = {
    ports: "3389",
    reason: '=cmd|"calc",\nplease',
    rule: "production",
    policy: "abc",
  };
  const asked = { what: "asked", by: ERIN, detail };
  await store.requests.create({ next: pending(nowMs, { id: idOf(1) }), audit: [asked] }, LIMITS);
  await store.auditNotes.record(idOf(1), {
    what: "refused",
    by: LEA,
    detail: { why: "wrong-state" },
  });
  await store.auditNotes.record(undefined, { what: "policy-loaded", detail: { policy: "abc" } });
  await on.seal();
});

describe("jit audit export", () => {
  it("prints JSON lines", async () => {
    const { code, out, err } = await audit(["export"]);
    expect([code, err]).toEqual([0, ""]);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { seq: 1, what: "asked", by: ERIN, requester: ERIN, request: idOf(1), vm: "rg-web/vm-01" },
      { seq: 2, what: "refused", by: LEA, request: idOf(1), detail: { why: "wrong-state" } },
      { seq: 3, what: "policy-loaded", detail: { policy: "abc" } },
    ]);
    expect(lines[0].detail.reason).toBe('=cmd|"calc",\nplease');
    expect(lines[0].at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("prints CSV that no spreadsheet runs", async () => {
    const { code, out } = await audit(["export", "--format=csv", "--request", idOf(1)]);
    expect(code).toBe(0);
    const [head, ...rest] = out.split("\r\n");
    expect(head).toMatch(/^seq,at,what,by,/);
    expect(rest.join("\r\n")).toContain(`,3389,,"'=cmd|""calc"",\nplease",production,abc,,`);
    expect(rest).toHaveLength(3);
  });

  it("keeps to a person and to a time", async () => {
    const seqs = async (...args: string[]) =>
      [...(await audit(["export", ...args])).out.matchAll(/"seq":(\d+)/g)].map(([, seq]) => seq);
    const today = new Date().toISOString().slice(0, 10);
    const found = await Promise.all([
      seqs("--user", LEA),
      seqs("--from", today),
      seqs("--to", "2020-01-01"),
      seqs("--from", "2020-01-01", "--to", today),
    ]);
    expect(found).toEqual([["2"], ["1", "2", "3"], [], ["1", "2", "3"]]);
  });
});

describe("jit audit verify", () => {
  it("says that the chain is whole", async () => {
    const { code, out, err } = await audit(["verify"]);
    const seal = (await on.verify()).sealed?.seal;
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `Sealed up to 3, chain intact since the first entry.\nHead: 3:${seal}\n`,
      err: "",
    });
    expect((await audit(["verify", "--head", `3:${seal}`])).code).toBe(0);
  });

  it("says where it is broken, and ends with 1", async () => {
    await on.bench.redis.xdel(on.key("audit"), "2-0");
    const { code, out } = await audit(["verify"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^Entry 2 is missing, its seal is there\.\nSealed up to 3, chain broken/);
    const head = `9:${"x".repeat(43)}`;
    expect((await audit(["verify", "--head", head])).out).toMatch(/Entries 4 to 9 are missing/);
  });

  it("tells a wrong key and a missing one apart from tampering", async () => {
    const wrong = await audit(["verify"], { AUDIT_KEY: "another".repeat(5) });
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain(`another key (fingerprint ${KEY.fingerprint})`);
    const none = await audit(["verify"], { AUDIT_KEY: "" });
    expect([none.code, none.err]).toEqual([
      2,
      "The audit log is sealed with a key: set AUDIT_KEY to the bot's.\n",
    ]);
    const both = { AUDIT_KEY: "another".repeat(5), AUDIT_KEYS_BEFORE: AUDIT_KEY };
    const early = await audit(["verify"], both);
    expect([early.code, early.out]).toEqual([
      1,
      expect.stringContaining("nobody with AUDIT_KEY vouches for them"),
    ]);
    await on.seal({ key: sealKey(both.AUDIT_KEY), keysBefore: [KEY] });
    expect((await audit(["verify"], both)).code).toBe(0);
  });
});

describe("jit audit erase", () => {
  it("puts a pseudonym in a person's place, and the chain stays whole", async () => {
    expect(await audit(["erase", LEA, "--as", "former lead"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^U0LEAD is former lead \(P-[\w-]{16}\) in the audit log from now on\.\n/,
      ),
    });
    const { code, out } = await audit(["erase", ERIN]);
    // Their request is pending still.
    expect(code).toBe(1);
    expect(out).toContain(
      "Texts beside entries erased: 1.\nTheir requests that aren't over yet: 1.",
    );
    expect((await audit(["verify"])).code).toBe(0);
    const exported = (await audit(["export"])).out;
    expect(exported).not.toMatch(/U0LEAD|U0ERIN|calc/);
    expect(exported).toContain('"by":"former lead"');
  });

  it("is not done with another key", async () => {
    const { code, err } = await audit(["erase", LEA], { AUDIT_KEY: "" });
    expect(code).toBe(2);
    expect(err).toMatch(/^AUDIT_KEY isn't the key that seals the audit log/);
  });
});

describe("jit audit", () => {
  let slack: Awaited<ReturnType<typeof startSlack>>;
  beforeAll(async () => {
    slack = await startSlack({
      nowMs: Date.now,
      signingSecret: "s".repeat(32),
      botToken: "xoxb-1",
    });
  });
  afterAll(() => slack.close());

  it("asks Slack for the workspace where none is named", async () => {
    const env = { REDIS_URL: on.bench.server.url, AUDIT_KEY, SLACK_API_URL: slack.url };
    const named = await jit(["audit", "verify"], {
      cwd: "/",
      env: { ...env, SLACK_BOT_TOKEN: "xoxb-1" },
    });
    expect([named.code, named.out, named.err]).toEqual([0, "There are no entries yet.\n", ""]);
    const unnamed = await jit(["audit", "verify"], { cwd: "/", env });
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toMatch(/Give --team T…, or set SLACK_BOT_TOKEN/);
    const bad = await jit(["audit", "verify"], {
      cwd: "/",
      env: { ...env, SLACK_BOT_TOKEN: "xoxb-2" },
    });
    expect(bad.code).toBe(2);
    expect(bad.err).toMatch(/^[^\n]+\n$/);
  });

  it("says in a sentence that Redis is not there, or not named", async () => {
    const away = await audit(["verify"], { REDIS_URL: "redis://127.0.0.1:1" });
    expect(away.code).toBe(1);
    expect(away.err).toMatch(/^Redis can't be reached: [^\n]+\n$/);
    const unnamed = await audit(["verify"], { REDIS_URL: "" });
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toMatch(/^REDIS_URL isn't set/);
  });

  it("is told what is wrong with its use, with exit code 2", async () => {
    const { code, out, err } = await audit(["exprot"]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^unknown command: audit exprot\nUsage: jit audit export/);
  });
});

describe("the arguments", () => {
  const wrong = (line: string) => {
    const read = readAuditArguments(line.split(" ").filter((word) => word !== ""));
    return "wrong" in read ? read.wrong : "fine";
  };

  it.each([
    ["", "Which audit command?"],
    ["export now", "export takes options only"],
    ["export --from", "--from needs a value."],
    ["export --from 2026-02-30", "--from takes a day such as 2026-11-01"],
    ["export --to tomorrow", "--to takes a day such as 2026-11-01"],
    ["export --from 2026-11-02 --to 2026-11-01", "--to is before --from"],
    ["export --format xml", "--format takes jsonl or csv"],
    ["export --request 1", "--request takes an ID such as JIT-4K7QWD"],
    ["export --head 1", "Unknown option --head."],
    ["export -f csv", "Unknown option -f."],
    ["export --team T1 --team T2", "--team is given twice."],
    ["verify --team {x}", "--team takes a workspace's ID, such as T0123456789"],
    ["verify --head 12", "--head takes a number and a seal from the log, as <seq>:<seal>"],
    ["erase", "erase takes one person's Slack ID"],
    ["erase erin", "erase takes a person's Slack ID, such as U0123456789"],
    ["erase U0ERIN U0LEAD", "erase takes one person's Slack ID"],
    [
      "erase U0ERIN --as U0LEAD",
      "--as takes up to 60 letters, digits and spaces that aren't a Slack ID",
    ],
    [
      "erase U0ERIN --as a|b",
      "--as takes up to 60 letters, digits and spaces that aren't a Slack ID",
    ],
    ["export --from 2026-11-01 --to 2026-11-01", "fine"],
    ["export --from 2026-11-01T12:00Z --to=2026-11-02", "fine"],
    ["export --request 4k7qwd --user U0ERIN --format csv", "fine"],
  ])("%j: %s", (line, say) => {
    expect(wrong(line)).toBe(say);
  });
});
