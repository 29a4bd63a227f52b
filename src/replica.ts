// One replica of the bot with its real adapters: the composition root. `main.ts` gives it its settings.

import { azureCredential } from "./adapters/azure/client/credential.ts";
import {
  answers,
  azureState,
  healthRoutes,
  metricsRoutes,
  type Readiness,
} from "./adapters/http/health.ts";
import { myIpRoutes } from "./adapters/http/my-ip-page.ts";
import { httpServer } from "./adapters/http/server.ts";
import { watchPolicyFile } from "./adapters/policy-file-watch.ts";
import { redisAudit } from "./adapters/redis/audit/audit-book.ts";
import { connectRedis } from "./adapters/redis/connection/connect.ts";
import { redisTokens } from "./adapters/redis/connection/entra-sign-in.ts";
import { primaryCheck } from "./adapters/redis/connection/primary.ts";
import { redisCheckup } from "./adapters/redis/connection/redis-checkup.ts";
import { redisClock } from "./adapters/redis/connection/redis-clock.ts";
import { redisFindings } from "./adapters/redis/connection/settings-findings.ts";
import { redisPictureShare } from "./adapters/redis/inventory/snapshot-share.ts";
import { redisProofs } from "./adapters/redis/people/proofs.ts";
import { redisChanges } from "./adapters/redis/policies/policy-changes.ts";
import { hearWakes } from "./adapters/redis/requests/wakes.ts";
import { redisStore } from "./adapters/redis/store.ts";
import { redisWatch } from "./adapters/redis/watch/stored-watch.ts";
import { type Identity, identified } from "./adapters/slack/client/identity.ts";
import { slackChat } from "./adapters/slack/client/slack-chat.ts";
import { slackCheckup } from "./adapters/slack/client/slack-checkup.ts";
import { slackClient } from "./adapters/slack/client/slack-client.ts";
import { slackTime } from "./adapters/slack/client/slack-time.ts";
import { type SlackInbound, slackInbound } from "./adapters/slack/slack-inbound.ts";
import { systemClock, systemRandom } from "./adapters/system-clock.ts";
import { type App, buildApp, newReplica } from "./app.ts";
import { describeSettings } from "./config/environment/environment.ts";
import { breaksSignatures, clockFindings } from "./domain/doctor/clocks.ts";
import type { Sealer } from "./flows/audit/audit-sealer.ts";
import { clockWatch } from "./flows/doctor/clock-watch.ts";
import { orUnasked } from "./flows/doctor/doctor.ts";
import { groupsFault } from "./flows/doctor/groups-fault.ts";
import { type PolicyNews, policyNews } from "./flows/policy-file/policy-news.ts";
import { policyInForce } from "./flows/policy-file/policy-reload.ts";
import type { Checkup } from "./ports/checkup.ts";
import { Fault, isFault } from "./ports/fault.ts";
import {
  azureAndMetrics,
  keptFor,
  quieter,
  type ReplicaOptions,
  readingOf,
  replicaName,
  sealerOf,
  warnOfWeakSeal,
} from "./replica-parts.ts";

export type Replica = {
  /** The port that HTTP is served on. */
  readonly port: number;
  /** Finishes what is in flight, or leaves it to another replica; takes at most `limitMs`. */
  stop(limitMs: number): Promise<void>;
};

/** Azure's SDKs take as long to load as all the rest: they wait until people can ask, but not for ever. */
const AZURE_STARTS_WITHIN_MS = 1_000;

/** Enough to see what is parked, and to name some. */
const DOCTOR_LISTS = 20;

/** Waiting for it to be promoted could be waiting for ever. */
const REPLICA = new Fault({
  world: "redis",
  code: "READONLY",
  message:
    "REDIS_URL leads to a replica, which takes no writes: name the primary, or use REDIS_MODE=sentinel",
  retryable: false,
});

