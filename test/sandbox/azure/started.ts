// A simulated Azure for one test file, a clock that stands still, and the real SDKs pointed at it.

import { ResourceGraphClient } from "@azure/arm-resourcegraph";
import { SecurityCenter } from "@azure/arm-security";
import { ManagedIdentityCredential } from "@azure/identity";
import { afterAll } from "vitest";
import {
  type AzureOptions,
  type SimulatedAzure,
  startAzure,
} from "../../../src/sandbox/azure/azure-server.ts";
import type { AzureEstate } from "../../../src/sandbox/azure/world/azure-estate.ts";
import { trustInProcess } from "../../../src/sandbox/tls.ts";

export const SCOPE = "https://management.azure.com/.default";
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** Where every test's clock starts. */
export const START_MS = Date.parse("2026-11-22T10:00:00Z");

export type Started = {
  azure: SimulatedAzure;
  clock: { nowMs: number };
  /** In `minutes` of the test's clock, as the SDK takes it. */
  inMinutes: (minutes: number) => Date;
  token: () => Promise<string>;
  /** A call with a good token; the path begins with a slash, `json` becomes the body. */
  call: (method: string, path: string, json?: unknown) => Promise<Answer>;
};

export type Answer = { status: number; headers: Headers; body: Body };
/** Whatever came: tests know what they look at. */
export type Body = ReturnType<typeof JSON.parse>;

/** Starts once for the file, and stops after its last test. */
export async function start(
  world: AzureEstate,
  options: Partial<Omit<AzureOptions, "world">> = {},
): Promise<Started> {
  const clock = { nowMs: START_MS };
  const azure = await startAzure({ world, nowMs: () => clock.nowMs, ...options });
  afterAll(() => azure.close());
  trustInProcess(azure.caPem);
  const token = () => tokenFor(azure, "https://management.azure.com");
  return {
    azure,
    clock,
    inMinutes: (minutes) => new Date(clock.nowMs + minutes * MINUTE_MS),
    token,
    call: async (method, path, json) =>
      send(azure.url + path, method, { json, token: await token() }),
  };
}

export async function send(
  url: string,
  method: string,
  with_: { json?: unknown; text?: string; token?: string; headers?: Record<string, string> },
): Promise<Answer> {
  const {
    json,
    token,
    headers,
    text = json === undefined ? undefined : JSON.stringify(json),
  } = with_;
  const response = await fetch(url, {
    method,
    ...(text !== undefined && { body: text }),
    headers: {
      ...(text !== undefined && { "content-type": "application/json" }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  const answer = await response.text();
  const body = answer === "" ? undefined : JSON.parse(answer);
  return { status: response.status, headers: response.headers, body };
}

export async function tokenFor(azure: SimulatedAzure, resource: string): Promise<string> {
  const query = new URLSearchParams({ "api-version": "2019-08-01", resource });
  const answer = await fetch(`${azure.identityEndpoint}?${query}`, {
    headers: { "x-identity-header": azure.identityHeader },
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** The credential that the bot would use on an App Service. Sets the variables that it reads. */
export function credential({ azure }: Started): ManagedIdentityCredential {
  process.env.IDENTITY_ENDPOINT = azure.identityEndpoint;
  process.env.IDENTITY_HEADER = azure.identityHeader;
  return new ManagedIdentityCredential();
}

export function securityCenter(started: Started, subscriptionId: string): SecurityCenter {
  return new SecurityCenter(credential(started), subscriptionId, {
    endpoint: started.azure.url,
    credentialScopes: [SCOPE],
    retryOptions: { maxRetries: 0 },
  });
}

export function resourceGraph(started: Started): ResourceGraphClient {
  return new ResourceGraphClient(credential(started), {
    endpoint: started.azure.url,
    credentials: { scopes: [SCOPE] },
    retryOptions: { maxRetries: 0 },
  });
}
