// What JIT cannot protect: classic VMs, and what stands behind a firewall whose rules are a policy's; and where its plan is off.
// Of src/domain/vm/jit-state.ts.

import { afterEach, describe, expect, it } from "vitest";
import { jitStateOf, whyUnsupported } from "../../../src/domain/vm/jit-state.ts";
import {
  buildWorld,
  classicVm,
  grant,
  RIGHTS,
  scaleSet,
  subscription,
  subscriptionId,
  vm,
} from "../../../src/sandbox/azure/world/parts.ts";
import { MINUTE_MS, START_MS, simulate } from "../../adapters/azure/bot.ts";

const simulated = await simulate();
const { azure } = simulated;
const EVERYTHING = Object.values(RIGHTS).flat();
const CLASSIC = "Microsoft.ClassicCompute/virtualMachines/read";

const SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets/read";

const OLD = { resourceGroup: "rg-old", name: "old-01" };
const world = (...actions: readonly string[]) =>
  buildWorld(
    grant(...EVERYTHING, ...actions),
    classicVm(OLD),
    vm({ name: "plain", resourceGroup: "rg-plain" }),
    vm({ name: "bare", resourceGroup: "rg-bare", nsg: "none" }),
    vm({ name: "fw", resourceGroup: "rg-fw", nsg: "none", firewall: true }),
    vm({ name: "managed", resourceGroup: "rg-managed", nsg: "none", firewall: "policy" }),
    vm({ name: "both", resourceGroup: "rg-managed", nsg: "nic", firewall: "policy" }),
  );

/** Why each VM that the bot sees can't be protected. */
async function reasons(): Promise<Readonly<Record<string, string | undefined>>> {
  const { vms } = await simulated.bot().bot.refresh();
  return Object.fromEntries([...vms.values()].map((one) => [one.name, whyUnsupported(one)]));
}

const SEEN = {
  ...{ plain: undefined, fw: undefined, both: undefined },
  ...{ bare: "no-nsg", managed: "firewall-policy" },
};

afterEach(() => azure.faults.clear());

describe("what JIT cannot protect", () => {
  it("is told with its reason", async () => {
    simulated.reset(world(CLASSIC));
    expect(await reasons()).toEqual({ ...SEEN, "old-01": "classic-vm" });
  });

  it("is a scale set in Uniform orchestration, and no VM of a Flexible one", async () => {
    simulated.reset(
      buildWorld(
        grant(...EVERYTHING, SCALE_SETS),
        scaleSet({ name: "pool", mode: "Uniform" }),
        scaleSet({ name: "older" }),
        vm({ name: "web_1a2b", scaleSet: "web" }),
      ),
    );
    expect(await reasons()).toEqual({
      ...{ pool: "uniform-scale-set", older: "uniform-scale-set", web_1a2b: undefined },
    });
    simulated.azure.world.grants.splice(0);
    grant(...EVERYTHING)(simulated.azure.world);
    expect(await reasons()).toEqual({ web_1a2b: undefined });
  });

  it("is not seen of classic VMs that the identity may not read", async () => {
    simulated.reset(world());
    expect(await reasons()).toEqual(SEEN);
  });

  it("says only that nothing stands before a VM where firewalls can't be seen", async () => {
    simulated.reset(world("-Microsoft.Network/azureFirewalls/read"));
    expect(await reasons()).toEqual({ ...SEEN, fw: "no-nsg", managed: "no-nsg" });
  });

  it("is told of all others where these two can't be asked for, and said once in the log", async () => {
    simulated.reset(world(CLASSIC));
    const act = { status: 400, body: { error: { code: "BadRequest", message: "no such type" } } };
    azure.faults.add({ bodyIncludes: "classiccompute", act });
    azure.faults.add({ bodyIncludes: "azurefirewalls", act });
    const { bot, lines } = simulated.bot();
    for (let reading = 0; reading < 3; reading += 1) {
      const { vms } = await bot.refresh();
      expect([...vms.values()].map((one) => jitStateOf(one, []))).toHaveLength(5);
    }
    const said = lines.filter(({ facts }) => /^(unsupported|firewalls)$/.test(`${facts.subject}`));
    expect(said).toHaveLength(2);
  });

  it("takes no other VM for a classic one, whatever is answered", async () => {
    simulated.reset(world());
    const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/new";
    const act = { status: 200, body: { data: [{ id, name: "new" }, { id: 7 }, null] } };
    azure.faults.add({ bodyIncludes: "classiccompute", act });
    expect(await reasons()).toEqual(SEEN);
  });
});

describe("the Defender plan of a subscription", () => {
  const id = subscriptionId("Shop");
  const asked = () => simulated.sent("pricings").length;

  it("is asked for once in ten minutes", async () => {
    simulated.reset(buildWorld(subscription({ name: "Shop", plan: "P1" })));
    const { bot } = simulated.bot();
    const plans = await Promise.all([bot.plan(id), bot.plan(id.toUpperCase())]);
    expect(plans).toEqual(Array.from({ length: 2 }, () => ({ tier: "Standard", subPlan: "P1" })));
    expect(asked()).toBe(1);
    simulated.clock.setMs(START_MS + 10 * MINUTE_MS);
    await bot.plan(id);
    expect(asked()).toBe(2);
  });

  it("isn't known where Azure does not tell, which is said once, and asked again a minute later", async () => {
    simulated.reset(buildWorld(subscription({ name: "Shop" })));
    azure.faults.add({ path: "pricings", act: { status: 403, body: {} } });
    const { bot, lines } = simulated.bot();
    for (const minute of [0, 0, 1, 2]) {
      simulated.clock.setMs(START_MS + minute * MINUTE_MS);
      expect(await bot.plan(id)).toBeUndefined();
    }
    expect(asked()).toBe(3);
    expect(lines.map(({ level }) => level)).toEqual(["warn"]);
    azure.faults.clear();
    simulated.clock.setMs(START_MS + 3 * MINUTE_MS);
    expect(await bot.plan(id)).toEqual({ tier: "Standard", subPlan: "P2" });
  });
});
