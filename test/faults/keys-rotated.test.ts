// Every key of the bot is changed while it works, by a file or by replacing one replica after the other: no request
// is lost, what was decided goes on, and the audit log verifies across the old key and the new one.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SimulatedRotas, startRotas } from "../../src/sandbox/on-call/server.ts";
import { eventually } from "../support/eventually.ts";
import { jit } from "../support/jit.ts";
import { BOT_TOKEN, type Bot, POLICY } from "../support/world.ts";
import {
  type Asked,
  asked,
  click,
  type FaultWorld,
  faultWorld,
  initiates,
  livesToItsEnd,
  shows,
  soon,
} from "./steps.ts";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const NEW_SECRET = "0123456789abcdef0123456789abcdef";
const NEW_TOKEN = "xoxb-000-rotated";
const NEW_PAGERDUTY = "z_rotated-000000000";
const [AUDIT_KEY, NEW_AUDIT_KEY] = ["a".repeat(64), "b".repeat(64)] as const;

const folder = mkdtempSync(join(tmpdir(), "jit-rotated-"));
const secretFile = join(folder, "signing-secret");
let world: FaultWorld;
let rotas: SimulatedRotas;
let bots: Bot[] = [];

/** Lea decides, because she is on call: without PagerDuty's token nobody does. */
const policy = POLICY.replace(
  "networks: {",
  "onCall:\n  payments: { pagerduty: { schedules: [PABC123] } }\nnetworks: {",
).replace(
  "approvers: { users: [U0LEAD], groups: [S0ONCALL] }",
  "approvers: { onCall: [payments] }",
);

const common = () => ({
  SLACK_SIGNING_SECRET: "",
  SLACK_SIGNING_SECRET_FILE: secretFile,
  PAGERDUTY_API_URL: rotas.pagerDuty.url,
});
const oldKeys = () => ({
  ...common(),
  ...{ AUDIT_KEY, SLACK_BOT_TOKEN: BOT_TOKEN, PAGERDUTY_TOKEN: rotas.pagerDuty.token },
});
const newKeys = () => ({
  ...common(),
  ...{ AUDIT_KEY: NEW_AUDIT_KEY, SLACK_BOT_TOKEN: NEW_TOKEN, PAGERDUTY_TOKEN: NEW_PAGERDUTY },
});

beforeAll(async () => {
  rotas = await startRotas();
  world = await faultWorld({ policy });
  const fromMs = world.nowMs() - 3_600_000;
  const address = "lea@contoso.example";
  const untilMs = fromMs + 86_400_000;
  rotas.world.shifts = [{ schedule: "PABC123", name: "lea", address, fromMs, untilMs }];
  writeFileSync(secretFile, SECRET);
  bots = [await world.startBot({ env: oldKeys() }), await world.startBot({ env: oldKeys() })];
}, 60_000);
afterAll(async () => {
  await world?.close();
  await rotas?.close();
  rmSync(folder, { recursive: true, force: true });
});

const verify = (env: Readonly<Record<string, string>>) =>
  jit(["audit", "verify", "--team", world.slack.world.team.id], {
    cwd: folder,
    env: { REDIS_URL: world.redis.url, ...env },
  });

const sealedWith = (key: string, ...before: readonly string[]) =>
  eventually(
    async () => {
      const env = { AUDIT_KEY: key, AUDIT_KEYS_BEFORE: before.join(",") };
      // With what it says where it fails.
      expect(await verify(env)).toMatchObject({
        code: 0,
        err: "",
        out: expect.stringContaining("chain intact"),
      });
    },
    { timeoutMs: 30_000, intervalMs: 500 },
  );

describe("keys that are changed", () => {
  let waiting: Asked;
  let open: Asked;

  it("are in force at once where Slack signs with another secret", async () => {
    open = await asked(world, "vm-01 3389 1h");
    await click(world, open);
    await shows(world, open, "Open until");
    waiting = await asked(world, "web-02 22 1h");
    world.slack.rotate({ signingSecret: NEW_SECRET });
    writeFileSync(secretFile, `${NEW_SECRET}\n`);
    const isTaken = (bot: Bot) => bot.output().includes("a changed secret is in force");
    await soon(world, "both to have it", () => bots.every(isTaken));
    await asked(world, "db-01 22 1h");
  });

  it("lose nothing while replicas with old and new ones stand side by side", async () => {
    await sealedWith(AUDIT_KEY);
    world.slack.rotate({ botTokens: [BOT_TOKEN, NEW_TOKEN] });
    rotas.pagerDuty.tokens.add(NEW_PAGERDUTY);
    const env = { ...newKeys(), AUDIT_KEYS_BEFORE: AUDIT_KEY };
    const first = await world.startBot({ env });
    await bots[0]?.terminate();
    const between = await asked(world, "win-02 22 1h");
    await click(world, between);
    await shows(world, between, "Open until");
    const second = await world.startBot({ env });
    await bots[1]?.terminate();
    bots = [first, second];
    world.slack.rotate({ botTokens: [NEW_TOKEN] });
    rotas.pagerDuty.tokens.delete(rotas.pagerDuty.token);
    expect(initiates(world, between.id)).toHaveLength(1);
  });

  it("go on with what was asked for and opened before", async () => {
    await click(world, waiting);
    await shows(world, waiting, "Open until");
    await livesToItsEnd(world, open);
    expect(initiates(world, open.id)).toHaveLength(1);
  });

  it("verify with the old key beside the new one, and with neither alone", async () => {
    await sealedWith(NEW_AUDIT_KEY, AUDIT_KEY);
    expect((await verify({ AUDIT_KEY: NEW_AUDIT_KEY })).code).toBe(1);
    expect((await verify({ AUDIT_KEY })).code).toBe(1);
    // The next start needs the old one no more.
    const third = await world.startBot({ env: newKeys() });
    for (const bot of bots) await bot.terminate();
    const last = await asked(world, "jump-01 22 1h");
    await click(world, last);
    await shows(world, last, "Open until");
    await sealedWith(NEW_AUDIT_KEY, AUDIT_KEY);
    expect(await third.terminate()).toBe(0);
    for (const bot of [...bots, third]) {
      for (const secret of [SECRET, NEW_SECRET, NEW_TOKEN, NEW_PAGERDUTY, NEW_AUDIT_KEY]) {
        expect(bot.output()).not.toContain(secret);
      }
    }
  });
});
