// NSG rules that follow from policies and open doors, and what deleting one of them does.

import { beforeEach, describe, expect, it } from "vitest";
import {
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { type Body, MINUTE_MS, START_MS, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock } = started;
const rg = `/subscriptions/${subscriptionId("Demo")}/resourceGroups/rg-demo`;
const nsgAt = `${rg}/providers/Microsoft.Network/networkSecurityGroups`;
const location = `${rg}/providers/Microsoft.Security/locations/westeurope`;
const policyAt = `${location}/jitNetworkAccessPolicies/default`;
const version = "?api-version=2024-05-01";
const DENY = /^MicrosoftDefenderForCloud-JITRule_\d+_[0-9A-F]{32}$/;
const ALLOW = /^MicrosoftDefenderForCloud-JITRule-\d+-[0-9A-F]{32}$/;

beforeEach(() => {
  clock.nowMs = START_MS;
  azure.reset(
    buildWorld(
      vm({ name: "web", privateIp: "10.0.0.4" }),
      vm({ name: "both", nsg: "both", privateIp: "10.0.0.5" }),
      policy({ vms: ["web", "both"] }),
      vm({
        name: "plain",
        nsgRules: [
          {
            name: "ssh",
            priority: 300,
            access: "Allow",
            ports: ["22"],
            source: "*",
            destination: "*",
          },
        ],
      }),
    ),
  );
});

const rules = async (nsg: string): Promise<Body[]> =>
  (await call("GET", `${nsgAt}/${nsg}/securityRules${version}`)).body.value;

const open = (vmName = "web", source = "203.0.113.7") =>
  azure.elsewhere.open({ vm: vmName, ports: [22], source, minutes: 60, by: "b@contoso.com" });

const request = async () =>
  (await call("GET", `${policyAt}?api-version=2020-01-01`)).body.properties.requests[0]
    .virtualMachines[0].ports[0];

describe("a VM in a policy", () => {
  it("has one deny rule for the policy's ports", async () => {
    const [deny, ...more] = await rules("web-nsg");
    expect(more).toEqual([]);
    expect(deny.name).toMatch(DENY);
    expect(deny).toEqual({
      id: `${nsgAt}/web-nsg/securityRules/${deny.name}`,
      name: deny.name,
      type: "Microsoft.Network/networkSecurityGroups/securityRules",
      properties: {
        provisioningState: "Succeeded",
        description: "MDC JIT Network Access rule for policy 'default' of VM 'web'.",
        protocol: "*",
        sourcePortRange: "*",
        sourceAddressPrefix: "*",
        destinationAddressPrefix: "10.0.0.4",
        access: "Deny",
        priority: 4096,
        direction: "Inbound",
        sourcePortRanges: [],
        destinationPortRanges: ["22", "3389"],
        sourceAddressPrefixes: [],
        destinationAddressPrefixes: [],
      },
    });
  });

  it("has it at the priority that the switch says", async () => {
    azure.switches.denyPriority = 1000;
    expect((await rules("web-nsg"))[0].properties.priority).toBe(1000);
  });

  it("gets an allow rule above it when the door opens, and loses it at the end", async () => {
    open();
    expect(await rules("web-nsg")).toHaveLength(1);
    clock.nowMs += 2_000;
    const [allow, deny] = await rules("web-nsg");
    expect(allow.name).toMatch(ALLOW);
    expect(deny.name).toMatch(DENY);
    expect(allow.properties).toMatchObject({
      access: "Allow",
      priority: 100,
      sourceAddressPrefix: "203.0.113.7",
      destinationAddressPrefix: "10.0.0.4",
      destinationPortRange: "22",
      destinationPortRanges: [],
    });
    clock.nowMs = START_MS + 61 * MINUTE_MS;
    expect(await rules("web-nsg")).toHaveLength(1);
  });

  it("has its rules on both NSGs, if it has two", async () => {
    open("both");
    clock.nowMs += 2_000;
    const names = [await rules("both-nsg"), await rules("guarded-westeurope-nsg")];
    expect(names.map((list) => list.map((rule) => rule.properties.access))).toEqual([
      ["Allow", "Deny"],
      ["Allow", "Deny"],
    ]);
  });

  it("has none but its own rules without a policy", async () => {
    expect((await rules("plain-nsg")).map(({ name }) => name)).toEqual(["ssh"]);
    await call("DELETE", `${policyAt}?api-version=2020-01-01`);
    expect(await rules("web-nsg")).toEqual([]);
  });
});

describe("an NSG", () => {
  it("shows its rules, its default rules, and what stands behind it", async () => {
    const nic = `${rg}/providers/Microsoft.Network/networkInterfaces/web-nic`;
    const { body } = await call("GET", `${nsgAt}/web-nsg${version}`);
    expect(body).toMatchObject({
      id: `${nsgAt}/web-nsg`,
      name: "web-nsg",
      type: "Microsoft.Network/networkSecurityGroups",
      location: "westeurope",
      properties: { networkInterfaces: [{ id: nic }] },
    });
    expect(body.properties.securityRules).toEqual(await rules("web-nsg"));
    expect(body.properties.defaultSecurityRules).toHaveLength(3);
    expect(body.properties).not.toHaveProperty("subnets");
    const guarded = await call("GET", `${nsgAt}/guarded-westeurope-nsg${version}`);
    expect(guarded.body.properties.subnets).toEqual([
      { id: `${rg}/providers/Microsoft.Network/virtualNetworks/vnet-westeurope/subnets/guarded` },
    ]);
  });

  it("shows a single rule, and 404 for one that it has not", async () => {
    const [deny] = await rules("web-nsg");
    const at = `${nsgAt}/web-nsg/securityRules`;
    expect((await call("GET", `${at}/${deny.name}${version}`)).body).toEqual(deny);
    const none = await call("GET", `${at}/none${version}`);
    expect([none.status, none.body.error.code]).toEqual([404, "ResourceNotFound"]);
    expect((await call("GET", `${nsgAt}/none/securityRules${version}`)).status).toBe(404);
  });
});

describe("deleting a rule", () => {
  const deleteAllow = async () => {
    open();
    clock.nowMs += 2_000;
    const [allow] = await rules("web-nsg");
    return call("DELETE", `${nsgAt}/web-nsg/securityRules/${allow.name}${version}`);
  };

  it("is answered 202 with an operation to poll, and 204 where there is none", async () => {
    const { status, headers, body } = await deleteAllow();
    expect([status, body, headers.get("retry-after")]).toEqual([202, undefined, "1"]);
    const poll = headers.get("azure-asyncoperation") ?? "";
    expect(poll.startsWith(azure.url)).toBe(true);
    expect((await call("GET", poll.slice(azure.url.length))).body).toEqual({ status: "Succeeded" });
    expect((await call("DELETE", `${nsgAt}/web-nsg/securityRules/none${version}`)).status).toBe(
      204,
    );
  });

  it.each(["UserRequested", "Expired", "NewerRequestInitiated"] as const)(
    "shuts the door, and the policy says %s, if so switched",
    async (reason) => {
      azure.switches.deletedRule = reason;
      await deleteAllow();
      expect((await rules("web-nsg")).map(({ properties }) => properties.access)).toEqual(["Deny"]);
      expect(await request()).toMatchObject({ status: "Revoked", statusReason: reason });
    },
  );

  it("shuts the door and goes unnoticed in the policy, if so switched", async () => {
    azure.switches.deletedRule = "unnoticed";
    await deleteAllow();
    expect(await rules("web-nsg")).toHaveLength(1);
    expect(await request()).toMatchObject({ status: "Initiated", statusReason: "UserRequested" });
  });

  it("of Defender's deny rule lasts until the policy is written again", async () => {
    const [deny] = await rules("web-nsg");
    await call("DELETE", `${nsgAt}/web-nsg/securityRules/${deny.name}${version}`);
    expect(await rules("web-nsg")).toEqual([]);
    const { body } = await call("GET", `${policyAt}?api-version=2020-01-01`);
    await call("PUT", `${policyAt}?api-version=2020-01-01`, body);
    expect(await rules("web-nsg")).toEqual([deny]);
  });

  it("of somebody's own rule takes it away", async () => {
    await call("DELETE", `${nsgAt}/plain-nsg/securityRules/ssh${version}`);
    expect(await rules("plain-nsg")).toEqual([]);
  });

  it("asks for its right", async () => {
    azure.world.grants = [{ scope: "/", actions: ["*/read"], notActions: [] }];
    const [deny] = await rules("web-nsg");
    const { status, body } = await call(
      "DELETE",
      `${nsgAt}/web-nsg/securityRules/${deny.name}${version}`,
    );
    expect([status, body.error.code]).toEqual([403, "AuthorizationFailed"]);
  });
});

it("shuts doors when somebody else does", async () => {
  open();
  clock.nowMs += 2_000;
  expect(azure.elsewhere.close({ vm: "web", port: 22 })).toBe(1);
  expect(await rules("web-nsg")).toHaveLength(1);
  expect(await request()).toMatchObject({ status: "Revoked", statusReason: "UserRequested" });
  expect(azure.elsewhere.close({ vm: "web", port: 22 })).toBe(0);
});
