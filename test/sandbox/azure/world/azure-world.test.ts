// Worlds as they are written: ids, defaults, the demo's estate, and one with 50,000 VMs.

import { describe, expect, it } from "vitest";
import { isSupported, nsgsOf } from "../../../../src/sandbox/azure/guards.ts";
import { compare, kindOf } from "../../../../src/sandbox/azure/network/sources.ts";
import { durationMs } from "../../../../src/sandbox/azure/policies/iso-duration.ts";
import { demoWorld } from "../../../../src/sandbox/azure/world/demo-world.ts";
import {
  buildWorld,
  findVm,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { resourceGraph, securityCenter, start } from "../started.ts";

describe("a world", () => {
  it("reads as a few lines and has ids as Azure makes them", () => {
    const world = buildWorld(
      vm({ name: "web-01", resourceGroup: "rg-prod", nsg: "both", publicIp: true }),
      policy({ vms: ["web-01"], ports: [22, { number: 443, protocol: "TCP", max: "PT1H" }] }),
    );
    const web = findVm(world, "WEB-01");
    const group = `/subscriptions/${subscriptionId("Demo")}/resourceGroups/rg-prod/providers`;
    expect(web.id).toBe(`${group}/Microsoft.Compute/virtualMachines/web-01`);
    expect(web.nicId).toBe(`${group}/Microsoft.Network/networkInterfaces/web-01-nic`);
    expect(nsgsOf(world, web).map(({ name }) => name)).toEqual([
      "web-01-nsg",
      "guarded-westeurope-nsg",
    ]);
    const [made] = world.policies.values();
    expect(made?.id).toBe(
      `${group}/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`,
    );
    expect(made?.vms[0]?.ports).toEqual([
      {
        number: 22,
        protocol: "*",
        maxRequestAccessDuration: "PT3H",
        allowedSourceAddressPrefix: "*",
      },
      {
        number: 443,
        protocol: "TCP",
        maxRequestAccessDuration: "PT1H",
        allowedSourceAddressPrefix: "*",
      },
    ]);
  });

  it("is the same in every run", () => {
    const ids = () => [...demoWorld().vms.keys()];
    expect(ids()).toEqual(ids());
  });

  it("refuses names that fit no VM, or two", () => {
    const twins = [vm({ name: "a", resourceGroup: "r1" }), vm({ name: "a", resourceGroup: "r2" })];
    const world = buildWorld(...twins);
    expect(() => findVm(world, "a")).toThrow("2 VMs are called a");
    expect(() => findVm(world, "b")).toThrow("0 VMs are called b");
    expect(findVm(world, "R2/A").resourceGroup).toBe("r2");
  });
});

describe("the demo's estate", () => {
  const world = demoWorld();
  const vms = [...world.vms.values()];

  it("has VMs of every kind", () => {
    const configured = (one: { id: string }) => world.policiesOfVm.has(one.id.toLowerCase());
    const names = (some: typeof vms) => some.map(({ name }) => name);
    expect(vms).toHaveLength(18);
    expect(names(vms.filter((one) => !isSupported(world, one)))).toEqual(["bare-01"]);
    expect(names(vms.filter((one) => isSupported(world, one) && !configured(one)))).toEqual([
      "batch-01",
      "web-01",
    ]);
    expect(names(vms.filter(({ firewall }) => firewall))).toEqual(["fw-linux-01", "fw-win-01"]);
    expect(names(vms.filter(({ name }) => name === "web-01" || name === "from"))).toHaveLength(3);
    expect(new Set(vms.map(({ os }) => os))).toEqual(new Set(["Linux", "Windows"]));
    expect(new Set(vms.map(({ tags }) => tags?.env))).toEqual(new Set(["prod", "dev", undefined]));
    expect(new Set(vms.map(({ privateIp }) => privateIp)).size).toBe(vms.length);
  });
});

describe("50,000 VMs", () => {
  const groups = Array.from({ length: 100 }, (_, i) => `rg-${i}`);
  const world = buildWorld(
    ...groups.flatMap((resourceGroup) => [
      ...Array.from({ length: 500 }, (_, i) =>
        vm({ name: `${resourceGroup}-vm-${i}`, resourceGroup, nsg: i % 2 ? "nic" : "subnet" }),
      ),
      policy({ vms: Array.from({ length: 500 }, (_, i) => `${resourceGroup}-vm-${i}`) }),
    ]),
  );
  const switches = { graphThrottled: false, armThrottled: false } as const;
  const ready = start(world, { switches });

  it("are paged through within seconds", async () => {
    const client = resourceGraph(await ready);
    const query = `resources | where type =~ 'microsoft.compute/virtualmachines'
      | project id, name, power = tostring(properties.extended.instanceView.powerState.code)
      | order by id asc`;
    const ids = new Set<string>();
    let skipToken: string | undefined;
    let pages = 0;
    do {
      const options = skipToken === undefined ? {} : { skipToken };
      const page = await client.resources({ query, options });
      expect(page.totalRecords).toBe(50_000);
      for (const { id } of page.data) ids.add(id);
      skipToken = page.skipToken;
      pages += 1;
    } while (skipToken !== undefined);
    expect([ids.size, pages]).toEqual([50_000, 50]);
  }, 20_000);

  it("have policies that are listed in a few pages", async () => {
    const client = securityCenter(await ready, subscriptionId("Demo"));
    let vmCount = 0;
    for await (const one of client.jitNetworkAccessPolicies.list()) {
      vmCount += one.virtualMachines.length;
    }
    expect(vmCount).toBe(50_000);
  }, 20_000);
});

describe("sources", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1", "same"],
    ["10.0.0.1", "10.0.0.1/32", "same"],
    ["10.0.0.1", "10.0.0.0/8", "narrower"],
    ["10.1.0.0/16", "10.0.0.0/8", "narrower"],
    ["10.0.0.0/8", "10.0.0.0/8", "same"],
    ["10.0.0.0/7", "10.0.0.0/8", "outside"],
    ["11.0.0.1", "10.0.0.0/8", "outside"],
    ["*", "10.0.0.0/8", "outside"],
    ["10.0.0.1", "*", "same"],
  ])("%s against %s is %s", (asked, allowed, found) => {
    expect(compare(asked, allowed)).toBe(found);
  });

  it.each([
    ["*", "any"],
    ["10.0.0.0/8", "ipv4"],
    ["10.0.0.0/33", "malformed"],
    ["10.0.0", "malformed"],
    ["::1", "ipv6"],
    ["", "malformed"],
  ])("%j is %s", (source, kind) => {
    expect(kindOf(source)).toBe(kind);
  });
});

it.each([
  ["PT3H", 10_800_000],
  ["P1D", 86_400_000],
  ["P1DT1H1M1S", 90_061_000],
  ["P", undefined],
  ["PT", undefined],
  ["P1W", undefined],
  ["3h", undefined],
])("%s lasts %s ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});
