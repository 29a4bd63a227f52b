// Who gets in and how often: tokens, rights, buckets, versions, TLS, and the record of every call.

import { SecurityCenter } from "@azure/arm-security";
import { DefaultAzureCredential } from "@azure/identity";
import { beforeEach, describe, expect, it } from "vitest";
import {
  add,
  buildWorld,
  grant,
  policy,
  RIGHTS,
  subscriptionId,
  vm,
} from "../../../src/sandbox/azure/parts.ts";
import { createSwitches } from "../../../src/sandbox/azure/switches.ts";
import { emptyWorld } from "../../../src/sandbox/azure/world.ts";
import {
  credential,
  HOUR_MS,
  SCOPE,
  START_MS,
  securityCenter,
  send,
  start,
  tokenFor,
} from "./started.ts";

const started = await start(buildWorld());
const { azure, call, clock, token } = started;
const shortLived = await start(buildWorld(), { tokenLifetimeMs: 0 });
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const subscriptionAt = `/subscriptions/${sub}?api-version=2022-12-01`;
const policies = `/subscriptions/${sub}/providers/Microsoft.Security/jitNetworkAccessPolicies?api-version=2020-01-01`;

beforeEach(() => {
  clock.nowMs = START_MS;
  const world = buildWorld(
    vm({ name: "web", tags: { env: "prod" }, power: "stopped" }),
    policy({ vms: ["web"] }),
  );
  Object.assign(azure.world, emptyWorld(), world);
  Object.assign(azure.switches, createSwitches());
});

describe("the identity endpoint", () => {
  const ask = (query: Record<string, string>, header = azure.identityHeader) =>
    send(`${azure.identityEndpoint}?${new URLSearchParams(query)}`, "GET", {
      headers: { "x-identity-header": header },
    });
  const good = { "api-version": "2019-08-01", resource: "https://management.azure.com" };

  it("gives a token for the resource that is asked for", async () => {
    const { status, body } = await ask(good);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_on: expect.stringMatching(/^\d{10}$/),
      resource: good.resource,
      token_type: "Bearer",
      client_id: azure.world.bot.clientId,
    });
    const claims = Buffer.from(body.access_token.split(".")[1], "base64url").toString();
    expect(JSON.parse(claims)).toMatchObject({
      aud: good.resource,
      oid: azure.world.bot.objectId,
      tid: azure.world.tenantId,
    });
  });

  it("asks for its header, its version and a resource", async () => {
    const statuses = [
      await ask(good, "wrong"),
      await ask({ ...good, "api-version": "2017-09-01" }),
      await ask({ "api-version": "2019-08-01" }),
      await ask({ ...good, client_id: "somebody" }),
      await send(azure.identityEndpoint.replace("/msi/token", "/other"), "GET", {}),
    ];
    expect(statuses.map(({ status }) => status)).toEqual([401, 400, 400, 400, 404]);
  });

  it("is enough for both credentials that the bot may use", async () => {
    const options = { endpoint: azure.url, credentialScopes: [SCOPE] };
    for (const one of [credential(started), new DefaultAzureCredential()]) {
      const client = new SecurityCenter(one, sub, options);
      const plan = await client.pricings.get("VirtualMachines");
      expect(plan).toMatchObject({ pricingTier: "Standard", subPlan: "P2" });
    }
  });
});

describe("a call without a good token", () => {
  const fetchWith = (authorization?: string) =>
    send(azure.url + subscriptionAt, "GET", { headers: authorization ? { authorization } : {} });

  it.each([
    { what: "none", header: () => undefined, code: "AuthenticationFailed" },
    { what: "no bearer", header: () => "Basic abc", code: "InvalidAuthenticationToken" },
    { what: "nonsense", header: () => "Bearer a.b.c", code: "InvalidAuthenticationToken" },
    {
      what: "one for another audience",
      header: async () => `Bearer ${await tokenFor(azure, "https://vault.azure.net")}`,
      code: "InvalidAuthenticationTokenAudience",
    },
    {
      what: "an expired one",
      header: () => {
        // Of another simulator, for the SDKs of this process go on using the tokens of this one.
        const made = tokenFor(shortLived.azure, "https://management.azure.com");
        return made.then((text) => `Bearer ${text}`);
      },
      code: "ExpiredAuthenticationToken",
    },
  ])("($what) is answered 401", async ({ header, code }) => {
    const { status, body, headers } = await fetchWith(await header());
    expect([status, body.error.code]).toEqual([401, code]);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer authorization_uri="https:/);
  });

  it("is what all calls are once the tokens are made to expire", async () => {
    const path = subscriptionAt;
    const old = await shortLived.token();
    shortLived.azure.expireTokens();
    const { status, body } = await send(shortLived.azure.url + path, "GET", { token: old });
    expect([status, body.error.code]).toEqual([401, "ExpiredAuthenticationToken"]);
  });

  it("in the clear is not answered at all", async () => {
    const plain = azure.url.replace("https:", "http:");
    await expect(fetch(plain + subscriptionAt)).rejects.toThrow();
  });
});

