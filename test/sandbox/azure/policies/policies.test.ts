// JIT policies through the real SDK and on the wire: read, replaced, deleted, listed page by page.

import { beforeEach, describe, expect, it } from "vitest";
import {
  add,
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { securityCenter, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock, inMinutes } = started;
const sub = subscriptionId("Demo");
const group = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const security = `${group}/providers/Microsoft.Security`;
const at = `${security}/locations/westeurope/jitNetworkAccessPolicies/default`;
const webId = `${group}/providers/Microsoft.Compute/virtualMachines/web`;
const version = "?api-version=2020-01-01";
const client = securityCenter(started, sub).jitNetworkAccessPolicies;

beforeEach(() => {
  const world = buildWorld(vm({ name: "web" }), vm({ name: "db" }), policy({ vms: ["web"] }));
  azure.reset(world);
});

describe("a policy", () => {
  it("has the shape of the published specification, field for field", async () => {
    const { status, body } = await call("GET", at + version);
    expect(status).toBe(200);
    expect(body).toEqual({
      kind: "Basic",
      properties: {
        virtualMachines: [
          {
            id: webId,
            ports: [
              {
                number: 22,
                protocol: "*",
                allowedSourceAddressPrefix: "*",
                maxRequestAccessDuration: "PT3H",
              },
              {
                number: 3389,
                protocol: "*",
                allowedSourceAddressPrefix: "*",
                maxRequestAccessDuration: "PT3H",
              },
            ],
          },
        ],
        requests: [],
        provisioningState: "Succeeded",
      },
      id: at,
      name: "default",
      type: "Microsoft.Security/locations/jitNetworkAccessPolicies",
      location: "westeurope",
    });
  });

  it("is found whatever the case of its path", async () => {
    const { status, body } = await call("GET", at.toUpperCase() + version);
    expect([status, body.id]).toEqual([200, at]);
  });

  it("is read by the SDK", async () => {
    const read = await client.get("rg-demo", "westeurope", "default");
    expect(read.virtualMachines[0]?.ports.map(({ number }) => number)).toEqual([22, 3389]);
  });

  it("is replaced as a whole by put, and keeps fields that nobody knows", async () => {
    const dbId = webId.replace(/web$/, "db");
    const port = {
      number: 443,
      protocol: "TCP",
      allowedSourceAddressPrefixes: ["10.0.0.0/8", "203.0.113.7"],
      maxRequestAccessDuration: "PT90M",
      comment: "kept",
    };
    const body = { kind: "Basic", properties: { virtualMachines: [{ id: dbId, ports: [port] }] } };
    const put = await call("PUT", at + version, body);
    expect(put.status).toBe(200);
    const read = await call("GET", at + version);
    expect(read.body).toEqual(put.body);
    expect(read.body.properties.virtualMachines).toEqual([{ id: dbId, ports: [port] }]);
  });

  it("is made by the SDK's put where there was none", async () => {
    const port = { number: 22, protocol: "*", maxRequestAccessDuration: "P1D" };
    const ports = [{ ...port, allowedSourceAddressPrefix: "*" }];
    const body = { kind: "Basic", virtualMachines: [{ id: webId, ports }] };
    const made = await client.createOrUpdate("rg-demo", "westeurope", "second", body);
    expect(made.id).toBe(at.replace("default", "second"));
    expect(made.provisioningState).toBe("Succeeded");
  });

  it("is deleted with 200, and with 204 when it is gone already", async () => {
    const statuses = [await call("DELETE", at + version), await call("DELETE", at + version)];
    expect(statuses.map(({ status }) => status)).toEqual([200, 204]);
    await expect(client.get("rg-demo", "westeurope", "default")).rejects.toMatchObject({
      statusCode: 404,
      code: "ResourceNotFound",
    });
  });
});

describe("what put does to requests", () => {
  const openOne = async () => {
    const ports = [
      { number: 22, endTimeUtc: inMinutes(60), allowedSourceAddressPrefix: "203.0.113.7" },
    ];
    const body = { virtualMachines: [{ id: webId, ports }] };
    await client.initiate("rg-demo", "westeurope", "default", body);
  };
  const countAfterPut = async (requests: unknown) => {
    const { body } = await call("GET", at + version);
    const { virtualMachines } = body.properties;
    await call("PUT", at + version, { ...body, properties: { virtualMachines, requests } });
    return (await call("GET", at + version)).body.properties.requests.length;
  };

  it("is nothing, unless the switch says so", async () => {
    await openOne();
    expect(await countAfterPut(undefined)).toBe(1);
  });

  it("is to drop those that are not repeated, if the switch says so", async () => {
    azure.switches.requestsOnPut = "replace";
    await openOne();
    const { requests } = (await call("GET", at + version)).body.properties;
    expect(await countAfterPut(requests)).toBe(1);
    expect(await countAfterPut([])).toBe(0);
    expect(azure.world.doorsOfVm.size).toBe(0);
  });
});

describe("lists", () => {
  const namesAt = async (path: string) => {
    const { body } = await call("GET", `${path}${version}`);
    return body.value.map(({ id }: { id: string }) => id.split("/").slice(4).join("/"));
  };

  beforeEach(() => {
    add(
      azure.world,
      vm({ name: "north", resourceGroup: "rg-north", location: "northeurope" }),
      policy({ vms: ["north"] }),
      vm({ name: "far", resourceGroup: "rg-north", location: "westeurope" }),
      policy({ vms: ["far"], name: "other" }),
    );
  });

  const place = (location: string, name: string) =>
    `providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${name}`;

  it("go by subscription, location, resource group, or both", async () => {
    const provider = "providers/Microsoft.Security";
    const all = `/subscriptions/${sub}/${provider}/jitNetworkAccessPolicies`;
    const west = `/subscriptions/${sub}/${provider}/locations/WestEurope`;
    const inWest = `${west}/jitNetworkAccessPolicies`;
    const north = `/subscriptions/${sub}/resourceGroups/RG-NORTH/${provider}`;
    expect(await namesAt(all)).toHaveLength(3);
    expect(await namesAt(inWest)).toEqual([
      `rg-demo/${place("westeurope", "default")}`,
      `rg-north/${place("westeurope", "other")}`,
    ]);
    expect(await namesAt(`${north}/jitNetworkAccessPolicies`)).toEqual([
      `rg-north/${place("northeurope", "default")}`,
      `rg-north/${place("westeurope", "other")}`,
    ]);
    expect(await namesAt(`${north}/locations/northeurope/jitNetworkAccessPolicies`)).toEqual([
      `rg-north/${place("northeurope", "default")}`,
    ]);
  });

  it("are turned page by page by the SDK", async () => {
    azure.switches.policyPageSize = 2;
    const pages: number[] = [];
    for await (const page of client.list().byPage()) pages.push(page.length);
    expect(pages).toEqual([2, 1]);
  });

  it("ask for the right that the switch names, region by region for no more", async () => {
    azure.world.grants = [
      {
        scope: "/",
        actions: ["Microsoft.Security/locations/jitNetworkAccessPolicies/read"],
        notActions: [],
      },
    ];
    const all = `/subscriptions/${sub}/providers/Microsoft.Security/jitNetworkAccessPolicies`;
    expect((await call("GET", all + version)).status).toBe(200);
    azure.switches.listingAtOnce = "wildcard";
    const { status, body } = await call("GET", all + version);
    expect([status, body.error.code]).toEqual([403, "AuthorizationFailed"]);
    const region = all.replace("/jitNetwork", "/locations/westeurope/jitNetwork");
    expect((await call("GET", region + version)).status).toBe(200);
    azure.world.grants = [{ scope: "/", actions: ["Microsoft.Security/*/read"], notActions: [] }];
    expect((await call("GET", all + version)).status).toBe(200);
  });
});

describe("a policy of a VM behind a firewall", () => {
  it("shows the firewall's address, and does not keep what is put there", async () => {
    add(azure.world, vm({ name: "inner", firewall: "198.51.100.9", nsg: "none" }));
    const inner = webId.replace(/web$/, "inner");
    const port = { number: 22, protocol: "*", maxRequestAccessDuration: "PT3H" };
    const ports = [{ ...port, allowedSourceAddressPrefix: "*" }];
    const virtualMachines = [{ id: inner, ports, publicIpAddress: "192.0.2.1" }];
    const { body } = await call("PUT", at + version, { properties: { virtualMachines } });
    expect(body.properties.virtualMachines[0].publicIpAddress).toBe("198.51.100.9");
  });
});

it("forgets requests that ended long ago", async () => {
  const ports = [{ number: 22, endTimeUtc: inMinutes(5), allowedSourceAddressPrefix: "10.0.0.1" }];
  await client.initiate("rg-demo", "westeurope", "default", {
    virtualMachines: [{ id: webId, ports }],
  });
  const count = async () => (await client.get("rg-demo", "westeurope", "default")).requests?.length;
  clock.nowMs += 6 * 60_000;
  expect(await count()).toBe(1);
  azure.switches.endedKeptMs = 0;
  clock.nowMs += 1;
  expect(await count()).toBe(0);
  expect(azure.world.doorsOfVm.size).toBe(0);
});
