// Reads the environment's variables into typed, frozen settings, or says what is wrong with each.

import ipaddr from "ipaddr.js";
import { deepFreeze } from "../freeze.ts";
import { readAuditKeys, readAuditStreamKey } from "./audit-keys.ts";
import { type RedisSettings, readRedis } from "./redis-settings.ts";
import { type RotaSettings, readRotas } from "./rota-settings.ts";
import { readSlack, type SlackSettings } from "./slack-settings.ts";
import { readTraces, type TraceSettings, type TracesOff } from "./trace-settings.ts";
import { type Environment, type Variables, variables } from "./variables.ts";

/** As pino knows them. */
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export type Settings = {
  readonly slack: SlackSettings;
  readonly redis: RedisSettings;
  readonly rotas: RotaSettings;
  /** Takes the place of the cloud's Resource Manager; no slash at the end. */
  readonly azureResourceManagerUrl: string | undefined;
  /** The path of the policy file. */
  readonly policyFile: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where people's browsers reach this process; no slash at the end. */
  readonly publicUrl: string | undefined;
  /** `undefined`: no metrics are served. */
  readonly metricsPort: number | undefined;
  /** The address that metrics are served on; `undefined`: all of this machine's. */
  readonly metricsHost: string | undefined;
  /** Secret. `undefined`: the audit is chained without a key. */
  readonly auditKey: string | undefined;
  /** Secret: keys that sealed before. */
  readonly auditKeysBefore: readonly string[];
  /** Secret: signs the audit's copies to HTTPS receivers. */
  readonly auditStreamKey: string | undefined;
  readonly logLevel: LogLevel;
  readonly traces: TraceSettings | TracesOff;
};

/**
 * Reads the settings. Answers them complete and frozen, or one sentence for each fault, which names
 * the variable and the fix and never repeats a value: it might be a secret in the wrong place.
 */
export function readEnvironment(
  env: Environment,
): { readonly settings: Settings } | { readonly faults: readonly string[] } {
  const from = variables(env);
  const slack = readSlack(from);
  const redis = readRedis(from);
  const resourceManager = readResourceManager(from);
  const port = readPort(from, "PORT", 3000);
  const metricsPort = readPort(from, "METRICS_PORT", 9464);
  if (port === metricsPort && port > 0) {
    from.fault("METRICS_PORT", "is the same as PORT: set it to another port, or to 0 for none");
  }
  const auditKeys = readAuditKeys(from);
  const settings = {
    azureResourceManagerUrl: resourceManager,
    policyFile: from.text("JIT_CONFIG") ?? "jit.yaml",
    port,
    publicUrl: from.url("PUBLIC_URL", {
      protocols: ["https:", "http:"],
      example: "https://jit.example.com",
    }),
    metricsPort: metricsPort === 0 ? undefined : metricsPort,
    metricsHost: readMetricsHost(from),
    ...auditKeys,
    auditStreamKey: readAuditStreamKey(from, auditKeys.auditKey),
    rotas: readRotas(from),
    logLevel: readLogLevel(from),
    traces: readTraces(from),
  };
  if (slack === undefined || redis === undefined || from.faults.length > 0) {
    return { faults: from.faults };
  }
  return { settings: deepFreeze({ slack, redis, ...settings }) };
}

/** The settings as the log may show them: no token, key or password. */
export function describeSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const { slack, redis, auditKey, metricsPort, metricsHost, publicUrl, azureResourceManagerUrl } =
    settings;
  const { traces } = settings;
  const name = redis.sentinelName;
  return {
    slack: { mode: slack.mode, apiUrl: slack.apiUrl },
    redis: {
      mode: redis.mode,
      nodes: redis.nodes.map(({ host, port }) => `${host}:${port}`),
      tls: redis.tls,
      database: redis.database,
      auth: redis.auth === "entra" ? "entra" : redis.password === undefined ? "none" : "password",
      ...(name !== undefined && { sentinelName: name }),
      ...(redis.waitReplicas > 0 && { waitReplicas: redis.waitReplicas }),
    },
    policyFile: settings.policyFile,
    port: settings.port,
    publicUrl: publicUrl ?? "not set",
    metricsPort: metricsPort ?? "off",
    ...(metricsHost !== undefined && { metricsHost }),
    auditSeal: auditKey === undefined ? "unkeyed" : "keyed",
    logLevel: settings.logLevel,
    traces: "off" in traces ? "off" : new URL(traces.url).host,
    ...(azureResourceManagerUrl !== undefined && { azureResourceManagerUrl }),
  };
}

function readResourceManager(from: Variables): string | undefined {
  return from.url("AZURE_RESOURCE_MANAGER_URL", {
    protocols: ["https:"],
    example: "https://management.azure.com",
    why: "Azure's client sends its token over https only",
  });
}

function readPort(from: Variables, name: string, usual: number): number {
  const text = from.text(name);
  if (text === undefined) return usual;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  from.fault(
    name,
    `isn't a port: set it to a number from 0 to 65535, or leave it out for ${usual}`,
  );
  return usual;
}

const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

function readMetricsHost(from: Variables): string | undefined {
  const text = from.text("METRICS_HOST");
  if (text === undefined || isAddress(text)) return text;
  from.fault(
    "METRICS_HOST",
    "isn't an IP address: set it to one of this machine's, such as 127.0.0.1, or leave it out for all",
  );
  return undefined;
}

function readLogLevel(from: Variables): LogLevel {
  const text = from.text("LOG_LEVEL")?.toLowerCase();
  const level = text === undefined ? "info" : LOG_LEVELS.find((one) => one === text);
  if (level === undefined) {
    from.fault("LOG_LEVEL", `isn't a level: set it to one of ${LOG_LEVELS.join(", ")}`);
  }
  return level ?? "info";
}
