// Everything that the demo consists of: Redis, the simulated Slack and Azure, the bot, and one clock.

import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { fileURLToPath } from "node:url";
import { type SimulatedAzure, startAzure } from "../azure/azure-server.ts";
import { demoWorld } from "../azure/world/demo-world.ts";
import { add, type Part } from "../azure/world/parts.ts";
import { demoRota } from "../on-call/demo-rota.ts";
import { startRotas } from "../on-call/server.ts";
import { startRedis } from "../redis.ts";
import { type SimulatedSlack, startSlack } from "../slack/start.ts";
import { demoFront } from "./front.ts";
import { type BotState, type Supervisor, supervise } from "./supervisor.ts";

export type Demo = {
  slack: SimulatedSlack;
  azure: SimulatedAzure;
  bot: Supervisor;
  nowMs(): number;
  /** How far the demo's clock is ahead of the real one. */
  offsetMs(): number;
  /** Moves the clock of Slack, Azure and the bot ahead. */
  advance(ms: number): void;
  /** Called whenever the bot comes or goes, or the clock is moved. */
  onChange(listener: () => void): void;
  /** Ends every process and server that was started. */
  close(): Promise<void>;
};

export type DemoOptions = {
  /** Of the simulated Slack, and so of the page; left out: any free one. */
  port?: number;
  /** Answers what isn't Slack's. */
  page?: RequestListener;
  /** Another program in place of the bot, for tests. */
  botEntry?: URL;
  /** Another policy file than the demo's, for tests. */
  policyFile?: URL;
  /** How often the bot reads its VMs; left out: as it does elsewhere, too. No jump of the clock hurries that. */
  refreshEveryMs?: number;
  /** What Azure has beside the demo's own. */
  more?: readonly Part[];
};

/** Azure takes minutes, for which nobody waits here. */
const ACTIVITY_DELAY_MS = 5_000;

const BOT_TOKEN = "xoxb-000-demo";

function azureAt(nowMs: () => number, more: readonly Part[] = []) {
  const world = demoWorld();
  add(world, ...more);
  return {
    nowMs,
    // The page moves the time of what is going on, and not that of the machine that the doctor judges.
    headerMs: Date.now,
    world,
    switches: { activityDelayMs: ACTIVITY_DELAY_MS },
  };
}

const azureEnv = (azure: SimulatedAzure) => ({
  NODE_EXTRA_CA_CERTS: azure.caFile,
  IDENTITY_ENDPOINT: azure.identityEndpoint,
  IDENTITY_HEADER: azure.identityHeader,
  AZURE_RESOURCE_MANAGER_URL: azure.url,
});

export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  let offsetMs = 0;
  const nowMs = () => Date.now() + offsetMs;
  const signingSecret = randomBytes(16).toString("hex");
  let botUrl: string | undefined;
  // First: if its port is taken, nothing else has been started yet.
  const slack = await startSlack({
    nowMs,
    signingSecret,
    botToken: BOT_TOKEN,
    ...(options.port !== undefined && { port: options.port }),
    fallback: demoFront(() => botUrl, options.page),
  });
  const [azure, redis, rotas] = await Promise.all([
    startAzure(azureAt(nowMs, options.more)),
    startRedis({ appendOnly: true }),
    startRotas(demoRota(nowMs())),
  ]);
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const auditKey = randomBytes(32).toString("hex");
  const bot = supervise({
    entry: options.botEntry ?? new URL("./bot.ts", import.meta.url),
    env: () => ({
      PATH: process.env.PATH ?? "",
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_API_URL: slack.url,
      REDIS_URL: redis.url,
      ...azureEnv(azure),
      JIT_CONFIG: fileURLToPath(options.policyFile ?? new URL("./jit.yaml", import.meta.url)),
      PORT: "0",
      PUBLIC_URL: slack.origin,
      METRICS_PORT: "0",
      PAGERDUTY_TOKEN: rotas.pagerDuty.token,
      PAGERDUTY_API_URL: rotas.pagerDuty.url,
      AUDIT_KEY: auditKey,
      LOG_LEVEL: "info",
      DEMO_CLOCK_OFFSET_MS: String(offsetMs),
      DEMO_REFRESH_EVERY_MS: String(options.refreshEveryMs ?? 0),
    }),
    onListening: (url) => {
      botUrl = url;
      slack.setEventsUrl(`${url}/slack/events`);
    },
    onChange: tell,
  });
  return {
    slack,
    azure,
    bot,
    nowMs,
    offsetMs: () => offsetMs,
    advance(ms) {
      offsetMs += ms;
      bot.tellOffset(offsetMs);
      void slack.runDue();
      tell();
    },
    onChange: (listener) => void listeners.add(listener),
    async close() {
      await bot.stop();
      await Promise.all([slack.close(), azure.close(), redis.stop(), rotas.close()]);
    },
  };
}

const READY_WITHIN_MS = 30_000;
const STARTS_TRIED = 3;

/** Resolves when the bot takes commands; throws what it waited for where that doesn't come. */
export async function botReady({ bot, onChange }: Demo, withinMs = READY_WITHIN_MS): Promise<void> {
  const is = (state: BotState) => bot.state() === state;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the bot wasn't ready within ${withinMs / 1_000} s\n${bot.output()}`));
    }, withinMs);
    const look = () => {
      const isHopeless = is("down") && bot.starts() >= STARTS_TRIED;
      if (!is("ready") && !isHopeless) return;
      clearTimeout(timer);
      if (isHopeless)
        reject(new Error(`the bot ended as often as it was started\n${bot.output()}`));
      else resolve();
    };
    onChange(look);
    look();
  });
}
