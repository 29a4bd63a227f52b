// The hosts that the bot must reach by TLS, as docs/configuration.md lists them, and its own page.

import { type Host, lookAtHost } from "../adapters/tls-look.ts";
import { lookAtTraces } from "../adapters/tracing/traces-look.ts";
import { azureEndpoint } from "../config/clouds.ts";
import type { RedisSettings } from "../config/environment/redis-settings.ts";
import type { TraceSettings, TracesOff } from "../config/environment/trace-settings.ts";
import { isLoopback } from "../config/loopback.ts";
import type { Cloud } from "../domain/rules/policy.ts";
import type { Checkup, ClearFacts, HostFacts } from "../ports/checkup.ts";

/** What is known of the settings: the doctor asks where not all are there, too. */
export type HostSettings = {
  readonly slack?: { readonly apiUrl: string } | undefined;
  readonly redis?: Pick<RedisSettings, "tls" | "nodes"> | undefined;
  readonly azureResourceManagerUrl?: string | undefined;
  readonly publicUrl?: string | undefined;
};

/** Those whose certificates are the operator's own: TLS ends there when nobody renews them. */
export function ownHosts({ redis, publicUrl }: HostSettings): readonly Host[] {
  const nodes = redis?.tls === true ? redis.nodes : [];
  return [
    ...nodes.map(({ host, port }) => ({ use: "redis" as const, host, port })),
    ...byTls("page", publicUrl),
  ];
}

/** What leaves this machine without TLS. A name without a dot is one of your own network, as of a compose file. */
export function sentInTheClear({
  redis,
  traces,
}: {
  readonly redis?: HostSettings["redis"];
  readonly traces?: Pick<TraceSettings, "url"> | TracesOff;
}): readonly ClearFacts[] {
  const isFar = ({ hostname }: URL) => !isLoopback({ hostname }) && /[.:]/.test(hostname);
  const nodes = redis?.tls === false ? redis.nodes : [];
  const far = nodes
    .map(({ host, port }) => new URL(`redis://${host.includes(":") ? `[${host}]` : host}:${port}`))
    .filter(isFar);
  const collector = traces === undefined || "off" in traces ? null : new URL(traces.url);
  return [
    ...far.map(({ host }) => ({
      what: "Redis" as const,
      host,
      fix: "let REDIS_URL begin with rediss://",
    })),
    ...(collector?.protocol === "http:" && isFar(collector)
      ? [
          {
            what: "Traces" as const,
            host: collector.host,
            fix: "let OTEL_EXPORTER_OTLP_ENDPOINT begin with https://",
          },
        ]
      : []),
  ];
}

/** `hasIdentity`: a managed identity gets its tokens on this machine, and needs no sign-in host. */
export function outsideHosts(
  { slack, azureResourceManagerUrl }: HostSettings,
  { cloud, hasIdentity }: { readonly cloud: Cloud; readonly hasIdentity: boolean },
): readonly Host[] {
  const { endpoint, authorityHost } = azureEndpoint(cloud, azureResourceManagerUrl);
  return [
    ...byTls("slack", slack?.apiUrl),
    ...byTls("azure", endpoint),
    ...(hasIdentity ? [] : byTls("sign-in", authorityHost)),
  ];
}

function byTls(use: Host["use"], address: string | undefined): readonly Host[] {
  const url = address === undefined ? null : URL.parse(address);
  if (url?.protocol !== "https:") return [];
  // An address of version 6 stands in brackets there.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return [{ use, host, ...(url.port !== "" && { port: Number(url.port) }) }];
}

export const lookAtHosts = (hosts: readonly Host[], nowMs: number): Promise<readonly HostFacts[]> =>
  Promise.all(hosts.map((host) => lookAtHost(host, nowMs)));

export const tracesChecked = (traces: TraceSettings | TracesOff): ReturnType<Checkup["traces"]> =>
  "off" in traces ? Promise.resolve(traces) : lookAtTraces(traces);
