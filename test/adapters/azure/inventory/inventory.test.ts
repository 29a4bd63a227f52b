// VMs as they are made of rows, odd ones included, and with a network that can't be read.

import { beforeEach, describe, expect, it } from "vitest";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import type { Vm } from "../../../../src/domain/vm/vm.ts";
import {
  buildWorld,
  findVm,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure } = simulated;
const GRAPH = "Microsoft.ResourceGraph";

const DEMO = subscriptionId("Demo");
const ROW_ID = `/subscriptions/${DEMO}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/Odd-01`;

/** Answers the VM query with these rows. */
const answerVms = (...data: unknown[]) =>
  azure.faults.add({
    bodyIncludes: "microsoft.compute/virtualmachines",
    act: { status: 200, body: { totalRecords: data.length, count: data.length, data } },
  });

beforeEach(() => simulated.reset(buildWorld(vm({ name: "web" }))));

describe("a VM", () => {
  it("is shown with its place, its tags, its power and its addresses", async () => {
    simulated.reset(
      buildWorld(
        vm({
          name: "Web-01",
          os: "windows",
          resourceGroup: "RG-Prod",
          subscription: "Prod",
          location: "northeurope",
          tags: { env: "prod", Team: "A" },
          power: "deallocated",
          privateIp: "10.1.2.3",
          publicIp: "198.18.0.9",
          nsg: "subnet",
        }),
      ),
    );
    const { vms, atMs } = await simulated.bot().bot.refresh();
    const { id } = findVm(azure.world, "web-01");
    const expected: Vm = {
      key: vmKey(id),
      id,
      name: "Web-01",
      resourceGroup: "RG-Prod",
      subscriptionId: subscriptionId("Prod"),
      location: "northeurope",
      tags: { env: "prod", Team: "A" },
      os: "windows",
      power: "PowerState/deallocated",
      privateAddresses: ["10.1.2.3"],
      publicAddresses: ["198.18.0.9"],
      hasNsg: true,
    };
    expect(atMs).toBe(START_MS);
    expect([...vms]).toEqual([[vmKey(id), expected]]);
  });

  it.each([
    ["nic", true],
    ["subnet", true],
    ["both", true],
    ["none", false],
  ] as const)("with an NSG on %s: %s", async (nsg, hasNsg) => {
    simulated.reset(buildWorld(vm({ name: "web", nsg })));
    const { vms } = await simulated.bot().bot.refresh();
    expect([...vms.values()][0]?.hasNsg).toBe(hasNsg);
  });

  it("can't be changed by those who look at it", async () => {
    const { bot } = simulated.bot();
    const snapshot = await bot.refresh();
    const [web] = snapshot.vms.values();
    expect(
      [snapshot, snapshot.unread, web, web?.tags, web?.privateAddresses].every(Object.isFrozen),
    ).toBe(true);
    expect(bot.snapshot()).toBe(snapshot);
  });
});

describe("rows that are not as expected", () => {
  it("need nothing but an id", async () => {
    answerVms({ id: ROW_ID });
    const { vms } = await simulated.bot().bot.refresh();
    expect(vms.get(vmKey(ROW_ID))).toEqual({
      key: ROW_ID.toLowerCase(),
      id: ROW_ID,
      name: "Odd-01",
      resourceGroup: "RG",
      subscriptionId: DEMO,
      location: "",
      tags: {},
      os: undefined,
      power: undefined,
      privateAddresses: [],
      publicAddresses: [],
      hasNsg: undefined,
    });
  });

  it("lose the fields that are wrong and keep the others", async () => {
    answerVms({ id: ROW_ID, name: 7, tags: { a: null, b: 1 }, os: "BeOS", power: {}, new: [] });
    const { vms } = await simulated.bot().bot.refresh();
    expect(vms.get(vmKey(ROW_ID))).toMatchObject({
      name: "Odd-01",
      tags: { a: "", b: "1" },
      os: undefined,
      power: undefined,
    });
  });

  it("are left out and counted if they have no id, and said once", async () => {
    answerVms({ id: ROW_ID, tags: null }, { name: "no-id" }, null, "row", { id: "elsewhere" });
    const { bot, lines } = simulated.bot();
    await bot.refresh();
    const { vms } = await bot.refresh();
    expect([...vms.keys()]).toEqual([ROW_ID.toLowerCase()]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: "warn", facts: { subject: "rows: vms", fault: "4" } });
  });

  it("are a fault if they are no rows at all", async () => {
    azure.faults.add({ path: GRAPH, act: { status: 200, body: { data: "none" } } });
    expect(await faultOf(simulated.bot().bot.refresh())).toMatchObject({
      code: "UnreadableAnswer",
      retryable: true,
    });
  });
});

describe("the network", () => {
  const forbid = (type: string) =>
    azure.faults.add({
      bodyIncludes: type,
      act: { status: 403, body: { error: { code: "AuthorizationFailed", message: "Not you." } } },
    });

  it.each([
    ["networkinterfaces", { privateAddresses: [], publicAddresses: [], hasNsg: undefined }],
    ["publicipaddresses", { publicAddresses: [], hasNsg: true }],
    ["networksecuritygroups", { publicAddresses: ["198.18.0.9"], hasNsg: undefined }],
  ])("does not cost the VMs if %s can't be read, and it is said once", async (type, expected) => {
    simulated.reset(buildWorld(vm({ name: "web", nsg: "subnet", publicIp: "198.18.0.9" })));
    const rule = forbid(type);
    const { bot, lines } = simulated.bot();
    await bot.refresh();
    const { vms } = await bot.refresh();
    expect([...vms.values()]).toMatchObject([{ name: "web", ...expected }]);
    expect(lines).toMatchObject([
      { level: "warn", facts: { fault: "AuthorizationFailed", said: "Not you." } },
    ]);
    azure.faults.clear(rule);
    await bot.refresh();
    expect(lines.slice(1)).toMatchObject([{ level: "info", text: "read from Azure again" }]);
  });

  it("shows the primary interface and configuration first", async () => {
    const { id, nicId, subnetId } = findVm(azure.world, "web");
    const address = (privateIPAddress: string, primary: boolean) => ({
      properties: { privateIPAddress, primary, subnet: { id: subnetId.toUpperCase() } },
    });
    const nic = (name: string, primary: unknown, ipConfigurations: unknown[]) => {
      return { id: nicId + name, vm: id.toUpperCase(), nsg: "", primary, ipConfigurations };
    };
    const data = [
      nic("a", "false", [address("10.0.0.4", true)]),
      nic("b", "true", [address("10.0.0.5", false), "odd", address("10.0.0.6", true)]),
      nic("c", null, []),
    ];
    azure.faults.add({ bodyIncludes: "networkinterfaces", act: { status: 200, body: { data } } });
    const { vms } = await simulated.bot().bot.refresh();
    expect([...vms.values()][0]?.privateAddresses).toEqual(["10.0.0.6", "10.0.0.5", "10.0.0.4"]);
  });
});
