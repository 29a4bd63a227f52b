// Secrets from files, with the bot as it is started: a changed signing secret counts at once, and nothing is lost.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { signature } from "../../src/sandbox/slack/out/http.ts";
import { type SimulatedSlack, startSlack } from "../../src/sandbox/slack/start.ts";
import { eventually } from "../support/eventually.ts";
import { jit } from "../support/jit.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { POLICY } from "../support/world.ts";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;
const OLD = "8f742231b10e8888abcd99yyyzzz85a5";
const NEW = "0123456789abcdef0123456789abcdef";
const BOT_TOKEN = "xoxb-000-files";

const folder = mkdtempSync(join(tmpdir(), "jit-secrets-"));
let slack: SimulatedSlack;
let redis: RedisServer;
let bot: ChildProcess;
let log = "";
let url: string;

/** Writes the file, and answers the setting that names it. */
function file(name: string, text: string): Record<string, string> {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { [`${name}_FILE`]: path };
}

const settings = () => ({
  ...file("SLACK_BOT_TOKEN", `${BOT_TOKEN}\n`),
  ...file("SLACK_SIGNING_SECRET", `${OLD}\n`),
  ...file("REDIS_URL", redis.url),
  ...file("AUDIT_KEY", `${"a".repeat(64)}\n`),
  ...file("PAGERDUTY_TOKEN", "old-token\n"),
});

beforeAll(async () => {
  [slack, redis] = await Promise.all([
    startSlack({ nowMs: Date.now, signingSecret: OLD, botToken: BOT_TOKEN }),
    startRedis(),
  ]);
  writeFileSync(join(folder, "jit.yaml"), POLICY);
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    SLACK_API_URL: slack.url,
    PORT: String(port),
    METRICS_PORT: "0",
    ...settings(),
  };
  bot = spawn(process.execPath, [MAIN, "start"], { cwd: folder, env });
  bot.stdout?.on("data", (data) => {
    log += String(data);
  });
  url = `http://127.0.0.1:${port}`;
  await eventually(() => expect(log).toContain("taking commands"));
});

afterAll(async () => {
  const ended = new Promise((resolve) => bot?.once("exit", resolve));
  bot?.kill("SIGTERM");
  await ended;
  await Promise.all([slack?.close(), redis?.stop()]);
  rmSync(folder, { recursive: true });
});

/** What the bot answers to Slack's own way of asking whether it is there, signed with a secret. */
async function answered(secret: string): Promise<number> {
  const body = JSON.stringify({ type: "url_verification", challenge: "c" });
  const signed = signature({ secret, nowMs: Date.now }, body);
  const headers = { "content-type": "application/json", ...signed };
  return (await fetch(`${url}/slack/events`, { method: "POST", headers, body })).status;
}

it("takes the newer signing secret, and only that, without a restart", async () => {
  expect(await answered(OLD)).toBe(200);
  expect(await answered(NEW)).toBe(401);
  file("SLACK_SIGNING_SECRET", `${NEW}\n`);
  await eventually(() => expect(log).toContain("a changed secret is in force"));
  expect(await answered(NEW)).toBe(200);
  expect(await answered(OLD)).toBe(401);
});

it("takes the newer token of a rota's provider, which is sent with each call", async () => {
  file("PAGERDUTY_TOKEN", "new-token\n");
  await eventually(() =>
    expect(log).toMatch(/"setting":"PAGERDUTY_TOKEN_FILE".*a changed secret is in force/),
  );
});

it("keeps the last one where the file breaks, and says so", async () => {
  file("SLACK_SIGNING_SECRET", "");
  await eventually(() => expect(log).toContain("the last one stays"));
  expect(await answered(NEW)).toBe(200);
});

it("says of the others that a restart is needed, and writes no secret into its log", async () => {
  file("AUDIT_KEY", `${"b".repeat(64)}\n`);
  await eventually(() => expect(log).toContain("a secret has changed: restart the bot to use it"));
  expect(log).toContain('"setting":"AUDIT_KEY_FILE"');
  for (const secret of [OLD, NEW, BOT_TOKEN, "a".repeat(64), "b".repeat(64)]) {
    expect(log).not.toContain(secret);
  }
});

it("ends a start with one sentence for each file that can't be used", async () => {
  const env = { ...settings(), SLACK_SIGNING_SECRET_FILE: join(folder, "gone"), AUDIT_KEY: "x" };
  const { code, err } = await jit(["start"], { cwd: folder, env });
  expect(err.trimEnd().split("\n")).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^SLACK_SIGNING_SECRET_FILE names a file that can't be read \(ENOENT\)/,
      ),
      "AUDIT_KEY_FILE is set beside AUDIT_KEY: set one of the two.",
    ]),
  );
  expect(err).not.toContain("    at ");
  expect(code).toBe(2);
});

it("has the doctor say so, too", async () => {
  const env = { REDIS_URL: "redis://127.0.0.1:1", AUDIT_KEY_FILE: join(folder, "gone") };
  const { out } = await jit(["doctor"], { cwd: folder, env });
  expect(out).toContain("✗ Settings: AUDIT_KEY_FILE names a file that can't be read (ENOENT): ");
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
