// One replica of the bot with its real adapters: a list of services. `main.ts` gives it its settings.

import { openAzure } from "../adapters/azure/open-azure.ts";
import { healthRoutes, metricsRoutes } from "../adapters/http/health.ts";
import { type HttpServer, httpServer } from "../adapters/http/http-server.ts";
import { outcomeOf } from "../adapters/metrics/call-outcome.ts";
import { watchPolicyFile } from "../adapters/policy-file-watch.ts";
import { connectRedis } from "../adapters/redis/connection/connect.ts";
import { redisTokens } from "../adapters/redis/connection/entra-sign-in.ts";
import { redisClock } from "../adapters/redis/connection/redis-clock.ts";
import { listenToScripts } from "../adapters/redis/scripts/script.ts";
import { identified } from "../adapters/slack/client/bot-identity.ts";
import { slackClient } from "../adapters/slack/client/slack-client.ts";
import { slackTime } from "../adapters/slack/client/slack-time.ts";
import { tokenHealth } from "../adapters/slack/client/token-health.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { keyKind } from "../config/environment/audit-keys.ts";
import { describeSettings, type Settings } from "../config/environment/environment.ts";
import { type InForce, policyInForce } from "../flows/policy-file/policy-reload.ts";
import { Fault, isFault } from "../ports/fault.ts";
import type { Log } from "../ports/log.ts";
import type { Call } from "../ports/metrics/call.ts";
import { inOrder, type Service } from "../ports/service.ts";
import { within } from "../ports/within.ts";
import { sentInTheClear } from "./hosts.ts";
import { policyReading } from "./policy-reading.ts";
import { readiness } from "./readiness.ts";
import type { ReplicaOptions } from "./replica-options.ts";
import { secretReload } from "./secret-reload.ts";
import { VERSION } from "./version.ts";
import { vitalSigns } from "./vital-signs.ts";
import { type Workspace, workspace } from "./workspace.ts";

export type Replica = {
  /** The port that HTTP is served on. */
  readonly port: number;
  /** Finishes what is in flight, or leaves it to another replica; takes at most `limitMs`. */
  stop(limitMs: number): Promise<void>;
};

/** Loading Azure's SDKs holds up everything for a quarter of a second: they wait until people can ask, but not for ever. */
const AZURE_STARTS_WITHIN_MS = 1_000;
/** Whoever has waited for that is answered first. */
const AZURE_LETS_PASS_MS = 50;
/** Answers under way have this long when the bot stops. */
const HTTP_CLOSES_WITHIN_MS = 500;

/** Waiting for it to be promoted could be waiting for ever. */
const REPLICA = new Fault({
  source: "redis",
  code: "READONLY",
  message:
    "REDIS_URL leads to a replica, which accepts no writes: name the primary, or use REDIS_MODE=sentinel",
  retryable: false,
});

/** Listens at once, and is ready once Slack, Redis and the socket are. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { settings, log } = options;
  const stopping = new AbortController();
  const inForce = policyInForce(options.policy, log);
  const worlds = await worldsOf(options);
  const { azure, redis, ear, redisTime, client, token, measured, skews, traces } = worlds;
  let bot: Workspace | undefined;

  const ready = readiness({
    isSigned: settings.slack.mode === "http",
    skews,
    inForce,
    tokenRefusal: token.refusal,
    snapshot: azure.snapshot,
    bot: () => bot,
  });
  const server = httpServer({ log, routes: healthRoutes(ready) });
  const port = await server.start(settings.port);
  const figures = () => bot?.figures;
  measured.readFrom(vitalSigns({ ready, azure, skews, inForce, figures, clock: systemClock }));
  const metricsServer = await metricsServed(options, measured.text);
  const secrets = secretReload(options.secretFiles ?? [], { clock: systemClock, log });
  const services = inOrder(
    [
      connections(redis, ear),
      closing(metricsServer),
      closing(server),
      redisTime,
      policyFileOf(options, inForce),
      ...secrets.services,
    ],
    systemClock,
  );
  services.start();
  log.info({ ...describeSettings(settings), port }, "listening");
  warnOfSettings(settings, log);

  const starting = identified(client, { clock: systemClock, log, signal: stopping.signal })
    .then(async (identity) => {
      if (identity === undefined) return;
      const from = { ...options, ...worlds, newerSecret: secrets.newerSecret };
      const made = await workspace({ ...from, server, inForce, identity });
      if (stopping.signal.aborted) return;
      // From now on there is something to stop.
      bot = made;
      made.start();
      await made.takePayloads();
      log.info({ team: identity.teamId, slackApp: identity.appId }, "taking commands");
    })
    .catch((thrown: unknown) => {
      if (!isFault(thrown)) throw thrown;
      options.onLost(thrown);
    });

  void startBehind(starting, azure, stopping.signal);

  return {
    port,
    stop: async (limitMs) => {
      stopping.abort();
      await within(starting, limitMs / 4, systemClock);
      await bot?.stop(limitMs * (5 / 8));
      await within(Promise.all([azure.stop(), traces?.stop()]), limitMs / 16, systemClock);
      await services.stop(limitMs / 16);
    },
  };
}

/** Starts Azure once `starting` is done and those who waited for it are answered, or has taken too long. */
async function startBehind(
  starting: Promise<void>,
  azure: { start(): void },
  signal: AbortSignal,
): Promise<void> {
  const early = systemClock.sleep(AZURE_STARTS_WITHIN_MS, signal);
  const passed = starting.then(() => systemClock.sleep(AZURE_LETS_PASS_MS, signal));
  await Promise.race([passed, early]);
  if (!signal.aborted) azure.start();
}

