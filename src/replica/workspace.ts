// The bot in its workspace: everything that couldn't be made before Slack said whose bot this is.

import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import type { TokenCredential } from "@azure/identity";
import type { ArmAzure } from "../adapters/azure/arm-azure.ts";
import type { HttpServer } from "../adapters/http/http-server.ts";
import { myIpRoutes } from "../adapters/http/my-ip-page.ts";
import type { Metrics } from "../adapters/metrics/metrics.ts";
import { openRotas } from "../adapters/on-call/open-rotas.ts";
import { redisAudit } from "../adapters/redis/audit/audit-repository.ts";
import { redisStreamPositions } from "../adapters/redis/audit/stream-positions.ts";
import type { Connection } from "../adapters/redis/connection/connection.ts";
import { primaryCheck } from "../adapters/redis/connection/primary.ts";
import { redisCheckup } from "../adapters/redis/connection/redis-checkup.ts";
import type { RedisClock } from "../adapters/redis/connection/redis-clock.ts";
import { settingsWatch } from "../adapters/redis/connection/settings-watch.ts";
import { redisFigures } from "../adapters/redis/figures.ts";
import { redisHistory } from "../adapters/redis/history/history.ts";
import { redisSnapshotShare } from "../adapters/redis/inventory/snapshot-share.ts";
import { redisProofs } from "../adapters/redis/people/proofs.ts";
import { redisChanges } from "../adapters/redis/policies/policy-changes.ts";
import { hearWakes } from "../adapters/redis/requests/wakes.ts";
import { redisStorage } from "../adapters/redis/storage.ts";
import { redisWatch } from "../adapters/redis/watch/stored-watch.ts";
import type { Identity } from "../adapters/slack/client/bot-identity.ts";
import { slackChat } from "../adapters/slack/client/slack-chat.ts";
import { slackCheckup } from "../adapters/slack/client/slack-checkup.ts";
import type { slackClient } from "../adapters/slack/client/slack-client.ts";
import type { SlackTime } from "../adapters/slack/client/slack-time.ts";
import type { TokenHealth } from "../adapters/slack/client/token-health.ts";
import { type SlackInbound, slackInbound } from "../adapters/slack/slack-inbound.ts";
import { systemClock, systemRandom } from "../adapters/system-clock.ts";
import { type App, buildApp } from "../app.ts";
import { keyKind } from "../config/environment/audit-keys.ts";
import { sealKey } from "../domain/audit/audit-chain.ts";
import { sinkIdentity, sinkLabel } from "../domain/audit/stream/sink-name.ts";
import type { Skews } from "../domain/doctor/clocks.ts";
import type { AuditSink } from "../domain/rules/policy.ts";
import { auditTell } from "../flows/audit/audit-news.ts";
import { auditSealer } from "../flows/audit/audit-sealer.ts";
import { auditStreamer } from "../flows/audit/stream/audit-streamer.ts";
import { lagNews } from "../flows/audit/stream/stream-news.ts";
import { clockWatch } from "../flows/doctor/clock-watch.ts";
import { orUnasked } from "../flows/doctor/doctor.ts";
import { tryReceivers } from "../flows/doctor/doctor-copies.ts";
import { groupsFault } from "../flows/doctor/groups-fault.ts";
import { policyNews } from "../flows/policy-file/policy-news.ts";
import type { InForce } from "../flows/policy-file/policy-reload.ts";
import type { Chat } from "../ports/chat.ts";
import type { Checkup } from "../ports/checkup.ts";
import { heardSafely } from "../ports/commit-heard.ts";
import type { Figures } from "../ports/metrics/figures.ts";
import { inOrder, type Service, together } from "../ports/service.ts";
import type { Storage } from "../ports/storage/storage.ts";
import { lookAtHosts, ownHosts, sentInTheClear, tracesChecked } from "./hosts.ts";
import { openReceiver } from "./receivers.ts";
import type { ReplicaOptions } from "./replica-options.ts";
import type { NewerSecret } from "./secret-reload.ts";
import { botFacts, VERSION } from "./version.ts";

export type WorkspaceOptions = ReplicaOptions & {
  readonly identity: Identity;
  readonly inForce: InForce;
  readonly azure: ArmAzure;
  readonly credential: TokenCredential;
  readonly portal: string;
  readonly redis: Connection;
  /** What is heard of other replicas comes by this one. */
  readonly ear: Connection;
  readonly redisTime: RedisClock;
  readonly slackClock: SlackTime;
  readonly newerSecret: NewerSecret;
  readonly token: TokenHealth;
  readonly client: ReturnType<typeof slackClient>;
  readonly skews: () => Skews;
  readonly server: HttpServer;
  readonly measured: Metrics;
};

