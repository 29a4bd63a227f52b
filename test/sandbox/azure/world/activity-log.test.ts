// The Activity Log: what is in it, when it can be seen, and which filters it takes.

import { beforeEach, describe, expect, it } from "vitest";
import {
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { type Body, MINUTE_MS, START_MS, securityCenter, send, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock, inMinutes, token } = started;
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const jit = "Microsoft.Security/locations/jitNetworkAccessPolicies";
const location = `${rg}/providers/Microsoft.Security/locations/westeurope`;
const at = `${location}/jitNetworkAccessPolicies/default`;
const log = `/subscriptions/${sub}/providers/Microsoft.Insights/eventtypes/management/values`;
const since = "eventTimestamp ge '2026-11-22T09:00:00Z'";

beforeEach(() => {
  clock.nowMs = START_MS;
  const world = buildWorld(vm({ name: "web" }), policy({ vms: ["web"] }));
  azure.reset(world);
});

const ask = (filter: string, more: Record<string, string> = {}) => {
  const query = new URLSearchParams({ "api-version": "2015-04-01", $filter: filter, ...more });
  return call("GET", `${log}?${query}`);
};

const events = async (filter = since): Promise<Body[]> => (await ask(filter)).body.value;

const initiate = (port = 22, requestId = "0b5e7b8a-0000-4000-8000-000000000001") =>
  securityCenter(started, sub).jitNetworkAccessPolicies.initiate(
    "rg-demo",
    "westeurope",
    "default",
    {
      virtualMachines: [
        {
          id: `${rg}/providers/Microsoft.Compute/virtualMachines/web`,
          ports: [
            { number: port, endTimeUtc: inMinutes(30), allowedSourceAddressPrefix: "10.0.0.1" },
          ],
        },
      ],
    },
    { requestOptions: { customHeaders: { "x-ms-client-request-id": requestId } } },
  );

describe("an initiate", () => {
  it("shows after the delay, as several events with one correlation id", async () => {
    await initiate();
    expect(await events()).toEqual([]);
    clock.nowMs += 2 * MINUTE_MS;
    const found = await events();
    expect(found.map(({ status }) => status.value)).toEqual(["Succeeded", "Accepted", "Started"]);
    expect(new Set(found.map(({ correlationId }) => correlationId)).size).toBe(1);
    expect(found[1]).toEqual({
      authorization: { action: `${jit}/initiate/action`, scope: at },
      caller: azure.world.bot.objectId,
      channels: "Operation",
      claims: { name: "jit-bot" },
      correlationId: found[0].correlationId,
      description: "",
      eventDataId: expect.any(String),
      eventName: { value: "EndRequest", localizedValue: "End request" },
      category: { value: "Administrative", localizedValue: "Administrative" },
      httpRequest: {
        clientRequestId: "0b5e7b8a-0000-4000-8000-000000000001",
        clientIpAddress: "127.0.0.1",
        method: "POST",
      },
      id: `${at}/events/${found[1].eventDataId}/ticks/639309384000000000`,
      level: "Informational",
      resourceGroupName: "rg-demo",
      resourceProviderName: { value: "Microsoft.Security", localizedValue: "Microsoft.Security" },
      resourceId: at,
      resourceType: { value: jit, localizedValue: jit },
      operationId: found[1].operationId,
      operationName: {
        value: `${jit}/initiate/action`,
        localizedValue: `${jit}/initiate/action`,
      },
      properties: { statusCode: "Accepted", serviceRequestId: expect.any(String) },
      status: { value: "Accepted", localizedValue: "Accepted" },
      subStatus: { value: "Accepted", localizedValue: "Accepted (HTTP Status Code: 202)" },
      eventTimestamp: "2026-11-22T10:00:00.0000000Z",
      submissionTimestamp: "2026-11-22T10:02:00.0000000Z",
      subscriptionId: sub,
      tenantId: azure.world.tenantId,
    });
  });

  it("that failed shows as failed", async () => {
    await expect(initiate(23)).rejects.toMatchObject({ statusCode: 400 });
    azure.switches.activityDelayMs = 0;
    const found = await events();
    expect(found.map(({ status, level }) => [status.value, level])).toEqual([
      ["Failed", "Error"],
      ["Started", "Informational"],
    ]);
    expect(found[0].subStatus.value).toBe("BadRequest");
  });

  it("that was not allowed shows without having started", async () => {
    azure.switches.activityDelayMs = 0;
    azure.world.grants = [{ scope: "/", actions: ["*/read"], notActions: [] }];
    await expect(initiate()).rejects.toMatchObject({ statusCode: 403 });
    expect((await events()).map(({ status }) => status.value)).toEqual(["Failed"]);
  });

  it("of somebody else shows that person as the caller", async () => {
    azure.switches.activityDelayMs = 0;
    const by = "barbara@contoso.com";
    azure.elsewhere.open({ vm: "web", ports: [22], source: "10.0.0.1", minutes: 30, by });
    expect((await events())[0].caller).toBe(by);
  });
});

it("has writes and deletes, and never reads", async () => {
  azure.switches.activityDelayMs = 0;
  const { body } = await call("GET", `${at}?api-version=2020-01-01`);
  await call("PUT", `${at}?api-version=2020-01-01`, body);
  await call("DELETE", `${at}?api-version=2020-01-01`);
  const names = (await events()).map(({ operationName, status }) => [
    operationName.value,
    status.value,
  ]);
  expect(names).toEqual([
    [`${jit}/delete`, "Succeeded"],
    [`${jit}/delete`, "Started"],
    [`${jit}/write`, "Succeeded"],
    [`${jit}/write`, "Started"],
  ]);
});

describe("the filter", () => {
  beforeEach(async () => {
    azure.switches.activityDelayMs = 0;
    await initiate();
    clock.nowMs += MINUTE_MS;
  });

  it.each([
    { what: "times", filter: `${since} and eventTimestamp le '2026-11-22T10:00:00Z'`, count: 3 },
    {
      what: "times before",
      filter: `${since} and eventTimestamp le '2026-11-22T09:59:59Z'`,
      count: 0,
    },
    { what: "times after", filter: "eventTimestamp ge '2026-11-22T10:00:01Z'", count: 0 },
    {
      what: "a provider",
      filter: `${since} and resourceProvider eq 'microsoft.security'`,
      count: 3,
    },
    {
      what: "another provider",
      filter: `${since} and resourceProvider eq 'Microsoft.Compute'`,
      count: 0,
    },
    { what: "a resource group", filter: `${since} and resourceGroupName eq RG-DEMO`, count: 3 },
    { what: "a resource", filter: `${since} and resourceUri eq '${at}'`, count: 3 },
    { what: "a correlation id", filter: `${since} and correlationId eq 'none'`, count: 0 },
  ])("takes $what", async ({ filter, count }) => {
    expect(await events(filter)).toHaveLength(count);
  });

  it.each([
    "",
    "resourceProvider eq 'Microsoft.Security'",
    `${since} and operationName eq 'initiate'`,
    `${since} and caller eq 'me'`,
    `${since} and status eq 'Failed'`,
    `${since} or resourceProvider eq 'Microsoft.Security'`,
    `${since} and resourceProvider eq 'a' and resourceGroupName eq 'b'`,
    "eventTimestamp ge 'yesterday'",
  ])("refuses %j", async (filter) => {
    const { status, body } = await ask(filter);
    expect([status, Object.keys(body), body.code]).toEqual([
      400,
      ["code", "message"],
      "BadRequest",
    ]);
  });
});

it("comes in pages, and only with the fields that are asked for", async () => {
  Object.assign(azure.switches, { activityDelayMs: 0, activityPageSize: 2 });
  await initiate();
  const first = (await ask(since, { $select: "status, caller" })).body;
  expect(first.value.map((one: Body) => Object.keys(one))).toEqual([
    ["status", "caller"],
    ["status", "caller"],
  ]);
  const last = await send(first.nextLink, "GET", { token: await token() });
  expect(last.body.value.map(({ status }: Body) => status.value)).toEqual(["Started"]);
  expect(last.body.nextLink).toBeNull();
});

it("shows the ids that callers chose, whosever they were before", async () => {
  azure.switches.activityDelayMs = 0;
  const act = { vm: "web", ports: [22], source: "203.0.113.7", minutes: 30, by: "b@contoso.com" };
  const chosen = { clientRequestId: "a-1", correlationId: "c-1" };
  for (let n = 0; n < 2; n++) azure.elsewhere.open({ ...act, ...chosen });
  const found = await events();
  expect(new Set(found.map((one) => one.httpRequest.clientRequestId))).toEqual(new Set(["a-1"]));
  expect(new Set(found.map((one) => one.correlationId))).toEqual(new Set(["c-1"]));
  expect(new Set(found.map((one) => one.eventDataId)).size).toBe(6);
  for (const one of found) expect(one.properties.serviceRequestId).toMatch(/^[0-9a-f-]{36}$/);
});

it("keeps 90 days", async () => {
  azure.switches.activityDelayMs = 0;
  await initiate();
  clock.nowMs += 90 * 24 * 60 * MINUTE_MS;
  expect(await events()).toHaveLength(3);
  clock.nowMs += 1;
  expect(await events()).toHaveLength(0);
  await initiate();
  expect(azure.world.events).toHaveLength(3);
});
