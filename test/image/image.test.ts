// The image, made and run by hand: every step of the Dockerfile that can be tried without a container engine.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type SimulatedAzure, startAzure } from "../../src/sandbox/azure/azure-server.ts";
import { demoWorld } from "../../src/sandbox/azure/world/demo-world.ts";
import { type SimulatedSlack, startSlack } from "../../src/sandbox/slack/start.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { POLICY } from "../support/world.ts";
import { build, contextOf, type Image, instructionsOf, publicNode } from "./try-image.ts";

const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const lock = z
  .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
  .parse(JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")));

/** Of the image's user `node`; only root can become another one. */
const NODE_UID = 1_000;
const other = process.getuid?.() === 0 ? { uid: NODE_UID, gid: NODE_UID } : {};

const run = promisify(execFile);

let folder: string;
let image: Image;
let node: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jit-image-"));
  chmodSync(folder, 0o755);
  image = await build(project, folder);
  node = publicNode(folder);
}, 300_000);

afterAll(async () => {
  await run("chmod", ["-R", "u+w", folder]);
  rmSync(folder, { recursive: true, force: true });
});

/** As the engine would start it: the image's own paths and environment, and nothing of this one's. */
function started(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  imageEnv = image.env,
): ChildProcess {
  const [program, ...args] = words.map((word) =>
    word.startsWith("/") ? join(image.root, word) : word,
  );
  expect(program).toBe("node");
  return spawn(node, args, {
    cwd: join(image.root, image.workDirectory),
    env: { ...imageEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...other,
  });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = "";
  child.stdout?.on("data", (data) => {
    said += String(data);
  });
  child.stderr?.on("data", (data) => {
    said += String(data);
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, said };
}

describe("the image", () => {
  it("begins with the Node that the tests run on, and with nothing else", () => {
    const bases = instructionsOf(readFileSync(join(project, "Dockerfile"), "utf8"))
      .filter((one) => one.name === "FROM")
      .map((one) => one.rest.split(" ")[0]);
    expect(new Set(bases)).toEqual(new Set([`node:${process.versions.node}-bookworm-slim`]));
  });

  it("holds the sources and what they need, and no tests, servers for trying, or secrets", () => {
    writeFileSync(join(folder, ".env"), "");
    expect(contextOf(folder, readFileSync(join(project, ".dockerignore"), "utf8"))).toEqual([]);
    const app = join(image.root, image.workDirectory);
    expect(globSync("*", { cwd: app }).sort()).toEqual([
      "docs",
      "manifest.yml",
      "node_modules",
      "package.json",
      "src",
    ]);
    expect(existsSync(join(app, "src/main.ts"))).toBe(true);
    expect(existsSync(join(app, "src/sandbox"))).toBe(false);
  });

  it("holds no development dependency", () => {
    const dev = Object.entries(lock.packages).filter(([, { dev: isDev }]) => isDev);
    expect(dev.length).toBeGreaterThan(20);
    const app = join(image.root, image.workDirectory);
    expect(dev.map(([path]) => path).filter((path) => existsSync(join(app, path)))).toEqual([]);
  });

  it("has the command `jit`, and no second Node", async () => {
    const launcher = started(["node", "/app/src/cli/launcher/jit", "--help"], {});
    const { code, said } = await ended(launcher);
    expect(said).toMatch(/^Usage: jit init /);
    expect(code).toBe(0);
    expect(image.env.PATH?.split(":")[0]).toBe(join("/", image.workDirectory, "src/cli/launcher"));
    expect(globSync("node_modules/node-linux-*", { cwd: join(image.root, "app") })).toEqual([]);
  });

  it("is not run by root, and is told to stop by SIGTERM", () => {
    expect(image.user).toBe("node");
    expect(image.stopSignal).toBe("SIGTERM");
  });

  it("says which settings are missing, and exits with 2", async () => {
    const { code, said } = await ended(started([...image.entrypoint, ...image.command], {}));
    expect(code).toBe(2);
    expect(said).toContain("SLACK_BOT_TOKEN");
    expect(said).not.toContain("    at ");
  });
});

describe("a container of the image", () => {
  let slack: SimulatedSlack;
  let azure: SimulatedAzure;
  let redis: RedisServer;
  let env: Record<string, string>;

  beforeAll(async () => {
    const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
    [slack, azure, redis] = await Promise.all([
      startSlack({ nowMs: Date.now, signingSecret, botToken: "xoxb-000-image" }),
      startAzure({ nowMs: Date.now, world: demoWorld() }),
      startRedis(),
    ]);
    const certificate = join(folder, "ca.pem");
    writeFileSync(certificate, azure.caPem, { mode: 0o644 });
    mkdirSync(join(folder, "policy"));
    writeFileSync(join(folder, "policy/jit.yaml"), POLICY, { mode: 0o644 });
    env = {
      NODE_EXTRA_CA_CERTS: certificate,
      SLACK_BOT_TOKEN: "xoxb-000-image",
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_API_URL: slack.url,
      REDIS_URL: redis.url,
      IDENTITY_ENDPOINT: azure.identityEndpoint,
      IDENTITY_HEADER: azure.identityHeader,
      AZURE_RESOURCE_MANAGER_URL: azure.url,
      // Mounted there.
      JIT_CONFIG: join(folder, "policy/jit.yaml"),
      PORT: String(await freePort()),
      METRICS_PORT: "0",
    };
  });
  afterAll(() => Promise.all([slack?.close(), azure?.close(), redis?.stop()]));

  const isHealthy = async () => (await ended(started(image.healthcheck, env))).code === 0;

  it("starts, is healthy, takes a command, and stops in order", async () => {
    expect(await isHealthy()).toBe(false);
    const bot = started([...image.entrypoint, ...image.command], env);
    const end = ended(bot);
    const url = `http://127.0.0.1:${env.PORT}`;
    await expect
      .poll(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status, {
        timeout: 30_000,
      })
      .toBe(200);
    expect(await isHealthy()).toBe(true);
    slack.setEventsUrl(`${url}/slack/events`);
    const { responses } = await slack.command({
      user: "U0ERIN",
      channel: "C0GENERAL",
      text: "help",
    });
    await slack.waitFor(() => responses[0]?.status === 200, { what: "the answer" });
    bot.kill(image.stopSignal as NodeJS.Signals);
    expect((await end).code).toBe(0);
  }, 60_000);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
