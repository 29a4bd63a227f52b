// Who gets in and how often: the identity endpoint, tokens, rights, token buckets, quota.

import { SecurityCenter } from "@azure/arm-security";
import { DefaultAzureCredential } from "@azure/identity";
import { beforeEach, describe, expect, it } from "vitest";
import { withhold } from "../../../../src/sandbox/azure/rights.ts";
import {
  add,
  buildWorld,
  grant,
  policy,
  RIGHTS,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { credential, SCOPE, START_MS, send, start, tokenFor } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock, token } = started;
const shortLived = await start(buildWorld(), { tokenLifetimeMs: 0 });
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const subscriptionAt = `/subscriptions/${sub}?api-version=2022-12-01`;
const security = `/subscriptions/${sub}/providers/Microsoft.Security`;
const policies = `${security}/jitNetworkAccessPolicies?api-version=2020-01-01`;

beforeEach(() => {
  clock.nowMs = START_MS;
  azure.reset(
    buildWorld(
      vm({ name: "web", tags: { env: "prod" }, power: "stopped" }),
      policy({ vms: ["web"] }),
    ),
  );
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

  it("can be withheld one by one, on a scope, and given back", async () => {
    const read = { scope: rg, action: "Microsoft.Security/locations/*" };
    const inGroup = `${rg}/providers/Microsoft.Security/jitNetworkAccessPolicies?api-version=2020-01-01`;
    withhold(azure.world, read, false);
    expect(await status(inGroup)).toBe(403);
    expect(await status(policies)).toBe(200);
    const path = `${rg}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
    expect((await call("GET", path)).body.value[0].notActions).toEqual([read.action]);
    withhold(azure.world, { ...read, scope: rg.toUpperCase() }, true);
    expect(await status(inGroup)).toBe(200);
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

describe("the quota of Resource Graph", () => {
  it("ends after 15 queries in 5 seconds, without a Retry-After, and comes back", async () => {
    const path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
    const ask = () => call("POST", path, { query: "resources | project id" });
    const statuses = [];
    for (let i = 0; i < 15; i += 1) statuses.push((await ask()).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    clock.nowMs += 2_000;
    const { status, headers, body } = await ask();
    expect([status, body.error.code]).toEqual([429, "RateLimiting"]);
    expect(headers.get("x-ms-user-quota-remaining")).toBe("0");
    expect(headers.get("x-ms-user-quota-resets-after")).toBe("00:00:03");
    expect(headers.get("retry-after")).toBeNull();
    clock.nowMs += 3_000;
    expect((await ask()).status).toBe(200);
  });
});
