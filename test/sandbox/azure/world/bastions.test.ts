// Which VMs an Azure Bastion serves: those in its own virtual network, as far as it can be seen.

import { describe, expect, it } from "vitest";
import { bastion, buildWorld, findVm, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { simulate } from "../../../adapters/azure/bot.ts";

const simulated = await simulate();
const { azure } = simulated;

const NEAR = { resourceGroup: "rg-near", location: "westeurope" };
const FAR = { resourceGroup: "rg-far", location: "westeurope" };
const world = () =>
  buildWorld(vm({ ...NEAR, name: "near" }), vm({ ...FAR, name: "far" }), bastion(NEAR));

/** The names of the VMs that have one. */
async function served(bot = simulated.bot().bot): Promise<readonly string[]> {
  const { vms } = await bot.refresh();
  expect(vms.size).toBe(2);
  return [...vms.values()].filter((one) => one.hasBastion).map((one) => one.name);
}

const answer = (...data: unknown[]) =>
  azure.faults.add({ bodyIncludes: "bastionhosts", act: { status: 200, body: { data } } });

const row = (id: string, ...subnets: unknown[]) => ({
  id,
  ipConfigurations: subnets.map((subnet) => ({ properties: { subnet } })),
});
const ID = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/bastionHosts/b";

describe("an Azure Bastion", () => {
  it("serves the VMs of its own network, and no others", async () => {
    simulated.reset(world());
    expect(await served()).toEqual(["near"]);
  });

  it("is matched without regard to case", async () => {
    simulated.reset(world());
    const id = findVm(azure.world, "far").subnetId.replace(/[^/]+$/, "AzureBastionSubnet");
    const rule = answer(row(ID, { id: id.toUpperCase() }));
    expect(await served()).toEqual(["far"]);
    azure.faults.clear(rule);
  });

  it("that is odd serves nobody, and harms nobody", async () => {
    simulated.reset(world());
    const network = findVm(azure.world, "near").subnetId.replace(/\/subnets\/.*$/, "");
    const odd = [row(ID), row(ID, null, { id: "" }, { id: network }, { id: 7 }), { id: ID }, null];
    const rule = answer(...odd, { id: ID, ipConfigurations: "none" });
    expect(await served()).toEqual([]);
    azure.faults.clear(rule);
  });

  it("that cannot be read costs nothing but its hint, and it is said once", async () => {
    simulated.reset(world());
    const rule = azure.faults.add({
      bodyIncludes: "bastionhosts",
      act: { status: 403, body: { error: { code: "AuthorizationFailed", message: "Not you." } } },
    });
    const { bot, lines } = simulated.bot();
    expect(await served(bot)).toEqual([]);
    expect(await served(bot)).toEqual([]);
    expect(bot.snapshot().vms.values().next().value).toMatchObject({ hasNsg: true });
    expect(lines).toMatchObject([{ level: "warn", facts: { subject: "bastions" } }]);
    azure.faults.clear(rule);
    expect(await served(bot)).toEqual(["near"]);
  });
});
