// `jit init` as a process: from an empty folder to the doctor's list of what is left.

import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderOf, jit } from "../../support/jit.ts";

/** Nothing listens there, so that the doctor's findings come at once. */
const NOWHERE = "redis://127.0.0.1:1";

it("leaves files that only their owner reads where they are secret, and a list of steps", async () => {
  const cwd = folderOf({});
  const ran = await jit(["init", "--redis", NOWHERE], { cwd });
  expect(ran.err).toBe("");
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("✗ Settings: SLACK_BOT_TOKEN isn't set: ");
  expect(ran.out).toContain("✗ Redis: ");
  expect(ran.out).not.toContain("REDIS_URL isn't set");
  expect(ran.out).not.toContain("AUDIT_KEY isn't set");
  expect(ran.out).toContain("✓ Policy file: jit.yaml has 1 rule");
  expect(ran.out).toContain("Each ✗ is a remaining step");
  expect(statSync(join(cwd, ".env")).mode & 0o777).toBe(0o600);

  const before = readFileSync(join(cwd, ".env"), "utf8");
  const again = await jit(["init", "--redis", NOWHERE], { cwd });
  expect(again.code).toBe(0);
  expect(readFileSync(join(cwd, ".env"), "utf8")).toBe(before);
  expect(again.out).toContain(".env: was there already, not changed.");

  const checked = await jit(["check", "jit.yaml"], { cwd });
  expect(checked.out).toContain("jit.yaml: 1 rule, no errors");
  expect(checked.code).toBe(0);
});

it("writes nothing where an option is wrong", async () => {
  const cwd = folderOf({});
  const ran = await jit(["init", "--channel", "#prod"], { cwd });
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(/^--channel: .*\nUsage: jit init/);
  expect(existsSync(join(cwd, "jit.yaml"))).toBe(false);
});

it("has its settings read from .env by the bot, and those of the environment come first", async () => {
  const cwd = folderOf({ ".env": "REDIS_URL=redis://127.0.0.1:1\nPORT=no\nLOG_LEVEL=no\n" });
  const { code, err } = await jit(["start"], { cwd, env: { LOG_LEVEL: "info" } });
  expect(err).toContain("SLACK_BOT_TOKEN isn't set");
  expect(err).toContain("PORT isn't a port");
  expect(err).not.toContain("REDIS_URL");
  expect(err).not.toContain("LOG_LEVEL");
  expect(code).toBe(2);
});

it("says which .env was read, and lets it neither change Node nor send a token elsewhere", async () => {
  const lines = [
    "NODE_OPTIONS=--nothing-like-this",
    "SLACK_API_URL=http://127.0.0.1:1/api/",
    "REDIS_URL=redis://127.0.0.1:1",
  ];
  const cwd = folderOf({ ".env": lines.join("\n") });
  const env = { SLACK_BOT_TOKEN: "xoxb-mine" };
  for (const command of [["start"], ["audit", "verify"]]) {
    const { code, err } = await jit(command, { cwd, env });
    expect(err).toContain(`Settings are read from ${realpathSync(cwd)}/.env.\n`);
    expect(err).toContain("aren't settings that .env may set: NODE_OPTIONS.\n");
    expect(err).toContain("SLACK_API_URL in .env isn't used: SLACK_BOT_TOKEN comes from elsewhere");
    expect(code).toBe(2);
  }
});

it("reads no settings for a command that needs none", async () => {
  const cwd = folderOf({ ".env": "LOG_LEVEL=no\n" });
  writeFileSync(join(cwd, "jit.yaml"), "rules: []\n");
  expect((await jit(["help"], { cwd })).code).toBe(0);
  expect((await jit(["check", "jit.yaml"], { cwd })).err).not.toContain("LOG_LEVEL");
});
