// Resource Graph's language: what is evaluated, and what is refused in its own words.

import { beforeEach, describe, expect, it } from "vitest";
import {
  bastion,
  buildWorld,
  policy,
  subscription,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { resourceGraph, START_MS, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock } = started;
const client = resourceGraph(started);
const path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
const VMS = "resources | where type =~ 'Microsoft.Compute/virtualMachines'";

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

const refused = async (query: string) => {
  const { status, body } = await call("POST", path, { query });
  return { status, body };
};

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
        /^Please provide below info .+: timestamp = [-T0-9:.]+Z, correlationId = [0-9a-f-]{36}\.$/,
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