/** Listens at once, and is ready once Slack, Redis and the socket are. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { settings, log } = options;
  const stopping = new AbortController();
  const inForce = policyInForce(options.policy, log);
  const [{ policy }, { publicUrl }] = [inForce, settings];
  const { azure, cloud, measured } = await azureAndMetrics(options);
  const tokens = redisTokens(azureCredential(cloud.authorityHost));
  const redis = connectRedis(settings.redis, log, tokens, () => options.onLost(REPLICA));
  // In a cluster it has connections of its own for what it hears.
  const ear =
    settings.redis.mode === "cluster" ? redis : connectRedis(settings.redis, quieter(log), tokens);
  const slackClock = slackTime(systemClock);
  const { onDate } = slackClock;
  const client = slackClient(settings.slack.botToken, settings.slack.apiUrl, { onDate });
  const redisTime = redisClock(redis, systemClock);
  const skews = () => ({
    redis: redisTime.skewMs(),
    azure: azure.skewMs(),
    slack: slackClock.skewMs(),
  });
  const clocks = clockWatch({ clock: systemClock, log }, skews);
  let sealer: Sealer | undefined;
  let news: PolicyNews | undefined;
  let bot: { app: App; inbound: SlackInbound; ping: () => Promise<void> } | undefined;

  const ready = async (): Promise<Readiness> => {
    const redisAnswers = bot === undefined ? "not asked yet" : await answers(bot.ping);
    const socket = bot?.inbound.connected() === true;
    // Over a socket nothing is signed.
    const isRefusing = settings.slack.mode === "http" && breaksSignatures(skews());
    const parts = {
      slack: bot === undefined ? "not identified yet" : socket ? "connected" : "not connected",
      redis: redisAnswers,
      policy: policy().hash.slice(0, 12),
      ...(inForce.trouble() !== undefined && {
        policyFile: "broken; the last good one is in force",
      }),
      azure: azureState(azure.picture(), systemClock.nowMs()),
      ...(isRefusing && { clock: clockFindings(skews()).join(" ") }),
    };
    return { ready: socket && redisAnswers === "connected" && !isRefusing, parts };
  };

  redisTime.start();
  const server = httpServer({ log, routes: healthRoutes(ready) });
  const port = await server.start(settings.port);
  const metricsServer = httpServer({ log, routes: metricsRoutes(measured.text) });
  if (settings.metricsPort !== undefined) await metricsServer.start(settings.metricsPort);
  const watch = watchPolicyFile({
    path: settings.policyFile,
    knownHash: options.policy.hash,
    clock: systemClock,
    onChange: (file) => inForce.heard(readingOf(settings.policyFile, file)),
  });
  log.info({ ...describeSettings(settings), port }, "listening");
  warnOfWeakSeal(settings, log);

  const compose = async (identity: Identity) => {
    const replica = newReplica(systemRandom);
    azure.share((of) => redisPictureShare(redis, { tenant: identity.teamId, replica, ...of }));
    const kept = {
      ...keptFor(options, identity.teamId),
      confirmPrimary: primaryCheck(redis, settings.redis, `{${identity.teamId}}`),
    };
    const store = redisStore(redis, kept);
    measured.parkedFrom(async () => (await store.listAside(0)).count);
    const audit = redisAudit(redis, kept);
    const chat = slackChat({
      client,
      identity,
      log,
      // Times on the screens are compared with the store's, which tests move.
      clock: {
        ...systemClock,
        nowMs: () => redisTime.nowMs() + (options.clockOffsetMs?.() ?? 0),
      },
      policy,
      portal: cloud.portal,
      hasBastion: (vm) => azure.picture().vms.get(vm)?.hasBastion === true,
      onAppId: identity.learnAppId,
    });
    const ports = { store, azure, chat, clock: systemClock, random: systemRandom, log };
    const page = publicUrl && { publicUrl, proofs: redisProofs(redis, kept) };
    const checkup: Checkup = {
      settings: { isAuditKeyed: settings.auditKey !== undefined },
      azure: azure.checkup,
      plan: azure.plan,
      slack: (channels) => slackCheckup(client, channels, slackClock),
      redis: () => redisCheckup(redis, systemClock),
      direct: () => orUnasked(store.announced("direct-messages")),
      audit: () => orUnasked(audit.chain()),
      work: () => orUnasked(store.listAside(DOCTOR_LISTS)),
    };
    const read = { audit, checkup };
    const books = { watchBook: redisWatch(redis, kept), changes: redisChanges(redis, kept) };
    const { paces } = options;
    const onGone = () => sealer?.look();
    const onCommitted = measured.committed;
    const app = buildApp(ports, {
      ...{ policy, replica, onCommitted, onGone, ...read, ...books },
      ...(page && { page }),
      ...(paces && { paces }),
    });
    hearWakes(ear, { tenant: identity.teamId, log, onWake: app.heard });
    const seeing = { page: app.desk.addressPage, myIp: () => policy().myIp, log };
    myIpRoutes({ ...seeing, nowMs: systemClock.nowMs }).forEach(server.route);
    const inbound = slackInbound({
      settings: settings.slack,
      identity,
      desk: app.desk,
      client,
      log,
      server,
      onLost: options.onLost,
      nowMs: redisTime.nowMs,
    });
    for (const finding of await redisFindings(redis).catch(() => [])) log.warn({}, finding);
    if (stopping.signal.aborted) return;
    app.start();
    clocks.start();
    const sealing = { audit, store, replica, tenant: kept.tenant, policy };
    sealer = sealerOf(options, { ...sealing, onCommitted, onUnsealed: measured.auditUnsealed });
    sealer.start();
    news = policyNews(
      { store, onCommitted, clock: systemClock, log, chat },
      inForce,
      replicaName(),
    );
    news.start();
    void groupsFault(chat, policy()).then((fault) => fault && options.onLost(fault));
    await inbound.start();
    bot = { app, inbound, ping: store.ping };
    log.info({ team: identity.teamId, app: identity.appId }, "taking commands");
  };

  const starting = identified(client, { clock: systemClock, log, signal: stopping.signal })
    .then((identity) => (identity === undefined ? undefined : compose(identity)))
    .catch((thrown: unknown) => {
      if (!isFault(thrown)) throw thrown;
      options.onLost(thrown);
    });

  const early = systemClock.sleep(AZURE_STARTS_WITHIN_MS, stopping.signal);
  void Promise.race([starting, early]).then(() => {
    if (!stopping.signal.aborted) azure.start();
  });

  return {
    port,
    stop: async (limitMs) => {
      stopping.abort();
      await Promise.race([starting, systemClock.sleep(limitMs / 4)]);
      const handedOver = bot?.app.stop(limitMs / 2);
      await bot?.inbound.stop();
      await bot?.inbound.drain(limitMs / 2);
      await handedOver;
      await sealer?.stop(limitMs / 16);
      watch.stop();
      redisTime.stop();
      clocks.stop();
      news?.stop();
      await Promise.all([azure.stop(), server.close(500), metricsServer.close(500)]);
      ear.disconnect();
      redis.disconnect();
    },
  };
}
