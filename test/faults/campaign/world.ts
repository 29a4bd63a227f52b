// The world of one round: simulated Slack and Azure, real Redis, replicas as processes, and one clock.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SimulatedAzure, startAzure } from "../../../src/sandbox/azure/azure-server.ts";
import { DEFAULT_SCOPES } from "../../../src/sandbox/slack/slack-workspace.ts";
import { type SimulatedSlack, startSlack } from "../../../src/sandbox/slack/start.ts";
import { COMPILED } from "../../support/compiled.ts";
import { type Cards, indexCards } from "./cards.ts";
import { CAMPAIGN_POLICY, campaignAzure, campaignWorkspace } from "./estate.ts";
import { startTopology, type Topology, type TopologyName } from "./redis-topologies.ts";
import { type Replicas, startReplicas } from "./replicas.ts";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const BOT_TOKEN = "xoxb-000-test";
const AUDIT_KEY = "c".repeat(64);

export type RoundWorld = {
  readonly slack: SimulatedSlack;
  readonly azure: SimulatedAzure;
  readonly redis: Topology;
  readonly replicas: Replicas;
  readonly cards: Cards;
  /** The environment that every process of the bot's is started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly policyFile: string;
  nowMs(): number;
  readonly azureBehindMs: number;
  /** Whether the bot may read the channels back in which it posted. */
  readonly mayReadHistory: boolean;
  /** Moves the clock of Slack, Azure and the bot ahead: only while nothing is under way. */
  advance(ms: number): void;
  /** How long ago, in real time, the bot last called Slack or Azure on account of a request. */
  quietMs(): number;
  /** What the bot called last, and how that went. */
  lastCalls(): readonly string[];
  close(): Promise<void>;
};

export type WorldOptions = {
  readonly topology: TopologyName;
  readonly replicas: number;
  readonly root: string;
  /** Whether the bot may read the channels back in which it posted. */
  readonly mayReadHistory: boolean;
  /** How far Azure's clock is behind: so much longer than the bot expects a port stays open. */
  readonly azureBehindMs: number;
  /** How many replicas of Redis have a write before it counts; a single server has none. */
  readonly waitReplicas: number;
  /** The replicas die by themselves. */
  readonly dying: boolean;
  /** Of Node.js, for the replicas. */
  readonly flags: readonly string[];
};

export async function startRoundWorld(options: WorldOptions): Promise<RoundWorld> {
  let offsetMs = 0;
  const nowMs = () => Date.now() + offsetMs;
  const folder = mkdtempSync(join(tmpdir(), "jit-campaign-"));
  const [slack, azure, redis] = await Promise.all([
    startSlack(slackFor(options, nowMs)),
    startAzure({
      nowMs: () => nowMs() - options.azureBehindMs,
      world: campaignAzure(),
      // All of it is evidence.
      callsMax: Number.POSITIVE_INFINITY,
    }),
    startTopology(options.topology),
  ]);
  const cards = indexCards(slack);
  const policyFile = join(folder, "jit.yaml");
  writeFileSync(policyFile, CAMPAIGN_POLICY);
  const env = environmentOf({ slack, azure, redis, policyFile }, options);
  const replicas = await startReplicas({
    count: options.replicas,
    root: options.root,
    env,
    offsetMs: () => offsetMs,
    dying: options.dying,
    flags: options.flags,
  });
  slack.setEventsUrl(`${replicas.url}/slack/events`);
  return {
    slack,
    azure,
    redis,
    replicas,
    cards,
    env,
    policyFile,
    nowMs,
    azureBehindMs: options.azureBehindMs,
    mayReadHistory: options.mayReadHistory,
    advance: (ms) => {
      offsetMs += ms;
      replicas.tellOffset(offsetMs);
      void slack.runDue();
    },
    quietMs: quietSince(slack, azure),
    lastCalls: () => [
      ...slack.calls.slice(-10).map(({ atMs, method, status }) => called(atMs, method, status)),
      ...azure.calls
        .filter(({ path }) => isAboutRequest(path))
        .slice(-5)
        .map(({ atMs, method, path, answered }) => called(atMs, `${method} ${path}`, answered)),
    ],
    close: async () => {
      await replicas.close();
      await Promise.all([slack.close(), azure.close(), redis.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const HISTORY = ["channels:history", "groups:history", "im:history"];

const slackFor = ({ mayReadHistory }: WorldOptions, nowMs: () => number) => ({
  nowMs,
  workspace: campaignWorkspace(),
  signingSecret: SECRET,
  botToken: BOT_TOKEN,
  // A workspace lets a bot edit some fifty cards a minute: hundreds of lives at once need more.
  switches: { rateLimits: "off" } as const,
  ...(mayReadHistory && { scopes: [...DEFAULT_SCOPES, ...HISTORY] }),
});

type Services = Pick<RoundWorld, "slack" | "azure" | "redis"> & { readonly policyFile: string };

const environmentOf = (
  { slack, azure, redis, policyFile }: Services,
  { waitReplicas }: WorldOptions,
): Readonly<Record<string, string>> => ({
  PATH: process.env.PATH ?? "",
  NODE_EXTRA_CA_CERTS: azure.caFile,
  ...COMPILED,
  SLACK_BOT_TOKEN: BOT_TOKEN,
  SLACK_API_URL: slack.url,
  SLACK_SIGNING_SECRET: SECRET,
  ...redis.env,
  REDIS_WAIT_REPLICAS: String(waitReplicas),
  IDENTITY_ENDPOINT: azure.identityEndpoint,
  IDENTITY_HEADER: azure.identityHeader,
  AZURE_RESOURCE_MANAGER_URL: azure.url,
  JIT_CONFIG: policyFile,
  METRICS_PORT: "0",
  AUDIT_KEY,
  LOG_LEVEL: "warn",
});

/** Counts what is on record each time that it is asked; reading the estate is no sign of life. */
function quietSince(slack: SimulatedSlack, azure: SimulatedAzure): () => number {
  let counted = 0;
  let sinceMs = Date.now();
  let looked = 0;
  let armed = 0;
  return () => {
    const calls = slack.calls.length + slack.deliveries.length + slack.responses.length;
    for (; looked < azure.calls.length; looked += 1) {
      if (isAboutRequest(azure.calls[looked]?.path ?? "")) armed += 1;
    }
    const isUnderWay = slack.calls.slice(-50).some(({ status }) => status === "pending");
    if (calls + armed !== counted || isUnderWay) sinceMs = Date.now();
    counted = calls + armed;
    return Date.now() - sinceMs;
  };
}

const called = (atMs: number, what: string, status: unknown): string =>
  `${new Date(atMs).toISOString()} ${what.slice(0, 300)}: ${String(status)}`;

/** One policy by its name, read or initiated. */
const isAboutRequest = (path: string): boolean => /jitNetworkAccessPolicies\/[^/]+/i.test(path);
