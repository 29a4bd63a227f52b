// Tokens: asked for the right cloud, had once, kept while good, and what is said when there is none.

import { setTimeout as wait } from "node:timers/promises";
import type { AccessToken, TokenCredential } from "@azure/identity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sharedCredential } from "../../../../src/adapters/azure/client/credential.ts";
import { azureEndpoint } from "../../../../src/config/clouds.ts";
import { buildWorld, policy, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, simulate } from "../bot.ts";

const GOV = "https://management.usgovcloudapi.net";
const CHINA = "https://management.chinacloudapi.cn";
const simulated = await simulate({
  audiences: ["https://management.azure.com", GOV, CHINA],
});
const { azure, sent } = simulated;

const tokensAsked = () => azure.calls.filter(({ server }) => server === "identity");
const policyId = () => [...azure.world.policies.values()][0]?.id ?? "";
const askAtOnce = { scope: "https://nobody.example/.default" };

beforeEach(() => simulated.reset(buildWorld(vm({ name: "web" }), policy({ vms: ["web"] }))));

describe("the token", () => {
  it.each([
    ["usgov", GOV],
    ["china", CHINA],
  ] as const)("for the cloud %s is asked for %s", async (cloud, resource) => {
    const { endpoint, scope } = azureEndpoint(cloud, azure.url);
    const { bot } = simulated.bot({ endpoint, scope });
    expect((await bot.refresh()).vms.size).toBe(1);
    expect(await bot.readPolicy(policyId())).toBeDefined();
    expect(tokensAsked().map(({ query }) => query.resource)).toEqual([resource]);
  });

  it("that can't be had is a fault with advice, and nothing was sent to Azure", async () => {
    azure.faults.add({
      path: "/msi/token",
      act: { status: 400, body: { message: "no identity" } },
    });
    const { bot } = simulated.bot(askAtOnce);
    expect(await faultOf(bot.readPolicy(policyId()))).toMatchObject({
      code: "CredentialUnavailableError",
      message: expect.stringMatching(/^The bot couldn't get a token for Azure: check its managed /),
      retryable: true,
      ambiguous: false,
    });
    expect(sent("/")).toEqual([]);
  });

  it("that does not come is a fault in time, and nothing was sent to Azure", async () => {
    azure.faults.add({ path: "/msi/token", act: "hang" });
    const { bot } = simulated.bot({ ...askAtOnce, timeouts: { readPolicyMs: 250 } });
    expect(await faultOf(bot.readPolicy(policyId()))).toMatchObject({
      code: "CredentialUnavailableError",
      message: expect.stringMatching(/No answer within 1 s\.$/),
      retryable: true,
      ambiguous: false,
    });
    expect(sent("/")).toEqual([]);
  });

  it("for the wrong audience is Azure's refusal", async () => {
    const { bot } = simulated.bot({ scope: "https://vault.azure.net/.default" });
    expect(await faultOf(bot.readPolicy(policyId()))).toMatchObject({
      code: "InvalidAuthenticationTokenAudience",
      retryable: true,
      ambiguous: false,
    });
  });
});

describe("a credential that is shared", () => {
  const MINUTE_MS = 60_000;
  let asked = 0;
  let answer: () => Promise<AccessToken | null>;
  const credential: TokenCredential = {
    getToken: () => {
      asked += 1;
      return answer();
    },
  };
  const good = (leftMs: number) => async () => ({
    token: `token-${asked}`,
    expiresOnTimestamp: Date.now() + leftMs,
  });

  beforeEach(() => {
    asked = 0;
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks once for all who wait, and again only shortly before the end", async () => {
    answer = good(60 * MINUTE_MS);
    const shared = sharedCredential(credential);
    const tokens = await Promise.all([shared.getToken("s"), shared.getToken("s")]);
    expect(tokens.map((one) => one?.token)).toEqual(["token-1", "token-1"]);
    vi.setSystemTime(Date.now() + 57 * MINUTE_MS);
    expect((await shared.getToken("s"))?.token).toBe("token-1");
    vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
    expect((await shared.getToken("s"))?.token).toBe("token-2");
  });

  it("goes on with a token that is still good while there is no other", async () => {
    answer = good(90_000);
    const shared = sharedCredential(credential);
    await shared.getToken("s");
    answer = () => Promise.reject(new Error("away"));
    expect((await shared.getToken("s"))?.token).toBe("token-1");
    vi.setSystemTime(Date.now() + 85_000);
    expect(await faultOf(shared.getToken("s"))).toMatchObject({ retryable: true });
    answer = good(90_000);
    expect((await shared.getToken("s"))?.token).toBe("token-4");
  });

  it("asks anew after Azure refused the token, and for another scope", async () => {
    answer = good(60 * MINUTE_MS);
    const shared = sharedCredential(credential);
    await shared.getToken("s");
    shared.forget();
    expect((await shared.getToken("s"))?.token).toBe("token-2");
    expect((await shared.getToken("t"))?.token).toBe("token-3");
    expect((await shared.getToken("t", { claims: "{}" }))?.token).toBe("token-4");
  });

  it("does not wait for ever, and asks again after that", async () => {
    answer = () => wait(60_000, null, { ref: false });
    const shared = sharedCredential(credential, 20);
    expect(await faultOf(shared.getToken("s"))).toMatchObject({
      code: "CredentialUnavailableError",
    });
    answer = good(MINUTE_MS);
    expect((await shared.getToken("s"))?.token).toBe("token-2");
  });

  it.each([
    ["nothing", async () => null, "CredentialUnavailableError", /certificate\.$/],
    [
      "Entra's refusal",
      () => Promise.reject(new Error("invalid_client AADSTS7000215: secret hunter2 of app a1b2")),
      "AuthenticationFailed",
      /Microsoft Entra ID answered AADSTS7000215\.$/,
    ],
    [
      "a setting of its own",
      () => Promise.reject(new Error("Invalid value for AZURE_TOKEN_CREDENTIALS = hunter2.")),
      "CredentialUnavailableError",
      /AZURE_TOKEN_CREDENTIALS has an unknown value\.$/,
    ],
  ])("says what to check, and no secret, after %s", async (_, answered, code, message) => {
    answer = answered;
    const fault = await faultOf(sharedCredential(credential).getToken("s"));
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(fault.message).not.toMatch(/hunter2|a1b2/);
  });
});
