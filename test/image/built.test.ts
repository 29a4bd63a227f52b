// The image as buildah builds it, started from its own root file system, read-only, as its own user. `npm run test:image`.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SimulatedAzure, startAzure } from "../../src/sandbox/azure/azure-server.ts";
import { demoWorld } from "../../src/sandbox/azure/world/demo-world.ts";
import { type SimulatedSlack, startSlack } from "../../src/sandbox/slack/start.ts";
import { eventually } from "../support/eventually.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { POLICY } from "../support/world.ts";
import { type Built, buildImage, release } from "./build-image.ts";

const PROJECT = join(import.meta.dirname, "../..");
const SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";

/** Sources and pruned packages; without a bound it would grow unseen. */
const APP_BYTES_MAX = 45_000_000;

let folder: string;
let image: Built;
let slack: SimulatedSlack;
let azure: SimulatedAzure;
let redis: RedisServer;
let mounted: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jit-built-"));
  image = await buildImage(PROJECT, folder);
  [slack, azure, redis] = await Promise.all([
    startSlack({ nowMs: Date.now, signingSecret: SIGNING_SECRET, botToken: "xoxb-000-built" }),
    startAzure({ nowMs: Date.now, world: demoWorld() }),
    startRedis(),
  ]);
  mounted = join(folder, "policy");
  mkdirSync(mounted);
  writeFileSync(join(mounted, "jit.yaml"), POLICY);
  writeFileSync(join(mounted, "ca.pem"), azure.caPem);
  writeFileSync(join(mounted, "signing-secret"), `${SIGNING_SECRET}\n`);
}, 600_000);

afterAll(async () => {
  await Promise.all([slack?.close(), azure?.close(), redis?.stop()]);
  await release(folder);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** In a mount namespace of its own, whose root is the image's: read-only, with the policy at /etc/jit. */
function started(words: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const script = `
    mount --make-rprivate /
    mount --bind "$ROOT" "$ROOT"
    mkdir -p "$ROOT/etc/jit"
    mount --bind "$POLICY" "$ROOT/etc/jit"
    mount --rbind /dev "$ROOT/dev"
    mount -t proc proc "$ROOT/proc"
    mount -o remount,bind,ro "$ROOT"
    exec env -i "$@"`;
  const { User, WorkingDir, Env } = image.config;
  const settings = [...Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const inside = [
    "chroot",
    `--userspec=${User}`,
    image.root,
    "sh",
    "-c",
    `cd ${WorkingDir}; exec "$@"`,
  ];
  const all = [...settings, ...inside, "sh", ...words];
  return spawn("unshare", ["--mount", "sh", "-ec", script, "sh", ...all], {
    env: { PATH: process.env.PATH, ROOT: image.root, POLICY: mounted },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      said += String(data);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, said };
}

it("is of the user node, who can write nothing", async () => {
  expect(image.config).toMatchObject({ User: "node", WorkingDir: "/app" });
  const { said } = await ended(
    started(["sh", "-c", "id -un; touch /app/a /tmp/a; find /app -writable"], {}),
  );
  expect(said.trimEnd().split("\n")).toEqual([
    "node",
    expect.stringContaining("Read-only file system"),
    expect.stringContaining("Read-only file system"),
  ]);
});

it(`adds at most ${APP_BYTES_MAX / 1_000_000} MB to its base`, () => {
  process.stdout.write(`The image adds ${(image.appBytes / 1e6).toFixed(1)} MB to its base.\n`);
  expect(image.appBytes).toBeLessThan(APP_BYTES_MAX);
  expect(image.appBytes).toBeGreaterThan(10_000_000);
  expect(statSync(join(image.root, "app/src/main.ts")).uid).toBe(0);
});

it("has the command jit", async () => {
  const { code, said } = await ended(started(["jit", "check", "/etc/jit/jit.yaml"], {}));
  expect(said).toContain("no errors");
  expect(code).toBe(0);
});

it("opens a port that was asked for and approved, and stops in order", async () => {
  const port = await freePort();
  const { Entrypoint, Cmd } = image.config;
  const bot = started([...Entrypoint, ...Cmd], {
    NODE_EXTRA_CA_CERTS: "/etc/jit/ca.pem",
    SLACK_BOT_TOKEN: "xoxb-000-built",
    SLACK_SIGNING_SECRET_FILE: "/etc/jit/signing-secret",
    SLACK_API_URL: slack.url,
    REDIS_URL: redis.url,
    IDENTITY_ENDPOINT: azure.identityEndpoint,
    IDENTITY_HEADER: azure.identityHeader,
    AZURE_RESOURCE_MANAGER_URL: azure.url,
    PORT: String(port),
    METRICS_PORT: "0",
  });
  const end = ended(bot);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.text()).toMatch(/"azure":"\d+ VMs/);
  });
  slack.setEventsUrl(`${url}/slack/events`);
  await slack.command({
    user: "U0ERIN",
    channel: "C0GENERAL",
    text: "request vm-01 3389 1h for the image",
  });
  const card = await slack.waitFor(() => slack.messages("C0PROD")[0], { what: "the card" });
  await slack.click({ user: "U0LEAD", channel: "C0PROD", ts: card.ts, actionId: "jit.approve" });
  const isOpen = () => slack.messages("C0PROD")[0]?.text.startsWith("Open:");
  await slack.waitFor(isOpen, { what: "the opening" });
  bot.kill("SIGTERM");
  expect((await end).code).toBe(0);
}, 120_000);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
