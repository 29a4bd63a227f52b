// What a `.env` may set: the settings that are documented, and no address to which a secret is sent that it doesn't
// hold itself. Commands run in folders of others, and theirs must not redirect what is yours. Pure.

import { SECRETS } from "./secret-names.ts";
import type { Environment } from "./variables.ts";

/** Beside secrets and their files. Never what Node reads, nor what Azure sets where a managed identity is. */
const OTHERS = [
  "SLACK_API_URL",
  "REDIS_MODE",
  "REDIS_SENTINEL_NAME",
  "REDIS_AUTH",
  "REDIS_WAIT_REPLICAS",
  "AZURE_RESOURCE_MANAGER_URL",
  "AZURE_AUTHORITY_HOST",
  "AZURE_TENANT_ID",
  "AZURE_CLIENT_ID",
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "JIT_CONFIG",
  "PORT",
  "PUBLIC_URL",
  "METRICS_PORT",
  "METRICS_HOST",
  "PAGERDUTY_API_URL",
  "INCIDENTIO_API_URL",
  "HTTPS_PROXY",
  "NO_PROXY",
  "LOG_LEVEL",
  "OTEL_SDK_DISABLED",
  "OTEL_TRACES_EXPORTER",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  "OTEL_SERVICE_NAME",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
];

export const ENV_FILE_SETTINGS: readonly string[] = [
  ...SECRETS,
  ...SECRETS.map((name) => `${name}_FILE`),
  ...OTHERS,
];

type Destination = {
  readonly name: string;
  readonly secrets: readonly string[];
  /** Where the services themselves are. */
  readonly known?: readonly string[];
};

const DESTINATIONS: readonly Destination[] = [
  {
    name: "SLACK_API_URL",
    secrets: ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"],
    known: ["https://slack.com/api", "https://slack-gov.com/api"],
  },
  {
    name: "PAGERDUTY_API_URL",
    secrets: ["PAGERDUTY_TOKEN"],
    known: ["https://api.pagerduty.com", "https://api.eu.pagerduty.com"],
  },
  {
    name: "INCIDENTIO_API_URL",
    secrets: ["INCIDENTIO_TOKEN"],
    known: ["https://api.incident.io"],
  },
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].map((name) => ({
    name,
    secrets: ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"],
  })),
];

/** Where tokens of the Azure identity go, which is there without any variable. */
const OF_IDENTITY = ["AZURE_RESOURCE_MANAGER_URL", "AZURE_AUTHORITY_HOST"];
/** Only all three of them keep Azure's client from another identity. */
const IDENTITY = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

export type EnvFile = {
  /** What the environment lacks. */
  readonly values: Readonly<Record<string, string>>;
  /** The names in the file that are none of its settings. */
  readonly unread: readonly string[];
  /** One sentence for each address that would get a secret from elsewhere. */
  readonly faults: readonly string[];
};

/** `written`: the file's variables. What the environment sets comes first. */
export function readEnvFile(written: Environment, env: Environment): EnvFile {
  const values: Record<string, string> = {};
  for (const name of ENV_FILE_SETTINGS) {
    const value = written[name];
    if (value !== undefined && env[name] === undefined) values[name] = value;
  }
  const faults = misdirected(values, env);
  for (const { name } of faults) delete values[name];
  return {
    values,
    unread: Object.keys(written).filter((name) => !ENV_FILE_SETTINGS.includes(name)),
    faults: faults.map(({ name, owner }) => faultOf(name, owner)),
  };
}

type Misdirected = { readonly name: string; readonly owner: string };

function misdirected(values: Environment, env: Environment): readonly Misdirected[] {
  const isSet = (value: string | undefined) => value !== undefined && value !== "";
  const isElsewhere = (secret: string) =>
    [env[secret], env[`${secret}_FILE`], values[`${secret}_FILE`]].some(isSet);
  const found: Misdirected[] = [];
  for (const { name, secrets, known = [] } of DESTINATIONS) {
    const address = values[name]?.trim().replace(/\/+$/, "");
    const owner = secrets.find(isElsewhere);
    if (address === undefined || address === "" || known.includes(address)) continue;
    if (owner !== undefined) found.push({ name, owner });
  }
  if (IDENTITY.every((name) => isSet(values[name]))) return found;
  const signsIn = isSet(env.REDIS_AUTH ?? values.REDIS_AUTH);
  for (const name of signsIn ? [...OF_IDENTITY, "REDIS_URL"] : OF_IDENTITY) {
    if (isSet(values[name])) found.push({ name, owner: "the Azure identity" });
  }
  return found;
}

const faultOf = (name: string, owner: string): string =>
  `${name} in .env isn't used: ${owner} comes from elsewhere, and this file must not say where it's sent. Set ${name} in the environment.`;
