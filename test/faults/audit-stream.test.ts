// Copies of the audit, from replicas as processes to receivers over real sockets, which fail in every way that they
// can: nothing is missing, what comes twice is the same, and the command line proves it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectRedis } from "../../src/adapters/redis/connection/connect.ts";
import { type RedisStorage, redisStorage } from "../../src/adapters/redis/storage.ts";
import { sealKey } from "../../src/domain/audit/audit-chain.ts";
import { readCopiedLine } from "../../src/domain/audit/stream/copied-line.ts";
import { makeCertificate } from "../../src/sandbox/tls.ts";
import { quietLog, targetOf } from "../adapters/redis/with-store.ts";
import { eventually } from "../support/eventually.ts";
import { jit } from "../support/jit.ts";
import { type HttpsSink, startIngest, startMonitor } from "../support/sinks/https-sink.ts";
import { type SyslogSink, startSyslogSink } from "../support/sinks/syslog-sink.ts";
import { BOT_TOKEN, type Bot, POLICY, startWorld, type TestWorld } from "../support/world.ts";

const AUDIT_KEY = "k".repeat(32);
const STREAM_KEY = "s".repeat(32);
const RULE = { ruleId: "dcr-0123", stream: "Custom-Jit_CL" };

let world: TestWorld;
let store: RedisStorage;
let siem: SyslogSink;
let cef: SyslogSink;
let ingest: HttpsSink;
let monitor: HttpsSink;
let bots: Bot[] = [];
const folder = mkdtempSync(join(tmpdir(), "jit-stream-"));
const caFile = join(folder, "ca.pem");

beforeAll(async () => {
  const certificate = await makeCertificate();
  [world, siem, cef, ingest, monitor] = await Promise.all([
    startWorld(),
    startSyslogSink(certificate),
    startSyslogSink(),
    startIngest(certificate, STREAM_KEY),
    startMonitor(certificate, RULE),
  ]);
  writeFileSync(caFile, `${world.azure.caPem}\n${certificate.certPem}`);
  const tenant = world.slack.world.team.id;
  const writer = { key: sealKey(AUDIT_KEY), nowMs: Date.now };
  store = redisStorage(connectRedis(targetOf(world.redis.port), quietLog), { tenant, writer });
  bots = await Promise.all([startBot(), startBot()]);
});
afterAll(async () => {
  await store?.close();
  await world?.close();
  await Promise.all([siem, cef, ingest, monitor].map((sink) => sink?.kill()));
  rmSync(folder, { recursive: true, force: true });
});

const policy = () => `${POLICY}
audit:
  stream:
    - { syslog: "${siem.url}", format: rfc5424 }
    - { syslog: "${cef.url}", format: cef }
    - https: ${ingest.url}
    - azureMonitor: { endpoint: "${monitor.url}", ruleId: ${RULE.ruleId}, stream: ${RULE.stream} }
`;

const startBot = () =>
  world.startBot({
    policy: policy(),
    env: { NODE_EXTRA_CA_CERTS: caFile, AUDIT_KEY, AUDIT_STREAM_KEY: STREAM_KEY },
  });

let recorded = 0;
async function record(count: number, everyMs = 0): Promise<void> {
  for (let n = 0; n < count; n++) {
    recorded++;
    const detail = { rule: "é=|\\", reason: "secret" };
    await store.auditNotes.record(undefined, { what: "asked", by: "U0ERIN", detail });
    if (everyMs > 0) await new Promise((done) => setTimeout(done, everyMs));
  }
}

type Arrived = { readonly text: string; readonly atMs: number };

const copies = (): Readonly<Record<string, readonly Arrived[]>> => ({
  syslog: siem.messages,
  cef: cef.messages,
  https: ingest.lines,
  azureMonitor: monitor.lines,
});

