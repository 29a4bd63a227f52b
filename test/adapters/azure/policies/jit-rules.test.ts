// The NSG rules by which JIT lets in: which are found and deleted, and above all which are not.

import { beforeEach, describe, expect, it } from "vitest";
import type { OpenRule } from "../../../../src/ports/azure.ts";
import type { NsgRule } from "../../../../src/sandbox/azure/world/azure-estate.ts";
import {
  buildWorld,
  findVm,
  grant,
  policy,
  RIGHTS,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import type { VmPart } from "../../../../src/sandbox/azure/world/vm-part.ts";
import { faultOf, HOUR_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock, sent } = simulated;

const SOURCE = "203.0.113.7";
const KEY = "0123456789ABCDEF0123456789ABCDEF";

const named = (name: string, change: Partial<NsgRule> = {}): NsgRule => ({
  name,
  priority: 200,
  access: "Allow",
  ports: ["22"],
  source: SOURCE,
  destination: "10.9.0.4",
  ...change,
});

/** VMs `web` and `other` in one policy, `web` at 10.9.0.4. */
function reset(part: Partial<VmPart> = {}): void {
  simulated.reset(
    buildWorld(
      vm({ name: "web", resourceGroup: "rg-(prod)", privateIp: "10.9.0.4", ...part }),
      vm({ name: "other", resourceGroup: "rg-(prod)", nsg: part.nsg ?? "nic" }),
      policy({ vms: ["web", "other"], ports: [22, 3389] }),
    ),
  );
}

async function open(name: string, ports: readonly number[], source = SOURCE): Promise<void> {
  await simulated.bot().bot.open({
    jitPolicyId: [...azure.world.policies.values()][0]?.id ?? "",
    vmId: findVm(azure.world, name).id,
    ports: ports.map((number) => ({ number, endsAtMs: START_MS + HOUR_MS, source })),
    justification: "JIT-ABC123",
    clientRequestId: "11111111-2222-4333-8444-555555555555",
  });
  clock.setMs(clock.nowMs() + 3_000);
}

const find = (ports: readonly number[] = [22], source = SOURCE): Promise<readonly OpenRule[]> =>
  simulated.bot().bot.openRules({ vmId: findVm(azure.world, "web").id, ports, source });

const deletions = () => sent("/securityRules/").filter(({ method }) => method === "DELETE");
const openDoors = () =>
  [...azure.world.doorsOfVm.values()].flat().filter(({ door }) => door.revoked === undefined);

beforeEach(() => reset());

describe("finding", () => {
  it.each([
    ["nic", ["web-nsg"]],
    ["subnet", ["guarded-westeurope-nsg"]],
    ["both", ["web-nsg", "guarded-westeurope-nsg"]],
  ] as const)("looks at the NSG of the %s", async (nsg, names) => {
    reset({ nsg });
    await open("web", [22]);
    const rules = await find();
    expect(rules.map(({ id }) => id.split("/")[8])).toEqual(names);
    expect(rules.every(({ ports, alone }) => ports.join() === "22" && alone)).toBe(true);
    const [listed] = sent("/securityRules");
    expect(listed).toMatchObject({ method: "GET", query: { "api-version": "2024-05-01" } });
  });

  it("tells the ports apart, and answers nothing where nothing is open", async () => {
    expect(await find([22, 3389])).toEqual([]);
    await open("web", [22, 3389]);
    expect((await find([22, 3389])).map(({ ports }) => ports)).toEqual([[22], [3389]]);
    expect(await find([3389])).toMatchObject([{ ports: [3389], alone: true }]);
  });

  it("knows the older name, and other ways to write one address", async () => {
    const name = `SecurityCenter-JITRule-123456-${KEY}`;
    reset({
      nsgRules: [named(name, { source: `${SOURCE}/32`, destination: "10.9.0.4/32" })],
    });
    expect(await find()).toMatchObject([{ ports: [22], alone: true }]);
  });

  it.each<readonly [string, NsgRule]>([
    ["somebody's own rule", named("ssh")],
    ["somebody's rule with a name like JIT's", named(`my-JITRule-1-${KEY}`)],
    ["JIT's deny rule", named(`MicrosoftDefenderForCloud-JITRule_1_${KEY}`, { access: "Deny" })],
    ["a rule that denies", named(`MicrosoftDefenderForCloud-JITRule-1-${KEY}`, { access: "Deny" })],
    [
      "another VM's rule",
      named(`MicrosoftDefenderForCloud-JITRule-1-${KEY}`, { destination: "10.9.0.5" }),
    ],
    [
      "another source's rule",
      named(`MicrosoftDefenderForCloud-JITRule-1-${KEY}`, { source: "203.0.113.8" }),
    ],
    ["another port's rule", named(`MicrosoftDefenderForCloud-JITRule-1-${KEY}`, { ports: ["80"] })],
  ])("passes over %s", async (_, rule) => {
    reset({ nsgRules: [rule] });
    expect(await find()).toEqual([]);
  });

  it.each<readonly [string, Partial<NsgRule>]>([
    ["another port", { ports: ["22", "80"] }],
    ["a range of ports", { ports: ["20-30"] }],
    ["the door of another VM with the same address", { description: "… of VM 'twin'." }],
  ])("marks a rule that opens %s, too", async (_, change) => {
    reset({ nsgRules: [named(`MicrosoftDefenderForCloud-JITRule-1-${KEY}`, change)] });
    expect(await find()).toMatchObject([{ ports: [22], alone: false }]);
  });

  it("is a fault where no NSG stands before the VM", async () => {
    reset({ nsg: "none" });
    expect(await faultOf(find())).toMatchObject({
      code: "NoNetworkSecurityGroup",
      retryable: false,
    });
  });

  it("is a fault in Azure's words where the right is missing", async () => {
    azure.world.grants = [];
    const right = "Microsoft.Network/networkSecurityGroups/securityRules/read";
    grant(...RIGHTS.request.filter((action) => action !== right))(azure.world);
    expect(await faultOf(find())).toMatchObject({
      code: "AuthorizationFailed",
      message: expect.stringContaining(right),
      retryable: false,
    });
  });

  it.each([
    ["a VM that is gone", "/virtualMachines/", 404, {}, false],
    ["an answer that is none", "/securityRules", 200, { value: 7 }, true],
    ["an interface that can't be understood", "/networkInterfaces/", 200, { id: 7 }, true],
  ] as const)(
    "is a fault for %s, and never an empty list",
    async (...[, path, status, body, retryable]) => {
      azure.faults.add({ path, times: 9, act: { status, body } });
      expect(await faultOf(find())).toMatchObject({ retryable });
    },
  );

  it("is tried again when throttled, and follows no list to another host", async () => {
    const act = { status: 429, headers: { "retry-after": "1" }, body: {} };
    azure.faults.add({ path: "/securityRules", times: 1, act });
    expect(await find()).toEqual([]);
    expect(clock.slept).toEqual([1_000]);
    const body = { value: [], nextLink: "https://elsewhere.example/rules" };
    azure.faults.add({ path: "/securityRules", times: 1, act: { status: 200, body } });
    expect(await faultOf(find())).toMatchObject({ code: "ForeignHost" });
  });
});

describe("deleting", () => {
  it.each(["nic", "subnet", "both"] as const)(
    "shuts the door on the NSG of %s, and leaves all others alone",
    async (nsg) => {
      const foreign = named("ssh", { priority: 300 });
      reset({ nsg, nsgRules: [foreign] });
      await open("web", [22]);
      await open("web", [3389], "198.51.100.9");
      await open("other", [22]);
      for (const { id } of await find()) await simulated.bot().bot.deleteRule(id);
      expect(await find()).toEqual([]);
      expect(deletions().every(({ answered }) => answered === 202 || answered === 204)).toBe(true);
      expect(openDoors().map(({ door }) => `${door.port} ${door.sources.join()}`)).toEqual([
        "3389 198.51.100.9",
        `22 ${SOURCE}`,
      ]);
      const kept = [...azure.world.nsgs.values()].flatMap(({ ownRules }) => ownRules);
      expect(kept).toEqual([foreign]);
    },
  );

  it("is content with a rule that is gone already, and with an NSG that is", async () => {
    await open("web", [22]);
    const [rule] = await find();
    const id = rule?.id ?? "";
    const { bot } = simulated.bot();
    await bot.deleteRule(id);
    await expect(bot.deleteRule(id)).resolves.toBeUndefined();
    await expect(bot.deleteRule(id.replace("web-nsg", "gone-nsg"))).resolves.toBeUndefined();
    expect(deletions().map(({ answered }) => answered)).toEqual([202, 204, 404]);
  });

  it("isn't content where Azure can't see the subscription", async () => {
    await open("web", [22]);
    const [rule] = await find();
    const body = { error: { code: "SubscriptionNotFound", message: "no" } };
    azure.faults.add({ method: "DELETE", path: "/securityRules/", act: { status: 404, body } });
    const fault = await faultOf(simulated.bot().bot.deleteRule(rule?.id ?? ""));
    expect(fault).toMatchObject({ code: "SubscriptionNotFound" });
  });

  it("is refused in Azure's words without the right", async () => {
    await open("web", [22]);
    const [rule] = await find();
    azure.world.grants = [];
    grant(...RIGHTS.request)(azure.world);
    expect(await faultOf(simulated.bot().bot.deleteRule(rule?.id ?? ""))).toMatchObject({
      code: "AuthorizationFailed",
      message: expect.stringContaining("securityRules/delete"),
      retryable: false,
    });
    expect(await find()).toHaveLength(1);
  });

  it("passes a long throttling on, with its time", async () => {
    await open("web", [22]);
    const [rule] = await find();
    const act = { status: 429, headers: { "retry-after": "30" }, body: {} };
    azure.faults.add({ method: "DELETE", act });
    expect(await faultOf(simulated.bot().bot.deleteRule(rule?.id ?? ""))).toMatchObject({
      retryable: true,
      retryAfterMs: 30_000,
    });
  });

  it.each([
    ["a person's rule", "ssh"],
    ["JIT's deny rule", `MicrosoftDefenderForCloud-JITRule_1_${KEY}`],
    ["a step up", `../MicrosoftDefenderForCloud-JITRule-1-${KEY}?`],
  ])("never asks for %s", async (_, name) => {
    const nsg = [...azure.world.nsgs.values()].find((one) => one.name === "web-nsg");
    const fault = await faultOf(simulated.bot().bot.deleteRule(`${nsg?.id}/securityRules/${name}`));
    expect(fault.code).toMatch(/^Invalid/);
    expect(deletions()).toEqual([]);
  });
});
