// What else the bot reads, what every answer carries, and the record of every call.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import {
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { START_MS, securityCenter, send, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock } = started;
const run = promisify(execFile);
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const subscriptionAt = `/subscriptions/${sub}?api-version=2022-12-01`;

beforeEach(() => {
  clock.nowMs = START_MS;
  azure.reset(
    buildWorld(
      vm({ name: "web", tags: { env: "prod" }, power: "stopped" }),
      policy({ vms: ["web"] }),
    ),
  );
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

it("is trusted by another process that is given its certificate", async () => {
  const script = "fetch(process.argv[1]).then((answer) => console.log(answer.status))";
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: azure.caFile };
  const { stdout } = await run(process.execPath, ["-e", script, azure.url], { env });
  expect(stdout.trim()).toBe("401");
});