export type Workspace = Service & {
  /** Commands and clicks are taken from now on; rejects where Slack turns the bot away for good. */
  takePayloads(): Promise<void>;
  connected(): boolean;
  /** For metrics. */
  readonly figures: Figures;
  ping(): Promise<void>;
};

/** Enough to see what is parked, and to name some. */
const DOCTOR_LISTS = 20;

export async function workspace(options: WorkspaceOptions): Promise<Workspace> {
  const { log, identity, redis, measured } = options;
  const { policy } = options.inForce;
  const onCommitted = heardSafely(measured.committed, log);
  const records = recordsOf(options);
  const { store } = records;
  const chat = chatOf(options);
  const sealer = sealerOf(options, records);
  const streamer = streamerOf(options, records);
  const onGone = () => {
    sealer.wake();
    streamer.wake();
  };
  const app = appOf(options, { ...records, chat, onGone });
  hearWakes(options.ear, { tenant: identity.teamId, log, onWake: app.heard });
  const inbound = inboundOf(options, app);
  const { waitReplicas } = options.settings.redis;
  const settings = settingsWatch(options.redis, { waitReplicas, log });
  await settings.look();
  const payloads: Service = {
    start: () => {},
    stop: async (limitMs) => {
      await inbound.stop();
      await inbound.drain(limitMs);
    },
  };
  const besides = inOrder(
    [
      settings,
      options.token.watch(options.client),
      clockWatch({ clock: systemClock, log }, options.skews),
      policyNews(
        { ...store, onCommitted, clock: systemClock, log, chat, version: VERSION },
        options.inForce,
        options.replica,
      ),
      // Stopped in reverse: what is sealed at the very end is sent by another replica, or at the next start.
      streamer,
      sealer,
    ],
    systemClock,
  );
  // What is in flight may still give the worker something to do.
  const work = together([app, payloads]);
  return {
    start: () => {
      work.start();
      besides.start();
    },
    stop: async (limitMs) => {
      await work.stop(limitMs * (4 / 5));
      await besides.stop(limitMs / 5);
    },
    takePayloads: async () => {
      void groupsFault(chat, policy()).then((fault) => fault && options.onLost(fault));
      await inbound.start();
    },
    connected: inbound.connected,
    figures: redisFigures(redis, records.stored),
    ping: store.ping,
  };
}

type Records = ReturnType<typeof recordsOf>;

/** What is kept in Redis for this workspace, and under which name this replica writes there. */
function recordsOf(options: WorkspaceOptions) {
  const { azure, identity, redis, replica } = options;
  azure.share((of) => redisSnapshotShare(redis, { tenant: identity.teamId, replica, ...of }));
  const stored = storedFor(options);
  return { replica, stored, store: redisStorage(redis, stored), audit: redisAudit(redis, stored) };
}

function chatOf({ client, identity, log, azure, redisTime, ...options }: WorkspaceOptions) {
  return slackChat({
    client,
    identity,
    log,
    // Times on the screens are compared with the store's, which tests move.
    clock: {
      ...systemClock,
      nowMs: () => redisTime.nowMs() + (options.clockOffsetMs?.() ?? 0),
    },
    policy: options.inForce.policy,
    portal: options.portal,
    hasBastion: (vm) => azure.snapshot().vms.get(vm)?.hasBastion === true,
    onAppId: identity.learnAppId,
  });
}

function sealerOf(options: WorkspaceOptions, { replica, stored, store, audit }: Records) {
  const { log, identity, measured } = options;
  const positions = redisStreamPositions(options.redis, stored);
  const { policy } = options.inForce;
  return auditSealer({
    audit,
    clock: systemClock,
    log,
    key: stored.writer.key,
    keysBefore: stored.keysBefore,
    tenant: identity.teamId,
    worker: `${replica}@sealer`,
    keepForMs: () => policy().audit.keepForMs,
    copiedUntil: async () => {
      const { stream } = policy().audit;
      return stream.length === 0
        ? Number.POSITIVE_INFINITY
        : positions.sentUntil(stream.map(sinkIdentity));
    },
    tell: auditTell(
      { ...store, onCommitted: heardSafely(measured.committed, log) },
      { policy, log, draw: randomUUID },
    ),
    onUnsealed: measured.auditUnsealed,
  });
}

const receiversOf = ({ settings, credential, inForce }: WorkspaceOptions) =>
  openReceiver({
    cloud: inForce.policy().azure.cloud,
    credential,
    auditStreamKey: settings.auditStreamKey,
  });

