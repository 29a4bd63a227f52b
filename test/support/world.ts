// A whole world for end-to-end tests: real Redis, simulated Slack and Azure, and bots as processes.

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimulatedAzure, startAzure } from "../../src/sandbox/azure/azure-server.ts";
import type { AzureEstate } from "../../src/sandbox/azure/world/azure-estate.ts";
import { demoWorld } from "../../src/sandbox/azure/world/demo-world.ts";
import { type SimulatedSlack, startSlack } from "../../src/sandbox/slack/start.ts";
import { bundledScript } from "./bundled.ts";
import { COMPILED } from "./compiled.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { unhurried } from "./unhurried.ts";

export const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24 }
rules:
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD], groups: [S0ONCALL] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn, 192.0.2.0/24]
    reason: optional
    expireAfter: 1h
  - name: two approvals
    match: { vms: [build-*] }
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR, U0ERIN] }
    approvals: 2
    channel: C0DEV
    networks: [vpn]
    reason: optional
  - name: development
    match: { tags: { env: dev } }
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR, U0ADMIN] }
    channel: C0DEV
    networks: [vpn, any]
    reason: optional
`;

export type Bot = {
  readonly url: string;
  readonly process: ChildProcess;
  readonly output: () => string;
  /** The most memory that the process ever had resident. */
  residentMaxBytes(): Promise<number>;
  /** As a crash: nothing is finished. */
  kill(): Promise<void>;
  /** As an orchestrator does; answers the exit code. */
  terminate(): Promise<number | null>;
};

export type TestWorld = {
  readonly slack: SimulatedSlack;
  readonly azure: SimulatedAzure;
  readonly redis: RedisServer;
  nowMs(): number;
  /** Moves the clock of Redis's scripts and of Azure, for every bot. */
  advance(ms: number): void;
  /** Starts a bot and waits until it is ready; Slack's HTTP deliveries go to the newest one. */
  startBot(options?: BotOptions): Promise<Bot>;
  close(): Promise<void>;
};

type BotOptions = {
  readonly env?: Record<string, string>;
  readonly policy?: string;
  /** Another version's, or this one's as it is written; left out: this one's, in one file. */
  readonly program?: URL;
  /** Do not wait for `/readyz`. */
  readonly unready?: boolean;
};

export type WorldOptions = {
  readonly mode?: "http" | "socket";
  readonly policy?: string;
  readonly azureWorld?: AzureEstate;
  /** Of tokens that Azure takes; left out: the public cloud's. */
  readonly audiences?: readonly string[];
  readonly scopes?: string[];
  readonly appendOnly?: boolean;
};

/** The bot, module by module as it is written. */
export const BOT = new URL("./bot.ts", import.meta.url);
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
export const BOT_TOKEN = "xoxb-000-test";
const APP_TOKEN = "xapp-1-A0JITBOT-000-test";

export async function startWorld(options: WorldOptions = {}): Promise<TestWorld> {
  const mode = options.mode ?? "http";
  let offsetMs = 0;
  const nowMs = () => Date.now() + offsetMs;
  const folder = mkdtempSync(join(tmpdir(), "jit-world-"));
  const [slack, azure, redis] = await Promise.all([
    startSlack({
      nowMs: Date.now,
      signingSecret: SECRET,
      botToken: BOT_TOKEN,
      ...(mode === "socket" && { appToken: APP_TOKEN, socketMode: true }),
      ...(options.scopes && { scopes: options.scopes }),
    }),
    startAzure({
      nowMs,
      world: options.azureWorld ?? demoWorld(),
      ...(options.audiences && { audiences: options.audiences }),
    }),
    startRedis({ appendOnly: options.appendOnly ?? false }),
  ]);
  const bots = new Set<Bot>();

  const startBot = async (botOptions: BotOptions = {}): Promise<Bot> => {
    const policyFile = join(folder, `jit-${bots.size}.yaml`);
    writeFileSync(policyFile, unhurried(unwatched(botOptions.policy ?? options.policy ?? POLICY)));
    const env = {
      PATH: process.env.PATH ?? "",
      ...COMPILED,
      NODE_EXTRA_CA_CERTS: azure.caFile,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_API_URL: slack.url,
      ...(mode === "socket" ? { SLACK_APP_TOKEN: APP_TOKEN } : { SLACK_SIGNING_SECRET: SECRET }),
      REDIS_URL: redis.url,
      IDENTITY_ENDPOINT: azure.identityEndpoint,
      IDENTITY_HEADER: azure.identityHeader,
      AZURE_RESOURCE_MANAGER_URL: azure.url,
      JIT_CONFIG: policyFile,
      PORT: "0",
      METRICS_PORT: "0",
      LOG_LEVEL: "debug",
      TEST_CLOCK_OFFSET_MS: String(offsetMs),
      ...botOptions.env,
    };
    const program = botOptions.program ?? (await bundledScript(BOT));
    // Without the flags of whoever runs the tests.
    const child = fork(program, { env, silent: true, execArgv: [] });
    const bot = await botOf(child);
    bots.add(bot);
    if (mode === "http") slack.setEventsUrl(`${bot.url}/slack/events`);
    if (botOptions.unready !== true) await ready(bot);
    return bot;
  };

  return {
    slack,
    azure,
    redis,
    nowMs,
    startBot,
    advance: (ms) => {
      offsetMs += ms;
      for (const bot of bots) if (bot.process.connected) bot.process.send({ offsetMs });
    },
    close: async () => {
      await Promise.all([...bots].map((bot) => bot.kill()));
      await Promise.all([slack.close(), azure.close(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a test counts of Azure's calls and of notices is not to depend on how long it takes. */
const unwatched = (policy: string): string =>
  /^watch:/m.test(policy) ? policy : `${policy}\nwatch: off\n`;

const START_WITHIN_MS = 20_000;

async function botOf(child: ChildProcess): Promise<Bot> {
  const chunks: string[] = [];
  const keep = (chunk: unknown) => void chunks.push(String(chunk));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const output = () => chunks.join("");
  const gone = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
  });
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no start: ${output()}`)), START_WITHIN_MS);
    child.once("message", (message) => {
      clearTimeout(timer);
      resolve(Number((message as { port: number }).port));
    });
    void gone.then(() => reject(new Error(`the bot ended: ${output()}`)));
  });
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return gone;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    output,
    residentMaxBytes: () =>
      new Promise((resolve) => {
        child.once("message", (message) => {
          resolve(Number((message as { residentMaxBytes: number }).residentMaxBytes));
        });
        child.send("memory?");
      }),
    kill: async () => {
      await end("SIGKILL");
    },
    terminate: () => end("SIGTERM"),
  };
}

/** Polls `/readyz`, which is the contract; bounded. */
async function ready(bot: Bot): Promise<void> {
  const until = Date.now() + START_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${bot.url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (Date.now() > until) throw new Error(`never ready: ${await answer?.text()} ${bot.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
