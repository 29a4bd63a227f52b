// `jit report` as a process: the same numbers as an independent count of 100,000 entries, in little memory; verified or
// not; with people by name, erased ones by their pseudonym, and nothing that a spreadsheet or a browser would run.

import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readReportArguments } from "../../../src/cli/report/jit-report.ts";
import { startSlack } from "../../../src/sandbox/slack/start.ts";
import { idOf, LIMITS, pending, TENANT } from "../../adapters/redis/with-store.ts";
import { auditBench } from "../../support/audit.ts";
import { folderOf, jit } from "../../support/jit.ts";
import { seeded, writeInBulk } from "../../support/long-audit.ts";
import { ERIN, HOUR, LEA, SAM } from "../../support/requests.ts";
import { madeUpMonth } from "./made-up-month.ts";

const on = auditBench();
const AUDIT_KEY = "k".repeat(32);

const report = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  jit(["report", ...args, ...(args.includes("--team") ? [] : ["--team", TENANT])], {
    cwd: folderOf({}),
    env: { REDIS_URL: on.bench.server.url, AUDIT_KEY, ...env },
  });

/** RFC 4180, as a spreadsheet reads it. */
function rowsIn(csv: string): readonly Readonly<Record<string, string>>[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") rows.push([]);
  }
  const [head = [], ...body] = rows.slice(0, -1);
  return body.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ""])));
}

const monthOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 7);
const iso = (atMs: number | undefined) => (atMs === undefined ? "" : new Date(atMs).toISOString());

/** The month before this one, made up, in the log of a workspace of its own. */
async function writeMonth(team: string, count: number) {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`Seed ${seed}\n`);
  const now = new Date();
  const month = {
    fromMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1),
    untilMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth()),
  };
  const made = madeUpMonth(seeded(seed), { count, month, nowMs: now.getTime() });
  const redis = new Redis(on.bench.server.url);
  await writeInBulk(redis, team, made.entries);
  redis.disconnect();
  return { ...made, month, of: ["--month", monthOf(month.fromMs), "--team", team] };
}

describe("a month made up by a seed", () => {
  const env = { AUDIT_KEY: "", NODE_OPTIONS: "--max-old-space-size=96" };

  it("of 100,000 entries has the rows of an independent count, in 96 MB of heap", {
    timeout: 300_000,
  }, async () => {
    const made = await writeMonth("T0BULK", 100_000);
    const beganMs = performance.now();
    const csv = await report([...made.of, "--format", "csv"], env);
    process.stdout.write(`Written in ${Math.round(performance.now() - beganMs)} ms\n`);
    // Nobody sealed what was written in bulk.
    expect(csv.code, csv.err.slice(0, 500)).toBe(1);
    expect(csv.err).toMatch(/^\d{4}-\d\d doesn't verify: .*aren't sealed/);
    const rows = rowsIn(csv.out);
    const requests = rows.filter(({ request }) => request !== "");
    expect(rows.length - requests.length).toBe(made.others);
    expect(requests).toHaveLength(made.expected.size);
    for (const row of requests) {
      const known = made.expected.get(row.request as never);
      expect(known, row.request).toBeDefined();
      if (known === undefined) continue;
      const wasOpen = known.openedAtMs !== undefined;
      expect(row).toMatchObject({
        ...{ who_id: known.who, who: known.who, ports: "22 3389", source: "203.0.113.0/24" },
        ...{ approvers: known.approvers.join("; "), end: known.end, reason: "r" },
        ...{ asked: iso(known.askedAtMs), opened: iso(known.openedAtMs) },
        ...{ closed: iso(known.closedAtMs), minutes: wasOpen ? String(known.minutes) : "" },
        ...{ minutes_in_month: String(known.minutesInMonth), verified: "no" },
        break_glass: known.review === undefined ? "" : "yes",
      });
      const review = { ok: "ok by", concern: "concern by", none: "not reviewed" };
      expect(row.review).toContain(known.review === undefined ? "" : review[known.review]);
    }
  });

  it("has the numbers of an independent count in Markdown", async () => {
    const { month, expected, others, of } = await writeMonth("T0SMALL", 4_000);
    const md = await report(of, env);
    expect(md.code).toBe(1);
    const number = (what: string) =>
      Number(new RegExp(`\\| ${what} \\| ([\\d.]+)`).exec(md.out)?.[1] ?? Number.NaN);
    const all = [...expected.values()];
    const inMonth = all.filter(
      ({ askedAtMs }) => askedAtMs >= month.fromMs && askedAtMs < month.untilMs,
    );
    const open = all.filter(({ minutesInMonth }) => minutesInMonth > 0);
    const minutes = open.reduce((sum, { minutesInMonth }) => sum + minutesInMonth, 0);
    expect(number("Requests made in the month")).toBe(inMonth.length);
    expect(number("Access that was open in the month")).toBe(open.length);
    expect(number("Hours open in the month, added up")).toBeCloseTo(minutes / 60, 0);
    expect(number("People who had access")).toBe(new Set(open.map(({ who }) => who)).size);
    expect(number("Break-glass")).toBe(open.filter(({ review }) => review !== undefined).length);
    expect(number("Opened by others")).toBe(others);
    const table = /## Who had access\n\n([\s\S]*?)\n\n/.exec(md.out)?.[1]?.split("\n") ?? [];
    expect(table.length - 2).toBe(open.length);
  });
});