function streamerOf(options: WorkspaceOptions, { replica, stored, store }: Records) {
  const { log, identity, measured, redis } = options;
  const { policy } = options.inForce;
  const needs = { ...store, onCommitted: heardSafely(measured.committed, log) };
  const labelOf = (sink: AuditSink) => sinkLabel(sink, policy().audit.stream);
  return auditStreamer({
    positions: redisStreamPositions(redis, stored),
    open: receiversOf(options),
    clock: systemClock,
    log,
    team: identity.teamId,
    worker: `${replica}@streamer`,
    tell: auditTell(needs, { policy, log, draw: randomUUID }),
    policy,
    news: lagNews(needs, policy),
    onFailed: (sink) => measured.auditStreamFailed(labelOf(sink)),
    onLags: (lags) =>
      measured.auditStreams(lags.map(({ sink, ...lag }) => ({ ...lag, sink: labelOf(sink) }))),
  });
}

type AppParts = Records & { readonly chat: Chat; readonly onGone: () => void };

function appOf(options: WorkspaceOptions, parts: AppParts): App {
  const { settings, log, azure, redis } = options;
  const { replica, stored, store, audit, chat, onGone } = parts;
  return buildApp(
    {
      ...store,
      azure,
      chat,
      rotas: rotasOf(options),
      clock: systemClock,
      random: systemRandom,
      log,
    },
    {
      policy: options.inForce.policy,
      replica,
      audit,
      history: redisHistory(redis, audit, stored),
      checkup: checkupOf(options, parts),
      onCommitted: (heard) => {
        options.measured.committed(heard);
        options.scopes.committed(heard);
      },
      meter: options.measured,
      tracing: options.scopes.tracing,
      onGone,
      watchRepository: redisWatch(redis, stored),
      changes: redisChanges(redis, stored),
      ...(settings.publicUrl && {
        page: { publicUrl: settings.publicUrl, proofs: redisProofs(redis, stored) },
      }),
      ...(options.paces && { paces: options.paces }),
    },
  );
}

/** Calendars that are files stand beside the policy file. */
const rotasOf = ({ settings, newerSecret }: WorkspaceOptions) =>
  openRotas(settings.rotas, dirname(settings.policyFile), newerSecret);

function checkupOf(options: WorkspaceOptions, { store, stored, audit }: Records): Checkup {
  const { settings, azure, redis, client } = options;
  return {
    settings: {
      auditKey: keyKind(settings.auditKey),
      inTheClear: sentInTheClear(settings),
    },
    bot: botFacts(),
    replicas: () => orUnasked(store.policyReports.list()),
    hosts: () => lookAtHosts(ownHosts(settings), systemClock.nowMs()),
    traces: () => tracesChecked(settings.traces),
    azure: azure.checkup,
    plan: azure.plan,
    slack: (channels) => slackCheckup(client, channels, options.slackClock),
    redis: () => redisCheckup(redis, systemClock, settings.redis.waitReplicas),
    direct: () => orUnasked(store.announcements.last("direct-messages")),
    audit: () => orUnasked(audit.chain()),
    copies: () =>
      orUnasked(
        tryReceivers(
          { audit, positions: redisStreamPositions(redis, stored), open: receiversOf(options) },
          options.inForce.policy().audit.stream,
        ),
      ),
    work: () => orUnasked(workFacts(store)),
    rotas: rotasOf(options),
  };
}

/** The ways in: Slack's payloads, and the page that sees an address. */
function inboundOf(options: WorkspaceOptions, { inbound }: App): SlackInbound {
  const { settings, identity, client, log, server, onLost, redisTime } = options;
  const { policy } = options.inForce;
  const seeing = { page: inbound.addressPage, myIp: () => policy().myIp, log };
  myIpRoutes({ ...seeing, nowMs: systemClock.nowMs }).forEach(server.route);
  return slackInbound({
    settings: settings.slack,
    newerSigningSecret: () => options.newerSecret("SLACK_SIGNING_SECRET"),
    identity,
    inbound,
    client,
    log,
    server,
    onLost,
    nowMs: redisTime.nowMs,
  });
}

async function workFacts({ deadLetters, freezes }: Storage) {
  const [parked, frozen] = await Promise.all([deadLetters.list(DOCTOR_LISTS), freezes.now()]);
  return { ...parked, frozen };
}

/** What all that is stored for one workspace shares: its keys in Redis, its clock, and the mark on what it writes. */
function storedFor({ settings, clockOffsetMs, identity, redis }: WorkspaceOptions) {
  const tenant = identity.teamId;
  const nowMs = () => systemClock.nowMs() + (clockOffsetMs?.() ?? 0);
  return {
    tenant,
    writer: { key: sealKey(settings.auditKey), nowMs },
    waitReplicas: settings.redis.waitReplicas,
    keysBefore: settings.auditKeysBefore.map(sealKey),
    confirmPrimary: primaryCheck(redis, settings.redis, `{${tenant}}`),
    ...(clockOffsetMs && { clockOffsetMs }),
  };
}