/** Where they are to be served; a port that is taken stops the start. */
async function metricsServed(
  { settings, log }: ReplicaOptions,
  text: () => Promise<string>,
): Promise<HttpServer> {
  const server = httpServer({ log, routes: metricsRoutes(text) });
  const { metricsPort, metricsHost } = settings;
  if (metricsPort !== undefined) await server.start(metricsPort, metricsHost);
  return server;
}

/** What follows requests, where it is switched on: loaded only then. */
async function tracesOf({ settings, scopes, log, replica }: ReplicaOptions) {
  if ("off" in settings.traces) return undefined;
  const { openTraces } = await import("../adapters/tracing/otlp.ts");
  const traces = openTraces({ settings: settings.traces, log, replica, version: VERSION });
  scopes.recordTo(traces);
  return traces;
}

/** Azure, Redis and Slack as this process reaches them, and what counts the calls. Nothing is asked yet. */
async function worldsOf(options: ReplicaOptions) {
  const { settings, log } = options;
  // Loaded only here: the exporter is heavier than the rest of the bot, and not every process serves it.
  const { metrics } = await import("../adapters/metrics/metrics.ts");
  const measured = metrics();
  const called = (call: Call): void => {
    measured.called(call);
    options.scopes.called(call);
  };
  const { azure, credential, portal } = openAzure(options.policy.azure, {
    resourceManagerUrl: settings.azureResourceManagerUrl,
    clock: systemClock,
    log,
    onCall: ({ status, ...call }) =>
      called({ service: "azure", ...call, outcome: outcomeOf(status) }),
    ...(options.refreshEveryMs !== undefined && { refreshEveryMs: options.refreshEveryMs }),
  });
  const tokens = redisTokens(credential);
  const redis = connectRedis(settings.redis, log, tokens, () => options.onLost(REPLICA));
  listenToScripts(redis, ({ writes, ...call }) =>
    called({ service: "redis", operation: writes ? "write" : "read", ...call }),
  );
  // In a cluster it has connections of its own for what it hears.
  const ear =
    settings.redis.mode === "cluster" ? redis : connectRedis(settings.redis, quieter(log), tokens);
  const slackClock = slackTime(systemClock);
  const token = tokenHealth(systemClock, log);
  const { onDate } = slackClock;
  const client = slackClient(settings.slack.botToken, settings.slack.apiUrl, {
    onDate,
    onCall: ({ status, isRefused, answered, ...call }) => {
      token.heard({ answered });
      called({ service: "slack", ...call, outcome: isRefused ? "refused" : outcomeOf(status) });
    },
  });
  const redisTime = redisClock(redis, systemClock);
  const skews = () => ({
    redis: redisTime.skewMs(),
    azure: azure.skewMs(),
    slack: slackClock.skewMs(),
  });
  const traces = await tracesOf(options);
  const worlds = { azure, credential, portal, redis, ear, redisTime, slackClock, client, token };
  return { ...worlds, skews, measured, traces };
}

function policyFileOf({ settings, policy, log }: ReplicaOptions, inForce: InForce): Service {
  return watchPolicyFile({
    path: settings.policyFile,
    knownHash: policy.hash,
    clock: systemClock,
    onChange: (file) => inForce.heard(policyReading(settings, file)),
    log,
  });
}

/** For a second connection to the same server: that it is away is said once. */
const quieter = (log: Log): Log => ({
  debug: (facts, text) => log.debug(facts, text),
  info: (facts, text) => log.debug(facts, text),
  warn: (facts, text) => log.debug(facts, text),
  error: (facts, text) => log.error(facts, text),
});

/** It was started where its port was asked for. */
const closing = (server: HttpServer): Service => ({
  start: () => {},
  stop: (limitMs) => server.close(Math.min(limitMs, HTTP_CLOSES_WITHIN_MS)),
});

/** They connect when they are made. */
const connections = (...all: readonly { disconnect(): void }[]): Service => ({
  start: () => {},
  stop: () => {
    for (const connection of all) connection.disconnect();
  },
});

function warnOfSettings(settings: Settings, log: Log): void {
  const advice = "set AUDIT_KEY to the output of `openssl rand -hex 32`";
  const kind = keyKind(settings.auditKey);
  if (kind === "none") log.warn({}, `the audit is chained without a key: ${advice}`);
  if (kind === "guessable")
    log.warn(
      {},
      `AUDIT_KEY is shorter than 32 characters and may be guessed: ${advice}, and AUDIT_KEYS_BEFORE to the old one`,
    );
  const { traces } = settings;
  if ("off" in traces && traces.isUnwilling) log.warn({}, `traces are off: ${traces.off}`);
  for (const { what, host, fix } of sentInTheClear(settings))
    log.warn({ what, host }, `what leaves this machine isn't encrypted: ${fix}`);
}
