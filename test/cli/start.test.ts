// A start that can't be: the process says why in a sentence, and ends. And what isn't a start at all.
// Of src/main.ts.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { USAGE, USAGES } from "../../src/cli/usage.ts";
import { VERSION } from "../../src/replica/version.ts";
import { startRedis } from "../support/redis.ts";
import { POLICY } from "../support/world.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "jit-start-"));
const taken = createServer();

beforeAll(async () => {
  writeFileSync(join(folder, "jit.yaml"), POLICY);
  await new Promise<void>((resolve) => taken.listen(0, () => resolve()));
});

afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true });
});

it("ends with 2 where Redis is a replica, and says what to name instead", async () => {
  const primary = await startRedis();
  const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(primary.port)] });
  try {
    const { code, said } = await started({ REDIS_URL: replica.url, PORT: "0" });
    expect(said).toBe(
      "REDIS_URL leads to a replica, which accepts no writes: name the primary, or use " +
        "REDIS_MODE=sentinel (READONLY): the bot can't continue.\n",
    );
    expect(code).toBe(2);
  } finally {
    await Promise.all([primary.stop(), replica.stop()]);
  }
});

it("ends with 2 where the port is taken, with connections open by then", async () => {
  const port = (taken.address() as AddressInfo).port;
  const { code, said } = await started({ PORT: String(port) });
  expect(said).toBe(
    "The port can't be used (EADDRINUSE): set PORT and METRICS_PORT to free ones.\n",
  );
  expect(code).toBe(2);
});

it.each([
  ["SLACK_BOT_TOKEN", {}],
  ["SLACK_SIGNING_SECRET", {}],
  ["SLACK_APP_TOKEN", { SLACK_SIGNING_SECRET: "" }],
  ["REDIS_URL", {}],
  ["AUDIT_KEY", { AUDIT_KEYS_BEFORE: "old" }],
  ["AUDIT_STREAM_KEY", { JIT_CONFIG: "with-receiver.yaml" }],
])("says one sentence where the file of %s can't be read", async (name, env) => {
  const stream = "audit: { stream: [{ https: https://siem/ingest }] }\n";
  writeFileSync(join(folder, "with-receiver.yaml"), `${POLICY}${stream}`);
  const { code, said } = await started({ ...env, [name]: "", [`${name}_FILE`]: "/nope" });
  expect(said).toBe(
    `${name}_FILE names a file that can't be read (ENOENT): set it to the path of a file that this process may read.\n`,
  );
  expect(code).toBe(2);
});

it("ends with 2 where the policy file asks for a key that isn't set", async () => {
  const file = join(folder, "signed.yaml");
  writeFileSync(file, `${POLICY}audit: { stream: [{ https: https://siem/ingest }] }\n`);
  const { code, said } = await started({ JIT_CONFIG: file });
  expect(said).toMatch(/^AUDIT_STREAM_KEY isn't set, and audit\.stream has an https receiver: set/);
  expect(code).toBe(2);
});

it.each(["version", "--version", "-v"])("prints its version for %s", async (typed) => {
  const { code, out, said } = await ran([typed], {});
  expect(out).toBe(`jit-bot ${VERSION}, from a clone, on Node.js ${process.versions.node}\n`);
  expect([code, said]).toEqual([undefined, ""]);
});

it.each([
  [["docter"], "Unknown command docter: did you mean jit doctor?"],
  [["xyzzy"], "Unknown command xyzzy."],
  [[], "No command given."],
])("says what is wrong with %j, and how it's used", async (typed, says) => {
  expect(await ran(typed, {})).toEqual({ code: 2, out: "", said: `${says}\n${USAGE}\n` });
});

it("says how a command is used, without settings, and does nothing else", async () => {
  const used = { code: undefined, out: `${USAGES.audit}\n`, said: "" };
  expect(await ran(["audit", "verify", "--help"], {})).toEqual(used);
  const before = readdirSync(folder);
  const init = await ran(["init", "--yes", "--help"], {});
  expect(init).toEqual({ code: undefined, out: `${USAGES.init}\n`, said: "" });
  expect(readdirSync(folder)).toEqual(before);
  expect(await ran(["start", "now"], {})).toEqual({
    code: 2,
    out: "",
    said: `start takes no arguments.\n${USAGES.start}\n`,
  });
});

function started(more: Readonly<Record<string, string>>) {
  const env = {
    PATH: process.env.PATH,
    SLACK_BOT_TOKEN: "xoxb-000-test",
    SLACK_SIGNING_SECRET: "8f742231b10e8888abcd99yyyzzz85a5",
    SLACK_API_URL: "http://127.0.0.1:1/api/",
    REDIS_URL: "redis://127.0.0.1:1",
    METRICS_PORT: "0",
    ...more,
  };
  return ran(["start"], env);
}

function ran(typed: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ code: unknown; out: string; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [main, ...typed],
      { cwd: folder, env, timeout: 30_000 },
      (error, out, said) => resolve({ code: error?.code, out, said }),
    );
  });
}