describe("a month of a sealed log", () => {
  const THIS = monthOf(Date.now());
  let slack: Awaited<ReturnType<typeof startSlack>>;
  beforeAll(async () => {
    slack = await startSlack({
      nowMs: Date.now,
      signingSecret: "s".repeat(32),
      botToken: "xoxb-1",
    });
  });
  afterAll(() => slack.close());

  beforeEach(async () => {
    const { store } = on.bench;
    const nowMs = await store.storeClock.nowMs();
    const next = pending(nowMs, { id: idOf(1) });
    const asked = {
      vm: next.ask.vm.id,
      ports: "3389",
      source: "203.0.113.0/24",
      durationMs: HOUR,
      reason: '=1+1|<script>alert("x")</script>\n# not a heading [x](http://x)',
    };
    const note = (what: string, by: string | undefined, detail: object) =>
      store.auditNotes.record(idOf(1), { what, by, detail: { ...detail } });
    await store.requests.create(
      { next, audit: [{ what: "broke-glass", by: ERIN, detail: asked }] },
      LIMITS,
    );
    await note("opened", undefined, { endsAtMs: nowMs + HOUR });
    // What is closed in the millisecond in which it was opened was not open.
    await wait(10);
    await note("ended", LEA, { how: "early", closing: "closed" });
    await note("reviewed", SAM, { verdict: "concern", text: "why then?" });
    await store.auditNotes.record(undefined, {
      what: "jit-policy-changed-elsewhere",
      detail: { caller: "mallory@example.com", jitPolicy: "/x", loggedAtMs: nowMs },
    });
    await on.seal();
  });

  const withSlack = () => ({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_API_URL: slack.url });

  it("verifies, by its heads, and names people", async () => {
    const { code, out, err } = await report(["--month", THIS], withSlack());
    expect([code, err]).toEqual([0, ""]);
    const seal = (await on.verify()).sealed?.seal;
    expect(out).toContain(`# Just-in-time access in ${THIS}\n`);
    expect(out).toContain(
      "**Verified.** The chain is whole up to the month's last entry (entries 1 to 5)",
    );
    expect(out).toContain(`Head at the month's end: \`5:${seal}\``);
    expect(out).toContain("| Break-glass | 1 (0 justified, 1 with a concern, 0 not reviewed) |");
    expect(out).toContain("| JIT policies changed or deleted by others | 1 |");
    expect(out).toContain("erin \\(U0ERIN\\)");
    expect(out).toMatch(/concern by sam \\\(U0SAM\\\)/);
    expect(out).not.toMatch(/(?<!\\)<script|\n# not|(?<!\\)\]\(http:/);
    const given = await report(["--month", THIS, "--head", `5:${seal}`]);
    expect(given.code).toBe(0);
    expect(given.out).toContain(`Compared with the head from the bot's log: \`5:${seal}\``);
  });

  it("is the same as CSV that no spreadsheet runs", async () => {
    const { code, out, err } = await report(["--month", THIS, "--format", "csv"], withSlack());
    const seal = (await on.verify()).sealed?.seal;
    expect([code, err]).toEqual([0, `${THIS} verifies: head 5:${seal}, newest head 5:${seal}.\n`]);
    const [, row] = rowsIn(out);
    expect(row).toMatchObject({
      ...{ request: idOf(1), who: "erin", who_id: ERIN, vm: "rg-web/vm-01", end: "early" },
      reason: expect.stringMatching(/^'=1\+1/),
      azure: expect.stringContaining("https://portal.azure.com/#@/resource/subscriptions/"),
      verified: `5:${seal}`,
    });
  });

  it("says that it doesn't verify once an entry is changed or gone", async () => {
    await on.bench.redis.xdel(on.key("audit"), "3-0");
    const { code, out } = await report(["--month", THIS]);
    expect(code).toBe(1);
    expect(out).toContain("**Not verified**");
    expect(out).toContain("entry 3 is missing");
    const csv = await report(["--month", THIS, "--format", "csv"]);
    expect(csv.code).toBe(1);
    expect(rowsIn(csv.out)[0]?.verified).toBe("no");
  });

  it("shows a pseudonym for who was erased, and still verifies", async () => {
    const env = { REDIS_URL: on.bench.server.url, AUDIT_KEY };
    await jit(["audit", "erase", SAM, "--as", "former lead", "--team", TENANT], { cwd: "/", env });
    await on.seal();
    const { code, out } = await report(["--month", THIS], withSlack());
    expect(code).toBe(0);
    expect(out).toContain("concern by former lead");
    expect(out).not.toContain(SAM);
    expect(out).toContain("| Requests with erased, altered or unproven entries | 1 |");
  });

  it("needs the key of the log, and a month that has begun", async () => {
    const none = await report(["--month", THIS], { AUDIT_KEY: "" });
    expect([none.code, none.err]).toEqual([
      2,
      "The audit log is sealed with a key: set AUDIT_KEY to the bot's.\n",
    ]);
    const later = await report(["--month", "2999-01"]);
    expect([later.code, later.err]).toEqual([2, "2999-01 hasn't begun: name a month that has.\n"]);
  });
});

describe("the arguments", () => {
  it.each([
    ["", "Which month? Give --month, such as --month 2026-11."],
    ["--month 2026-13", "--month takes a month such as 2026-11."],
    ["--month 2026-11 now", "report takes options only."],
    ["--month 2026-11 --format pdf", "--format takes md or csv."],
    ["--month 2026-11 --head 1", "--head takes a number and a seal from the log, as <seq>:<seal>."],
    ["--month 2026-11 --team {x}", "--team takes a workspace's ID, such as T0123456789."],
  ])("%j: %s", (line, say) => {
    expect(readReportArguments(line.split(" ").filter((word) => word !== ""))).toBe(say);
  });
});