describe("rights", () => {
  const status = async (path: string) => (await call("GET", path)).status;

  it("match with wildcards and without regard to case, and notActions win", async () => {
    azure.world.grants = [];
    add(azure.world, grant("microsoft.RESOURCES/subscriptions/*"));
    expect(await status(subscriptionAt)).toBe(200);
    azure.world.grants = [];
    add(azure.world, grant("*", "-Microsoft.Resources/*/read"));
    expect(await status(subscriptionAt)).toBe(403);
    expect(await status(policies)).toBe(200);
  });

  it("hold on the scope that they were granted on, and below", async () => {
    azure.world.grants = [{ scope: rg.toUpperCase(), actions: ["*"], notActions: [] }];
    expect(await status(policies)).toBe(403);
    const inGroup = `${rg}/providers/Microsoft.Security/jitNetworkAccessPolicies`;
    expect(await status(`${inGroup}?api-version=2020-01-01`)).toBe(200);
  });

  it("can be read by the bot itself", async () => {
    const path = `${rg}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
    const { body } = await call("GET", path);
    const actions = Object.values(RIGHTS).flat();
    expect(body.value).toEqual([{ actions, notActions: [], dataActions: [], notDataActions: [] }]);
  });

  it("keep subscriptions out of the list", async () => {
    const list = async () =>
      (await call("GET", "/subscriptions?api-version=2022-12-01")).body.value.map(
        ({ displayName }: { displayName: string }) => displayName,
      );
    add(azure.world, vm({ name: "far", subscription: "Other" }));
    expect(await list()).toEqual(["Demo", "Other"]);
    azure.world.grants = [{ scope: `/subscriptions/${sub}`, actions: ["*"], notActions: [] }];
    expect(await list()).toEqual(["Demo"]);
  });
});

describe("throttling", () => {
  let hours = 0;
  beforeEach(() => {
    // Later than every test before, so that the buckets are full.
    hours += 1;
    clock.nowMs = START_MS + hours * HOUR_MS;
  });

  const reads = async (count: number) => {
    const good = await token();
    const answers = await Promise.all(
      Array.from({ length: count }, () => send(azure.url + policies, "GET", { token: good })),
    );
    return answers.map(({ status }) => status);
  };

  it("takes 250 reads at once and 25 a second, per subscription", async () => {
    expect(new Set(await reads(250))).toEqual(new Set([200]));
    const { status, headers, body } = await call("GET", policies);
    expect([status, body.error.code]).toEqual([429, "SubscriptionRequestsThrottled"]);
    expect(headers.get("retry-after")).toBe("1");
    expect(body.error.message).toMatch(/^Number of 'read' requests for subscription '.+' actor/);
    add(azure.world, vm({ name: "far", subscription: "Other" }));
    const other = policies.replace(sub, subscriptionId("Other"));
    expect((await call("GET", other)).status).toBe(200);
    clock.nowMs += 1_000;
    const later = await reads(26);
    expect(later.filter((one) => one === 200)).toHaveLength(25);
  });

  it("can leave out when to come back, and can be switched off", async () => {
    azure.switches.retryAfter = false;
    await reads(250);
    const { status, headers } = await call("GET", policies);
    expect([status, headers.get("retry-after")]).toEqual([429, null]);
    azure.switches.armThrottled = false;
    expect((await call("GET", policies)).status).toBe(200);
  });

  it("tells how much is left", async () => {
    const { headers } = await call("GET", policies);
    expect(headers.get("x-ms-ratelimit-remaining-subscription-reads")).toBe("249");
  });
});

describe("what the bot reads beside policies", () => {
  it("is a subscription", async () => {
    const { body } = await call("GET", subscriptionAt);
    expect(body).toMatchObject({
      id: `/subscriptions/${sub}`,
      subscriptionId: sub,
      tenantId: azure.world.tenantId,
      displayName: "Demo",
      state: "Enabled",
    });
  });

  it("is a VM, its instance view, and its resource group", async () => {
    const at = `${rg}/providers/Microsoft.Compute/virtualMachines/WEB`;
    const { body } = await call("GET", `${at}?api-version=2024-07-01`);
    expect(body).toMatchObject({
      name: "web",
      type: "Microsoft.Compute/virtualMachines",
      location: "westeurope",
      tags: { env: "prod" },
      properties: { storageProfile: { osDisk: { osType: "Linux" } } },
    });
    expect(body.properties).not.toHaveProperty("instanceView");
    const view = await call("GET", `${at}/instanceView?api-version=2024-07-01`);
    expect(view.body.statuses[1]).toEqual({
      code: "PowerState/stopped",
      level: "Info",
      displayStatus: "VM stopped",
    });
    const expanded = await call("GET", `${at}?api-version=2024-07-01&$expand=instanceView`);
    expect(expanded.body.properties.instanceView).toEqual(view.body);
    const none = await call("GET", `${at}x?api-version=2024-07-01`);
    expect([none.status, none.body.error.code]).toEqual([404, "ResourceNotFound"]);
    const groups = await call("GET", `/subscriptions/${sub}/resourceGroups?api-version=2024-11-01`);
    expect(groups.body.value).toMatchObject([{ id: rg, name: "rg-demo" }]);
  });

  it("is a network interface by its id, if it may", async () => {
    const at = `${rg}/providers/Microsoft.Network/networkInterfaces/web-nic?api-version=2024-05-01`;
    const { body } = await call("GET", at);
    expect(body).toMatchObject({
      type: "Microsoft.Network/networkInterfaces",
      properties: { networkSecurityGroup: { id: expect.stringMatching(/web-nsg$/) } },
    });
    azure.world.grants = [];
    expect((await call("GET", at)).status).toBe(403);
    expect((await call("GET", at.replace("web-nic", "none"))).status).toBe(403);
  });

  it("is the plan, with the SDK's own version", async () => {
    const list = await securityCenter(started, sub).pricings.list();
    expect(list.value).toMatchObject([{ name: "VirtualMachines", subPlan: "P2" }]);
  });
});

describe("the answer to every call", () => {
  it("carries the simulated time and ids of the request", async () => {
    const { headers } = await call("GET", subscriptionAt);
    expect(headers.get("date")).toBe("Sun, 22 Nov 2026 10:00:00 GMT");
    expect(headers.get("x-ms-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-ms-correlation-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is 404 for what the sandbox has not, and 405 for what it cannot do there", async () => {
    const none = await call("GET", "/providers/Microsoft.Nothing/things?api-version=2020-01-01");
    expect([none.status, none.body.error.code]).toEqual([404, "NotFound"]);
    const wrong = await call("PATCH", subscriptionAt);
    expect([wrong.status, wrong.body.error.code]).toEqual([405, "MethodNotAllowed"]);
    const graph = await call("GET", "/providers/Microsoft.ResourceGraph/resources");
    expect(graph.status).toBe(405);
  });

  it("is on record with what was sent, but for the token", async () => {
    await securityCenter(started, sub).pricings.get("VirtualMachines", {
      requestOptions: { customHeaders: { "x-ms-client-request-id": "abc" } },
    });
    expect(azure.calls.at(-1)).toMatchObject({
      atMs: START_MS,
      server: "arm",
      method: "GET",
      path: `/subscriptions/${sub}/providers/Microsoft.Security/pricings/VirtualMachines`,
      query: { "api-version": "2022-03-01" },
      body: undefined,
      clientRequestId: "abc",
      callerAddress: "127.0.0.1",
      answered: 200,
      handled: 200,
    });
    expect(azure.calls.at(-1)?.headers).toMatchObject({
      authorization: "present",
      "x-ms-client-request-id": "abc",
    });
    await send(azure.url + subscriptionAt, "GET", {});
    expect(azure.calls.at(-1)?.headers).not.toHaveProperty("authorization");
    expect(azure.calls.at(-1)?.answered).toBe(401);
  });
});
