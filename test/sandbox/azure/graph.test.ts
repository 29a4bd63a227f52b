// Resource Graph: plain queries evaluated honestly, everything else refused, pages, scopes, quota.

import { beforeEach, describe, expect, it } from "vitest";
import { openElsewhere } from "../../../src/sandbox/azure/elsewhere.ts";
import {
  add,
  bastion,
  buildWorld,
  grantAt,
  policy,
  subscription,
  subscriptionId,
  vm,
} from "../../../src/sandbox/azure/parts.ts";
import { createSwitches } from "../../../src/sandbox/azure/switches.ts";
import { emptyWorld } from "../../../src/sandbox/azure/world.ts";
import { resourceGraph, START_MS, start } from "./started.ts";

const started = await start(buildWorld());
const { azure, call, clock } = started;
const client = resourceGraph(started);
const path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
const VMS = "resources | where type =~ 'Microsoft.Compute/virtualMachines'";
const NICS = "resources | where type =~ 'Microsoft.Network/networkInterfaces'";

beforeEach(() => {
  clock.nowMs = START_MS;
  const world = buildWorld(
    vm({ name: "web", resourceGroup: "RG-Web", tags: { env: "prod" }, publicIp: "203.0.113.5" }),
    vm({ name: "win", os: "windows", power: "deallocated", nsg: "both" }),
    vm({ name: "far", subscription: "Other", firewall: true, nsg: "none" }),
    subscription({ name: "Other", plan: "P1", managementGroups: ["root", "labs"] }),
    bastion(),
    policy({ vms: ["web"] }),
  );
  Object.assign(azure.world, emptyWorld(), world);
  Object.assign(azure.switches, createSwitches({ graphThrottled: false }));
});

const rows = async (query: string, more: object = {}) =>
  (await client.resources({ query, ...more })).data;

const refused = async (query: string) => {
  const { status, body } = await call("POST", path, { query });
  return { status, body };
};

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
      `resources | where type in~ ('microsoft.network/azurefirewalls', 'microsoft.network/bastionhosts')
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
    openElsewhere(azure.azure, { vm: "web", ports: [22], source: "10.0.0.1", minutes: 60, by });
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

describe("the language", () => {
  it.each([
    ["where name == 'WEB'", []],
    ["where name =~ 'WEB'", ["web"]],
    ["where name != 'web' and name !~ 'FAR'", ["win"]],
    ["where tags.env == 'prod'", ["web"]],
    ["where tags['env'] == 'prod' or name startswith 'FA'", ["far", "web"]],
    ["where isnotempty(tags.env)", ["web"]],
    ["where not(isempty(tags.env))", ["web"]],
    ["where name in ('web', 'WIN')", ["web"]],
    ["where name !in~ ('web', 'WIN')", ["far"]],
    [
      "where (name contains 'a' or name endswith 'in') and location == 'westeurope'",
      ["far", "win"],
    ],
    ["where properties.storageProfile.osDisk.osType =~ 'windows'", ["win"]],
    ["where properties.storageprofile.osDisk.osType =~ 'windows'", []],
    ["where array_length(properties.networkProfile.networkInterfaces) > 0", ["far", "web", "win"]],
    ["extend low = tolower(name) | where low == 'web' // why not", ["web"]],
  ])("%s", async (step, names) => {
    const found = await rows(`${VMS} | ${step} | project name | order by name asc`);
    expect(found.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it("compares types to the letter with ==, as Azure does", async () => {
    const exact = "resources | where type == 'Microsoft.Compute/virtualMachines' | project id";
    expect(await rows(exact)).toEqual([]);
  });

  it("names columns after their paths, and sorts downwards unless told", async () => {
    const query = `${VMS} | project name, properties.hardwareProfile.vmSize, tostring(tags.env)
      | order by name`;
    expect(await rows(query)).toEqual(
      ["win", "web", "far"].map((name) => ({
        name,
        properties_hardwareProfile_vmSize: "Standard_D2s_v5",
        tags_env: name === "web" ? "prod" : "",
      })),
    );
  });

  it("keeps rows without elements in mv-expand, and expands 128 unless told", async () => {
    const kept = await rows(`${VMS} | mv-expand tag = tags.none | project name, tag`);
    expect(kept).toHaveLength(3);
    const [nsg] = azure.world.nsgs.values();
    nsg?.ownRules.push(
      ...Array.from({ length: 200 }, (_, i) => ({
        name: `rule-${i}`,
        priority: 200 + i,
        access: "Allow" as const,
        ports: ["80"],
        source: "*",
        destination: "*",
      })),
    );
    const count = async (limit: string) => {
      const query = `resources | where id == '${nsg?.id}'
        | mv-expand rule = properties.securityRules${limit} | project id`;
      return (await rows(query)).length;
    };
    expect([await count(""), await count(" limit 150")]).toEqual([128, 150]);
  });

  it.each([
    ["resource | project id", "resource"],
    [`${VMS} | summarize count()`, "summarize"],
    [`${VMS} | join kind=inner (resources) on id`, "join"],
    [`${VMS} | project nmae`, "nmae"],
    [`${VMS} | project id | where name == 'web'`, "name"],
    [`${VMS} | project strcat(name)`, "strcat"],
    [`${VMS} | where name = 'web'`, "="],
    [`${VMS} | where name == 'web`, "'"],
    [`${VMS} | project id | order id asc`, "id"],
    [`${VMS} | project id project name`, "project"],
  ])("refuses %s, and points at '%s'", async (query, token) => {
    const { status, body } = await refused(query);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: "BadRequest",
      message: expect.stringMatching(
        /^Please provide below info when asking for support: timestamp = 2026-11-22T10:00:00\.\d{7}Z, correlationId = [0-9a-f-]{36}\.$/,
      ),
      details: [
        {
          code: "InvalidQuery",
          message:
            "Query is invalid. Please refer to the documentation for the Azure Resource Graph " +
            "service and fix the error before retrying.",
        },
        { code: "ParserFailure", message: "ParserFailure", line: 1, token },
        { code: "Sandbox" },
      ],
    });
  });

  it("tells the place of a fault", async () => {
    const { body } = await refused("resources\n| where nmae == 'x'");
    expect(body.error.details[1]).toMatchObject({ line: 2, characterPositionInLine: 8 });
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

describe("the quota", () => {
  it("ends after 15 queries in 5 seconds, without a Retry-After, and comes back", async () => {
    azure.switches.graphThrottled = true;
    clock.nowMs += 60_000;
    const ask = () => call("POST", path, { query: `${VMS} | project id` });
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

it("refuses versions that it does not have, and bodies without a query", async () => {
  const old = await call("POST", path.replace("2024-04-01", "2018-09-01"), { query: VMS });
  expect([old.status, old.body.error.code]).toEqual([400, "NoRegisteredProviderFound"]);
  const empty = await call("POST", path, {});
  expect([empty.status, empty.body.error.code]).toEqual([400, "InvalidRequestContent"]);
});