/** Each has as many as were recorded; which ones, the command line looks at. */
async function hasAll(): Promise<void> {
  for (const [name, lines] of Object.entries(copies())) {
    await eventually(
      () => {
        const seqs = new Set(lines.map(({ text }) => readCopiedLine(text)?.seq));
        expect(seqs.size, name).toBeGreaterThanOrEqual(recorded);
        expect(seqs.has(undefined), name).toBe(false);
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
  }
}

const written = (lines: readonly string[]): string => {
  const file = join(folder, "siem.jsonl");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
};

const verify = (lines: readonly string[], args: readonly string[] = [], env = {}) =>
  jit(["audit", "verify", "--from", written(lines), ...args], {
    cwd: folder,
    env: { AUDIT_KEY, ...env },
  });

/** The head that the bots have written to their logs last. */
function loggedHead(): string {
  const heads = bots
    .flatMap((bot) => bot.output().split("\n"))
    .filter((line) => line.includes('"audit sealed"'))
    .map((line) => JSON.parse(line) as { seq: number; seal: string })
    .toSorted((a, b) => a.seq - b.seq);
  const { seq, seal } = heads.at(-1) ?? { seq: 0, seal: "" };
  return `${seq}:${seal}`;
}

describe("copies of the audit", () => {
  // How soon is a matter of looks: test/flows/audit/stream/audit-streamer.test.ts has them.
  it("are there while entries are written, in order, at every receiver", async () => {
    await record(30, 100);
    for (const lines of Object.values(copies())) {
      await eventually(() => expect(lines.length).toBeGreaterThan(0));
    }
    await record(30, 100);
    await hasAll();
    for (const [name, lines] of Object.entries(copies())) {
      const seqs = lines.map(({ text }) => readCopiedLine(text)?.seq);
      expect(seqs, name).toEqual(seqs.toSorted((a, b) => Number(a) - Number(b)));
    }
    expect(ingest.refused).toEqual([]);
    expect(monitor.refused).toEqual([]);
  });

  it("lack nothing where receivers answer 500 and 429, reset, take without saying so, or die while they read", async () => {
    ingest.fault = { times: 1, status: 500, takes: true };
    monitor.fault = { times: 1, status: 429, headers: { "retry-after": "2" } };
    siem.fault = { kind: "dies-after", count: 2 };
    cef.fault = { kind: "dies-after", count: 0 };
    await record(20, 50);
    await eventually(() => expect(ingest.fault?.times).toBe(0));
    ingest.fault = { times: 1, takes: true };
    monitor.fault = { times: 1 };
    await record(20, 50);
    siem.fault = undefined;
    cef.fault = undefined;
    await hasAll();
  });

  it("lack nothing where the replica that sends is killed in the middle, and receivers are away", async () => {
    ingest.fault = { times: 1, delayMs: 5_000, takes: true, status: 200 };
    await record(10);
    await eventually(() => expect(ingest.fault?.times).toBe(0));
    await bots[0]?.kill();
    await Promise.all([siem.kill(), monitor.kill()]);
    await record(30, 50);
    await bots[1]?.terminate();
    bots.push(await startBot());
    await record(10);
    await Promise.all([siem.start(), monitor.start()]);
    await hasAll();
  });

  it("are proved whole by the command line, against the head in Redis", async () => {
    const team = world.slack.world.team.id;
    const online = ["--team", team];
    const env = { REDIS_URL: world.redis.url };
    for (const [name, lines] of Object.entries(copies())) {
      const ran = await verify(
        lines.map(({ text }) => text),
        online,
        env,
      );
      expect(ran, name).toMatchObject({ code: 0, err: "" });
      expect(ran.out).toMatch(/^The copy has \d+ entries, up to \d+: whole/);
    }
  });

  it("are proved whole without Redis against a head from the log, and what is wrong is named", async () => {
    const lines = ingest.lines.map(({ text }) => text);
    const once = [...new Map(lines.map((line) => [readCopiedLine(line)?.seq, line])).values()];
    const head = ["--head", loggedHead()];
    expect(await verify(once, head)).toMatchObject({ code: 0, err: "" });
    const [third = "", fourth = ""] = once.slice(2, 4);
    const wrong = once
      .with(2, fourth)
      .with(3, third)
      .with(6, (once[6] ?? "").replace('"atMs":1', '"atMs":2'))
      .toSpliced(8, 1);
    expect(await verify(wrong, head)).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^Entry 3 \(line 4\) is out of order: it stands after entry 4\.\nEntry 7 \(line 7\) was altered: its seal doesn't fit\.\nEntry 9 is missing\.\nThe copy.*not whole/,
      ),
    });
    expect(await verify(once, head, { AUDIT_KEY: "" })).toMatchObject({
      code: 2,
      err: expect.stringContaining("sealed with a key: set AUDIT_KEY"),
    });
    const missing = ["audit", "verify", "--from", "nowhere.jsonl", ...head];
    expect(await jit(missing, { cwd: folder, env: { AUDIT_KEY } })).toMatchObject({
      code: 2,
      err: "nowhere.jsonl can't be read (ENOENT).\n",
    });
  }, 120_000);

  it("are tried by the doctor at each receiver, with an entry that it has", async () => {
    await siem.kill();
    writeFileSync(join(folder, "jit.yaml"), policy());
    const before = [ingest.lines.length, monitor.lines.length];
    const { out } = await jit(["doctor"], {
      cwd: folder,
      env: {
        NODE_EXTRA_CA_CERTS: caFile,
        SLACK_BOT_TOKEN: BOT_TOKEN,
        SLACK_SIGNING_SECRET: "8f742231b10e8888abcd99yyyzzz85a5",
        SLACK_API_URL: world.slack.url,
        REDIS_URL: world.redis.url,
        IDENTITY_ENDPOINT: world.azure.identityEndpoint,
        IDENTITY_HEADER: world.azure.identityHeader,
        AZURE_RESOURCE_MANAGER_URL: world.azure.url,
        AUDIT_KEY,
        AUDIT_STREAM_KEY: STREAM_KEY,
      },
    });
    const gone = `${siem.url} doesn't take copies. Nothing listens there (ECONNREFUSED). Check its`;
    expect(out).toContain(`✗ Audit: ${gone}`);
    for (const url of [cef.url, new URL(ingest.url).origin]) {
      expect(out).toContain(`✓ Audit: ${url} takes copies.\n`);
    }
    expect(out).toContain(`✓ Audit: ${monitor.url}/${RULE.stream} takes copies.\n`);
    expect([ingest.lines.length, monitor.lines.length]).toEqual(before.map((count) => count + 1));
    expect(ingest.lines.at(-1)?.text).toBe(ingest.lines.at(-2)?.text);
  }, 120_000);

  it("name nobody", () => {
    const all = Object.values(copies()).flat();
    expect(all.map(({ text }) => text).join()).not.toMatch(/U0ERIN|secret/);
  });
});
