// Resource Graph: rows of every type, pages, scopes, rights.

import { beforeEach, describe, expect, it } from "vitest";
import {
  add,
  bastion,
  buildWorld,
  grantAt,
  policy,
  subscription,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { resourceGraph, START_MS, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock } = started;
const client = resourceGraph(started);
const path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
const VMS = "resources | where type =~ 'Microsoft.Compute/virtualMachines'";
const NICS = "resources | where type =~ 'Microsoft.Network/networkInterfaces'";

beforeEach(() => {
  clock.nowMs = START_MS;
  azure.reset(
    buildWorld(
      vm({ name: "web", resourceGroup: "RG-Web", tags: { env: "prod" }, publicIp: "203.0.113.5" }),
      vm({ name: "win", os: "windows", power: "deallocated", nsg: "both" }),
      vm({ name: "far", subscription: "Other", firewall: true, nsg: "none" }),
      subscription({ name: "Other", plan: "P1", managementGroups: ["root", "labs"] }),
      bastion(),
      policy({ vms: ["web"] }),
    ),
  );
  azure.switches.graphThrottled = false;
});

const rows = async (query: string, more: object = {}) =>
  (await client.resources({ query, ...more })).data;

describe("the rows of VMs and their network", () => {
  it("have the columns that an inventory is made from", async () => {
    const query = `${VMS}
      | project id, name, location, resourceGroup, subscriptionId, tags,
          osType = tostring(properties.storageProfile.osDisk.osType),
          power = tostring(properties.extended.instanceView.powerState.code),
          nics = properties.networkProfile.networkInterfaces
      | order by id asc`;
    const group = `/subscriptions/${subscriptionId("Demo")}/resourceGroups/RG-Web`;
    const found = await rows(query);
    expect(found).toHaveLength(3);
    expect(found[0]).toEqual({
      id: `${group}/providers/Microsoft.Compute/virtualMachines/web`,
      name: "web",
      location: "westeurope",
      resourceGroup: "rg-web",
      subscriptionId: subscriptionId("Demo"),
      tags: { env: "prod" },
      osType: "Linux",
      power: "PowerState/running",
      nics: [
        {
          id: `${group}/providers/Microsoft.Network/networkInterfaces/web-nic`,
          properties: { primary: true },
        },
      ],
    });
    expect(found[1]).toMatchObject({
      name: "win",
      tags: null,
      osType: "Windows",
      power: "PowerState/deallocated",
    });
  });

  it("lead from VM to interface, NSG, subnet, public address and firewall", async () => {
    const query = `${NICS} | mv-expand config = properties.ipConfigurations
      | project name, vm = tostring(properties.virtualMachine.id),
          nsg = tostring(properties.networkSecurityGroup.id),
          ip = tostring(config.properties.privateIPAddress),
          subnet = tostring(config.properties.subnet.id),
          publicIp = tostring(config.properties.publicIPAddress.id)
      | order by name asc`;
    const [far, web, win] = await rows(query);
    expect(far).toMatchObject({ nsg: "", publicIp: "" });
    expect(web).toMatchObject({ nsg: expect.stringMatching(/\/web-nsg$/) });
    expect(web.ip).toMatch(/^10\.\d+\.\d+\.\d+$/);
    expect(win.subnet).toMatch(/\/subnets\/guarded$/);
    const [address] = await rows(
      `resources | where type =~ 'microsoft.network/publicipaddresses' and name == 'web-ip'
       | project id, ip = tostring(properties.ipAddress)`,
    );
    expect(address).toEqual({ id: web.publicIp, ip: "203.0.113.5" });
    const networks = await rows(
      `resources | where type =~ 'microsoft.network/virtualnetworks'
       | mv-expand subnet = properties.subnets
       | project id = tostring(subnet.id), prefix = tostring(subnet.properties.addressPrefix),
           nsg = tostring(subnet.properties.networkSecurityGroup.id)`,
    );
    expect(networks.filter(({ id }: { id: string }) => id === win.subnet)).toMatchObject([
      { nsg: expect.stringMatching(/guarded-westeurope-nsg$/) },
    ]);
    const names = networks.map(({ id }: { id: string }) => id.split("/").at(-1));
    expect(names).toContain("AzureBastionSubnet");
    expect(names).toContain("AzureFirewallSubnet");
    const others = await rows(
      `resources
       | where type in~ ('microsoft.network/azurefirewalls', 'microsoft.network/bastionhosts')
       | project id, type | order by type asc`,
    );
    expect(others.map(({ type }: { type: string }) => type)).toEqual([
      "microsoft.network/azurefirewalls",
      "microsoft.network/bastionhosts",
    ]);
  });

  it("spell the resource group in capitals where Azure does, unless switched off", async () => {
    const query = `${NICS} | where name == 'web-nic' | project vm = properties.virtualMachine.id`;
    expect((await rows(query))[0].vm).toContain("/resourceGroups/RG-WEB/");
    azure.switches.idCase = "same";
    expect((await rows(query))[0].vm).toContain("/resourceGroups/RG-Web/");
  });

  it("show the rules of NSGs, open doors included", async () => {
    const query = `resources | where type =~ 'microsoft.network/networksecuritygroups'
      | where name == 'web-nsg' | mv-expand rule = properties.securityRules
      | project name = tostring(rule.name), access = tostring(rule.properties.access)`;
    const by = "b@contoso.com";
    azure.elsewhere.open({ vm: "web", ports: [22], source: "10.0.0.1", minutes: 60, by });
    clock.nowMs += 2_000;
    expect((await rows(query)).map(({ access }: { access: string }) => access)).toEqual([
      "Allow",
      "Deny",
    ]);
  });

  it("have no JIT policies among them", async () => {
    const query = "resources | where type contains 'jitnetworkaccess' | project id";
    expect(await rows(query)).toEqual([]);
  });
});

describe("other tables", () => {
  it("have subscriptions, resource groups and plans", async () => {
    const subscriptions = await rows(
      `resourcecontainers | where type =~ 'microsoft.resources/subscriptions'
       | project id, name, state = tostring(properties.state) | order by name asc`,
    );
    expect(subscriptions).toMatchObject([{ name: "Demo" }, { name: "Other", state: "Enabled" }]);
    const groups = await rows(
      `ResourceContainers | where type =~ 'microsoft.resources/subscriptions/resourcegroups'
       | project name | order by name asc`,
    );
    expect(groups).toEqual([{ name: "RG-Web" }, { name: "rg-demo" }, { name: "rg-demo" }]);
    const plans = await rows(
      `securityresources | where type =~ 'microsoft.security/pricings' and name == 'VirtualMachines'
       | project subscriptionId, tier = properties.pricingTier, plan = properties.subPlan
       | order by plan asc`,
    );
    expect(plans).toMatchObject([
      { tier: "Standard", plan: "P1" },
      { tier: "Standard", plan: "P2" },
    ]);
  });
});

describe("pages", () => {
  const query = `${VMS} | project id, name | order by id asc`;

  it("have the shape of the published specification", async () => {
    const { status, body, headers } = await call("POST", path, { query, options: { $top: 2 } });
    expect(status).toBe(200);
    expect(body).toEqual({
      totalRecords: 3,
      count: 2,
      data: [expect.anything(), expect.anything()],
      facets: [],
      resultTruncated: "false",
      $skipToken: expect.any(String),
    });
    expect(headers.get("x-ms-user-quota-remaining")).toMatch(/^\d+$/);
    expect(headers.get("x-ms-user-quota-resets-after")).toMatch(/^00:00:0\d$/);
  });

  it("are turned by the token until there is none", async () => {
    const first = await client.resources({ query, options: { top: 2 } });
    const { skipToken = "" } = first;
    const last = await client.resources({ query, options: { top: 2, skipToken } });
    expect(last.skipToken).toBeUndefined();
    const names = [...first.data, ...last.data].map(({ name }) => name).sort();
    expect(names).toEqual(["far", "web", "win"]);
  });

  it("do not go on with another query's token", async () => {
    const { skipToken = "" } = await client.resources({ query, options: { top: 1 } });
    const other = `${VMS} | project id`;
    await expect(client.resources({ query: other, options: { skipToken } })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  it("have no token where the query cuts itself short, or has no ids", async () => {
    const taken = await client.resources({ query: `${query} | take 2`, options: { top: 1 } });
    expect([taken.skipToken, taken.resultTruncated]).toEqual([undefined, "true"]);
    const nameless = await client.resources({
      query: `${VMS} | project name`,
      options: { top: 1 },
    });
    expect([nameless.skipToken, nameless.resultTruncated]).toEqual([undefined, "true"]);
  });
});

describe("scopes and rights", () => {
  const query = `${VMS} | project name | order by name asc`;
  const names = async (more: object = {}) =>
    (await rows(query, more)).map(({ name }: { name: string }) => name);

  it("go by subscription and management group", async () => {
    expect(await names({ subscriptions: [subscriptionId("Other")] })).toEqual(["far"]);
    expect(await names({ managementGroups: ["labs"] })).toEqual(["far"]);
    expect(await names({ managementGroups: ["root"] })).toEqual(["far", "web", "win"]);
  });

  it("refuse a query that no readable subscription is left for", async () => {
    const asked = { query, subscriptions: [subscriptionId("Nobody's")] };
    const { status, body } = await call("POST", path, asked);
    expect([status, body.error.code]).toEqual([400, "BadRequest"]);
    expect(body.error.details[0].message).toBe(
      "There must be at least one subscription that is eligible to contain resources.",
    );
  });

  it("leave out what the bot may not read", async () => {
    azure.world.grants = [];
    const group = `/subscriptions/${subscriptionId("Demo")}/resourceGroups/rg-demo`;
    add(
      azure.world,
      grantAt(group, "*/read"),
      grantAt("/", "Microsoft.Resources/subscriptions/read"),
    );
    expect(await names()).toEqual(["win"]);
  });
});

it("refuses versions that it does not have, and bodies without a query", async () => {
  const old = await call("POST", path.replace("2024-04-01", "2018-09-01"), { query: VMS });
  expect([old.status, old.body.error.code]).toEqual([400, "NoRegisteredProviderFound"]);
  const empty = await call("POST", path, {});
  expect([empty.status, empty.body.error.code]).toEqual([400, "InvalidRequestContent"]);
});
