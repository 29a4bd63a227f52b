// What a replica is put together from: its settings, and the parts that need nothing but these.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { armAzure } from "./adapters/azure/arm-azure.ts";
import { azureCredential } from "./adapters/azure/client/credential.ts";
import type { SettledFile } from "./adapters/policy-file-watch.ts";
import type { AuditBookOptions } from "./adapters/redis/audit/audit-book.ts";
import type { RedisStoreOptions } from "./adapters/redis/store-options.ts";
import { systemClock } from "./adapters/system-clock.ts";
import { azureEndpoint } from "./config/clouds.ts";
import { faultLine } from "./config/config-fault.ts";
import type { Settings } from "./config/environment/environment.ts";
import { readPolicy } from "./config/policy-file/read-policy-file.ts";
import { sealKey } from "./domain/audit/audit-chain.ts";
import type { Policy } from "./domain/rules/policy.ts";
import { auditTell } from "./flows/audit/audit-news.ts";
import { auditSealer, type Sealer } from "./flows/audit/audit-sealer.ts";
import type { Paces } from "./flows/limits/person-limits.ts";
import type { Reading } from "./flows/policy-file/policy-reload.ts";
import type { Fault } from "./ports/fault.ts";
import type { Log } from "./ports/log.ts";
import type { AuditBook } from "./ports/storage/audit.ts";
import type { OnCommitted } from "./ports/storage/commit-heard.ts";
import type { Store } from "./ports/storage/store.ts";

export type ReplicaOptions = {
  readonly settings: Settings;
  /** The policy file as it was read for the start; from then on it is watched. */
  readonly policy: Policy;
  readonly log: Log;
  /** The replica cannot go on: a bad token, a socket that is lost for good. */
  readonly onLost: (fault: Fault) => void;
  /** Added to Redis's clock, for tests. */
  readonly clockOffsetMs?: () => number;
  /** Of each person's commands and clicks, for tests. */
  readonly paces?: Paces;
  /** From one reading of Azure to the next, for tests. */
  readonly refreshEveryMs?: number;
};

export function readingOf(path: string, file: SettledFile): Reading {
  if ("unreadable" in file) return file;
  const read = readPolicy(file.text);
  return "policy" in read
    ? { policy: read.policy }
    : { hash: file.hash, faults: read.faults.map((fault) => faultLine(path, fault)) };
}

/** Tells replicas on one host apart, too. */
export const replicaName = (): string => `${hostname()}.${randomUUID().slice(0, 4)}`;

/** For a second connection to the same server: that it is away is said once. */
export const quieter = (log: Log): Log => ({
  debug: (facts, text) => log.debug(facts, text),
  info: (facts, text) => log.debug(facts, text),
  warn: (facts, text) => log.debug(facts, text),
  error: (facts, text) => log.error(facts, text),
});

type Sealing = {
  readonly audit: AuditBook;
  readonly store: Store;
  readonly replica: string;
  readonly tenant: string;
  readonly policy: () => Policy;
  readonly onUnsealed: (ms: number) => void;
  readonly onCommitted: OnCommitted;
};

/** What the adapters of one workspace share: its keys in Redis, its clock, and the mark on what it writes. */
export function keptFor({ settings, clockOffsetMs }: ReplicaOptions, tenant: string) {
  const key = sealKey(settings.auditKey);
  const nowMs = () => systemClock.nowMs() + (clockOffsetMs?.() ?? 0);
  const kept: RedisStoreOptions & AuditBookOptions = {
    tenant,
    writer: { key, nowMs },
    waitReplicas: settings.redis.waitReplicas,
    keysBefore: settings.auditKeysBefore.map(sealKey),
    ...(clockOffsetMs && { clockOffsetMs }),
  };
  return kept;
}

export function sealerOf(
  { settings, log }: ReplicaOptions,
  { audit, store, replica, tenant, policy, onUnsealed, onCommitted }: Sealing,
): Sealer {
  return auditSealer({
    audit,
    clock: systemClock,
    log,
    key: sealKey(settings.auditKey),
    keysBefore: settings.auditKeysBefore.map(sealKey),
    tenant,
    worker: `${replica}@sealer`,
    keepForMs: () => policy().audit.keepForMs,
    tell: auditTell({ store, onCommitted }, { policy, log, draw: randomUUID }),
    onUnsealed,
  });
}

export async function azureAndMetrics(options: ReplicaOptions) {
  const { settings, policy, log, refreshEveryMs } = options;
  // Loaded only here: the exporter is heavier than the rest of the bot, and not every process serves it.
  const { metrics } = await import("./adapters/metrics/metrics.ts");
  const measured = metrics();
  const { subscriptions, managementGroups } = policy.azure;
  const cloud = azureEndpoint(policy.azure.cloud, settings.azureResourceManagerUrl);
  const azure = armAzure({
    credential: azureCredential(cloud.authorityHost),
    endpoint: cloud.endpoint,
    scope: cloud.scope,
    subscriptions,
    managementGroups,
    clock: systemClock,
    log,
    onCall: measured.azureCall,
    ...(refreshEveryMs !== undefined && { refreshEveryMs }),
  });
  return { azure, cloud, measured };
}

export function warnOfWeakSeal({ auditKey }: Settings, log: Log): void {
  const advice = "set AUDIT_KEY to the output of `openssl rand -hex 32`";
  if (auditKey === undefined) log.warn({}, `the audit is chained without a key: ${advice}`);
}
