// Faults at the wire, as the real SDK meets them, and the control address for other processes.

import { SecurityCenter } from "@azure/arm-security";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { credential, SCOPE, START_MS, securityCenter, send, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, clock, inMinutes } = started;
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const webId = `${rg}/providers/Microsoft.Compute/virtualMachines/web`;
const client = securityCenter(started, sub).jitNetworkAccessPolicies;

beforeEach(() => {
  clock.nowMs = START_MS;
  azure.reset(
    buildWorld(
      vm({ name: "web" }),
      vm({ name: "bare", nsg: "none" }),
      vm({ name: "free" }),
      policy({ vms: ["web"] }),
    ),
  );
});
afterEach(() => azure.faults.clear());

const initiate = (of = client, options = {}) =>
  of.initiate(
    "rg-demo",
    "westeurope",
    "default",
    {
      virtualMachines: [
        {
          id: webId,
          ports: [
            { number: 22, endTimeUtc: inMinutes(30), allowedSourceAddressPrefix: "10.0.0.1" },
          ],
        },
      ],
    },
    options,
  );

const requestCount = () => [...azure.world.policies.values()][0]?.requests.length;

describe("a fault", () => {
  it("answers in the place of Azure, and nothing is done", async () => {
    const body = { error: { code: "InternalServerError", message: "Oops" } };
    azure.faults.add({ path: "/initiate", times: 1, act: { status: 500, body } });
    await expect(initiate()).rejects.toMatchObject({
      statusCode: 500,
      code: "InternalServerError",
    });
    expect(requestCount()).toBe(0);
    expect(azure.calls.at(-1)).toMatchObject({ answered: 500, handled: undefined });
    await initiate();
    expect(requestCount()).toBe(1);
  });

  it("cuts the connection before the request is handled", async () => {
    azure.faults.add({ path: "/initiate", times: 1, act: "reset" });
    await expect(initiate()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(requestCount()).toBe(0);
    expect(azure.calls.at(-1)).toMatchObject({ answered: "reset", handled: undefined });
  });

  it("loses the reply of a request that was handled", async () => {
    azure.faults.add({ path: "/initiate", times: 1, when: "after", act: "reset" });
    await expect(initiate()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(requestCount()).toBe(1);
    expect(azure.calls.at(-1)).toMatchObject({ answered: "reset", handled: 202 });
  });

  it("makes an SDK that may retry initiate twice, as it would at Azure", async () => {
    const eager = new SecurityCenter(credential(started), sub, {
      endpoint: azure.url,
      credentialScopes: [SCOPE],
      retryOptions: { maxRetries: 1, retryDelayInMs: 1 },
    });
    azure.faults.add({ path: "/initiate", times: 1, when: "after", act: "reset" });
    await initiate(eager.jitNetworkAccessPolicies);
    expect(requestCount()).toBe(2);
  });

  it("leaves the caller without an answer until it gives up", async () => {
    azure.faults.add({ path: "/initiate", act: "hang" });
    const abortSignal = AbortSignal.timeout(50);
    await expect(initiate(client, { abortSignal })).rejects.toMatchObject({ name: "AbortError" });
    expect(azure.calls.at(-1)).toMatchObject({ answered: "hang" });
  });

  it("holds a request until the rule is cleared", async () => {
    azure.faults.add({ path: "/initiate", act: "hold" });
    const held = initiate();
    await expect.poll(() => azure.faults.list()[0]?.befell).toBe(1);
    expect(requestCount()).toBe(0);
    azure.faults.clear();
    await held;
    expect(requestCount()).toBe(1);
  });

  it("befalls the identity endpoint, too", async () => {
    azure.faults.add({ path: "^/msi/token", act: { status: 503 } });
    const answer = await send(azure.identityEndpoint, "GET", {});
    expect(answer.status).toBe(503);
    expect(azure.calls.at(-1)?.server).toBe("identity");
  });
});

describe("the control address", () => {
  const control = (method: string, path: string, json?: unknown) =>
    send(`${azure.url}/_sandbox${path}`, method, { json });

  it("orders faults for another process, and is not subject to them", async () => {
    await control("POST", "/faults", { method: "POST", path: "/initiate", act: "reset" });
    await control("POST", "/faults", { act: { status: 500 } });
    await expect(initiate()).rejects.toMatchObject({ code: "ECONNRESET" });
    const { body } = await control("DELETE", "/faults");
    expect(body.faults).toEqual([]);
    await initiate();
  });

  it("is the same on the plain server, which needs no certificate", async () => {
    const plain = new URL("/_sandbox/switches", azure.identityEndpoint).href;
    expect((await send(plain, "GET", {})).body).toEqual(azure.switches);
  });

  it("turns switches, and refuses wrong ones", async () => {
    const { body } = await control("PATCH", "/switches", { opensAfterMs: "never" });
    expect(body.opensAfterMs).toBe("never");
    expect(azure.switches.opensAfterMs).toBe("never");
    expect((await control("PATCH", "/switches", { opensAfter: 3 })).status).toBe(400);
    expect((await control("PATCH", "/switches", { supersedes: "all" })).status).toBe(400);
    expect(azure.switches.opensAfterMs).toBe("never");
  });

  it("withholds rights from the bot, and shows which", async () => {
    const { body } = await control("PATCH", "/rights", { withheld: [{ action: "*/read" }] });
    expect(body.withheld).toEqual([{ scope: "/", action: "*/read" }]);
    expect((await control("GET", "/state")).body.withheld).toEqual(body.withheld);
    expect((await control("PATCH", "/rights", { withheld: ["*"] })).status).toBe(400);
    expect((await control("PATCH", "/rights", { withheld: [] })).body.withheld).toEqual([]);
  });

  it("shows VMs, doors, rules, policies and calls", async () => {
    await initiate();
    clock.nowMs += 2_000;
    const { body } = await control("GET", "/state");
    expect(body).toMatchObject({ nowMs: clock.nowMs, vmCount: 3 });
    expect(body.vms.map(({ name, jit }: { name: string; jit: string }) => [name, jit])).toEqual([
      ["web", "configured"],
      ["bare", "unsupported"],
      ["free", "not-configured"],
    ]);
    expect(body.vms[0].doors).toMatchObject([
      { port: 22, sources: ["10.0.0.1"], status: "Initiated", open: true },
    ]);
    expect(body.vms[0].rules.map(({ access }: { access: string }) => access)).toEqual([
      "Allow",
      "Deny",
    ]);
    expect(body.policies).toMatchObject([{ name: "default" }]);
    const { calls } = (await control("GET", "/calls?limit=1")).body;
    expect(calls).toMatchObject([{ method: "POST", answered: 202 }]);
    expect((await control("GET", "/state?limit=1")).body.vms).toHaveLength(1);
  });

  it("opens and shuts doors in somebody else's name", async () => {
    const act = { vm: "web", ports: [22], source: "10.0.0.9", minutes: 30 };
    expect((await control("POST", "/open", act)).body.status).toBe(202);
    const { requests } = await client.get("rg-demo", "westeurope", "default");
    expect(requests).toMatchObject([{ requestor: "barbara@contoso.com" }]);
    const closed = await control("POST", "/close", { vm: "web", port: 22 });
    expect(closed.body).toEqual({ closed: 1 });
    const missing = await control("POST", "/open", { ...act, vm: "none" });
    expect([missing.status, missing.body.error]).toEqual([400, "0 VMs are called none"]);
  });

  it("takes nothing that a browser would send without asking", async () => {
    const json = JSON.stringify({ act: "hang" });
    const headers = { "content-type": "text/plain" };
    const answer = await send(`${azure.url}/_sandbox/faults`, "POST", { text: json, headers });
    expect(answer.status).toBe(415);
    expect((await control("GET", "/other")).status).toBe(404);
  });
});
