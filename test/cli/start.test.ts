// A start that can't be: the process says why in a sentence, and ends.
// Of src/main.ts.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
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

it("ends with 2 where the policy file asks for a key that isn't set", async () => {
  const file = join(folder, "signed.yaml");
  writeFileSync(file, `${POLICY}audit: { stream: [{ https: https://siem/ingest }] }\n`);
  const { code, said } = await started({ JIT_CONFIG: file });
  expect(said).toMatch(/^AUDIT_STREAM_KEY isn't set, and audit\.stream has an https receiver: set/);
  expect(code).toBe(2);
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
  return new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [main, "start"],
      { cwd: folder, env, timeout: 30_000 },
      (error, _out, said) => resolve({ code: error?.code, said }),
    );
  });
}
