// Each cloud on the wire, through the real SDKs: which hosts are spoken to, and for what tokens are asked there.
// Of src/adapters/azure/client/clients.ts.

import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { azureCredential } from "../../../../src/adapters/azure/client/credential.ts";
import { azureEndpoint } from "../../../../src/config/clouds.ts";
import type { VmKey } from "../../../../src/domain/text/ids.ts";
import { buildWorld, policy, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { makeCertificate } from "../../../../src/sandbox/tls.ts";
import { startTunnel } from "../../../support/tunnel.ts";
import { faultOf, MINUTE_MS, simulate } from "../bot.ts";
import { startEntra } from "../entra.ts";

/** By Microsoft's pages of national clouds; written out here, for a table is no proof of itself. */
const CLOUDS = [
  ["public", "management.azure.com", "login.microsoftonline.com"],
  ["usgov", "management.usgovcloudapi.net", "login.microsoftonline.us"],
  // The SDK knows that login.chinacloudapi.cn is an older name of this one.
  ["china", "management.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
] as const;
const TENANT = "11111111-2222-4333-8444-555555555555";

const hosts = CLOUDS.flatMap(([, manager, login]) => [manager, login]);
const certificate = await makeCertificate(hosts);
const simulated = await simulate({
  certificate,
  audiences: CLOUDS.map(([, manager]) => `https://${manager}`),
});
const { azure, clock } = simulated;
const entra = await startEntra(certificate, async (audience) => {
  const headers = { "x-identity-header": azure.identityHeader };
  const query = new URLSearchParams({ resource: audience, "api-version": "2019-08-01" });
  const answer = await fetch(`${azure.identityEndpoint}?${query}`, { headers });
  return ((await answer.json()) as { access_token: string }).access_token;
});
const managerPort = Number(new URL(azure.url).port);
const tunnel = await startTunnel(
  Object.fromEntries(
    CLOUDS.flatMap(([, manager, login]) => [
      [manager, managerPort],
      [login, entra.port],
    ]),
  ),
);
afterAll(async () => {
  await tunnel.close();
  await entra.close();
});

/** A machine somewhere, with an application's secret, that reaches the internet by a proxy. */
Object.assign(process.env, {
  AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
  AZURE_TENANT_ID: TENANT,
  AZURE_CLIENT_ID: "99999999-8888-4777-8666-555555555555",
  AZURE_CLIENT_SECRET: "a secret",
  HTTPS_PROXY: tunnel.url,
  NO_PROXY: "127.0.0.1",
});

beforeEach(() => simulated.reset(buildWorld(vm({ name: "web" }), policy({ vms: ["web"] }))));

describe.each(CLOUDS)("the cloud %s", (cloud, manager, login) => {
  it("is asked at its own addresses, with its own tokens, for everything", async () => {
    const { endpoint, scope, authorityHost } = azureEndpoint(cloud);
    const from = { tunnel: tunnel.asked.length, entra: entra.asked.length };
    const { bot } = simulated.bot({ endpoint, scope, credential: azureCredential(authorityHost) });

    const [key, found] = [...(await bot.refresh()).vms][0] ?? [];
    const policyId = bot.snapshot().vmPolicies.get(key as VmKey)?.[0]?.policyId ?? "";
    await bot.open({
      jitPolicyId: policyId,
      vmId: found?.id ?? "",
      ports: [{ number: 22, source: "203.0.113.0/24", endsAtMs: clock.nowMs() + 30 * MINUTE_MS }],
      justification: "a test",
      clientRequestId: "c0ffee",
    });
    expect((await bot.readPolicy(policyId))?.entries).toHaveLength(1);
    expect((await bot.checkup()).subscriptions).toMatchObject([
      { plan: { tier: "Standard" }, permissions: expect.any(Array) },
    ]);

    expect(new Set(tunnel.asked.slice(from.tunnel))).toEqual(
      new Set([`${manager}:443`, `${login}:443`]),
    );
    expect(entra.asked.slice(from.entra)).toEqual([
      { host: login, tenant: TENANT, scope: `https://${manager}/.default` },
    ]);
    expect(new Set(simulated.sent("/").map(({ headers }) => headers.host))).toEqual(
      new Set([manager]),
    );
  });

  it("keeps its audience where another address stands in for its Resource Manager", async () => {
    const { endpoint, scope, authorityHost, portal } = azureEndpoint(cloud, `${azure.url}/`);
    expect({ endpoint, portal }).toEqual({
      endpoint: azure.url,
      portal: azureEndpoint(cloud).portal,
    });
    const from = entra.asked.length;
    const { bot } = simulated.bot({ endpoint, scope, credential: azureCredential(authorityHost) });
    expect((await bot.refresh()).vms.size).toBe(1);
    expect(entra.asked.slice(from).map(({ scope: asked }) => asked)).toEqual([
      `https://${manager}/.default`,
    ]);
  });
});

it("takes no token of another cloud", async () => {
  const { endpoint, authorityHost } = azureEndpoint("public");
  const scope = "https://vault.usgovcloudapi.net/.default";
  const { bot } = simulated.bot({ endpoint, scope, credential: azureCredential(authorityHost) });
  expect(await faultOf(bot.refresh())).toMatchObject({
    code: "InvalidAuthenticationTokenAudience",
  });
});
