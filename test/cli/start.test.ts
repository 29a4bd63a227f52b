// A start that cannot be: the process says why in a sentence, and ends.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
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

it("ends with 2 where the port is taken, with connections open by then", async () => {
  const env = {
    PATH: process.env.PATH,
    SLACK_BOT_TOKEN: "xoxb-000-test",
    SLACK_SIGNING_SECRET: "8f742231b10e8888abcd99yyyzzz85a5",
    SLACK_API_URL: "http://127.0.0.1:1/api/",
    REDIS_URL: "redis://127.0.0.1:1",
    PORT: String((taken.address() as AddressInfo).port),
    METRICS_PORT: "0",
  };
  const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(
      process.execPath,
      [main, "start"],
      { cwd: folder, env, timeout: 30_000 },
      (error, _out, said) => resolve({ code: error?.code, said }),
    );
  });
  expect(said).toBe(
    "The port cannot be used (EADDRINUSE): set PORT and METRICS_PORT to free ones.\n",
  );
  expect(code).toBe(2);
});
