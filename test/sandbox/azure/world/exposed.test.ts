// What stands open in spite of JIT, found over the wire: every field that Azure's rules and interfaces have.

import { describe, expect, it } from "vitest";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import { findingWords } from "../../../../src/domain/vm/exposure/exposure-words.ts";
import type { NsgRule } from "../../../../src/sandbox/azure/world/azure-estate.ts";
import { asgId } from "../../../../src/sandbox/azure/world/build.ts";
import {
  buildWorld,
  findVm,
  grant,
  policy,
  RIGHTS,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import type { VmPart } from "../../../../src/sandbox/azure/world/vm-part.ts";
import { HOUR_MS, MINUTE_MS, simulate } from "../../../adapters/azure/bot.ts";

const simulated = await simulate();

const AT = {
  subscriptionId: subscriptionId("Demo"),
  resourceGroup: "rg-demo",
  location: "westeurope",
};
const asg = (name: string) => [{ id: asgId(AT, name).toUpperCase() }];
const JIT_ALLOW = "MicrosoftDefenderForCloud-JITRule-1-0123456789ABCDEF0123456789ABCDEF";

const rule = (change: Partial<NsgRule> = {}): NsgRule => ({
  ...{ name: "allow-it", priority: 300, access: "Allow", ports: ["22"] },
  ...{ source: "*", destination: "*" },
  ...change,
});

type Case = Partial<VmPart> & {
  readonly ports?: readonly { number: number; protocol: "TCP" | "UDP" | "*" }[];
  readonly denyPriority?: 4096 | 1000;
};

function build({ ports, denyPriority = 4096, ...part }: Case) {
  simulated.reset(
    buildWorld(
      vm({ name: "web", privateIp: "10.9.0.4", ...part }),
      policy({
        vms: ["web"],
        ports: [...(ports ?? [22, 3389].map((number) => ({ number, protocol: "TCP" as const })))],
      }),
    ),
  );
  simulated.azure.switches.denyPriority = denyPriority;
}

async function seen() {
  const { vms } = await simulated.bot().bot.refresh();
  return vms.get(vmKey(findVm(simulated.azure.world, "web").id));
}

async function lines() {
  const found = await seen();
  const isOneOfMany = (found?.privateAddresses.length ?? 0) > 1;
  return (found?.network === undefined ? [] : findingWords(found.network, { isOneOfMany })).map(
    plain,
  );
}

async function found(change: Partial<NsgRule>, part: Case = {}) {
  build({ ...part, nsgRules: [rule(change)] });
  return (await lines()).join("\n");
}

const HIGHER = "allow-it in web-nsg has a higher priority than JIT's deny rule.";
const SSH = `⚠️ Exposed: 22 (SSH) is open from any address. ${HIGHER} Remove it or lower its priority.`;

describe("a rule of somebody's own", () => {
  it.each([
    ["of the interface's group", "nic", "web-nsg"],
    ["of the subnet's group", "subnet", "guarded-westeurope-nsg"],
  ] as const)("is found %s", async (_where, nsg, name) => {
    expect(await found({}, { nsg })).toBe(SSH.replace("web-nsg", name));
  });

  it.each<[string, Partial<NsgRule>]>([
    ["its address", { destination: "10.9.0.4" }],
    ["its network", { destination: "10.9.0.0/24" }],
    ["a list of networks", { properties: lists("destination", ["10.8.0.0/16", "10.9.0.0/24"]) }],
    ["its application security group", { properties: groups("destination", "web") }],
    ["a range of ports", { properties: { destinationPortRange: "20-25" } }],
    ["every protocol", { properties: { protocol: "*" } }],
    ["the source ports of clients", { properties: { sourcePortRange: "1024-65535" } }],
  ])("is understood where it is for %s", async (_what, change) => {
    expect(await found({ protocol: "Tcp", ...change }, { asgs: ["web"] })).toBe(SSH);
  });

  it.each<[string, Partial<NsgRule>, string]>([
    [
      "a list",
      { properties: lists("source", ["203.0.113.0/24", "AzureCloud"]) },
      "203.0.113.0/24 and AzureCloud",
    ],
    ["a group of which no member is seen", { properties: groups("source", "admins") }, "ADMINS"],
    ["a group of which it is a member itself", { properties: groups("source", "web") }, "WEB"],
    ["the network", { source: "VirtualNetwork" }, "VirtualNetwork"],
  ])("is told with %s as its source", async (_what, change, from) => {
    expect(await found(change, { asgs: ["web"] })).toBe(SSH.replace("any address", from));
  });

  it.each<[string, Partial<NsgRule>, Case?]>([
    ["another address", { destination: "10.9.0.5" }],
    ["its public address", { destination: "198.51.100.4" }, { publicIp: "198.51.100.4" }],
    ["another group", { properties: groups("destination", "db") }],
    ["another port", { ports: ["443"] }],
    ["UDP, where JIT guards TCP", { protocol: "Udp" }],
    ["what leaves", { properties: { direction: "Outbound" } }],
    ["what comes after JIT's deny", { priority: 2_000 }, { denyPriority: 1_000 }],
    ["nobody", { access: "Deny" }],
  ])("is not told where it is for %s", async (_what, change, part) => {
    expect(await found(change, part)).toBe("");
  });

  it("is not told below an earlier deny, nor where the other group closes", async () => {
    const deny = rule({ name: "no-ssh", priority: 200, access: "Deny" });
    build({ nsgRules: [deny, rule()] });
    expect(await lines()).toEqual([]);
    expect(await found({}, { nsg: "both" })).toBe("");
  });

  it("is told over UDP where JIT guards that, too", async () => {
    const ports = [{ number: 22, protocol: "*" as const }];
    expect(await found({ protocol: "Udp" }, { ports })).toContain("22 (SSH) over UDP is open from");
  });
});

describe("what JIT wrote itself", () => {
  const wiped = (nsgRules: NsgRule[]) => {
    build({ nsgRules });
    for (const nsg of simulated.azure.world.nsgs.values()) {
      nsg.deletedRules.add = () => nsg.deletedRules;
      nsg.deletedRules.has = (name) => /JITRule_/.test(name);
    }
  };

  it("is missed where somebody's template removed it", async () => {
    wiped([rule()]);
    expect(await lines()).toEqual([
      "⚠️ Exposed: 22 (SSH) is open from any address. allow-it in web-nsg lets it in, and JIT's deny rule is missing. Save the VM's JIT policy again so that Azure restores it.",
      "⚠️ Exposed: 3389 (RDP) is open from VirtualNetwork. Azure's default rule AllowVnetInBound in web-nsg lets it in, and JIT's deny rule is missing. Save the VM's JIT policy again so that Azure restores it.",
    ]);
    wiped([rule({ access: "Deny", ports: ["*"] })]);
    expect(await lines()).toEqual([
      "⚠️ JIT's deny rule for 22 (SSH) and 3389 (RDP) is missing, and only other rules keep them closed. Save the VM's JIT policy again so that Azure restores it.",
    ]);
  });

  it("is no exposure for as long as its request lives, and one when it is left over", async () => {
    build({});
    const { elsewhere } = simulated.azure;
    elsewhere.open({
      vm: "web",
      ports: [22],
      source: "203.0.113.7",
      minutes: 60,
      by: "b@contoso.com",
    });
    simulated.clock.setMs(simulated.clock.nowMs() + MINUTE_MS);
    expect(await lines()).toEqual([]);
    const nsgRules = [
      rule({ name: JIT_ALLOW, priority: 100, source: "203.0.113.7", destination: "10.9.0.4" }),
    ];
    build({ nsgRules });
    expect(await lines()).toEqual([
      `⚠️ Exposed: 22 (SSH) is open from 203.0.113.7. ${JIT_ALLOW} in web-nsg let it in, and no live request needs JIT's. Delete that rule.`,
    ]);
    elsewhere.open({
      vm: "web",
      ports: [22],
      source: "203.0.113.7",
      minutes: 60,
      by: "b@contoso.com",
    });
    simulated.clock.setMs(simulated.clock.nowMs() + MINUTE_MS);
    expect(await lines()).toEqual([]);
    simulated.clock.setMs(simulated.clock.nowMs() + 2 * HOUR_MS);
    expect(await lines()).toHaveLength(1);
  });
});

describe("a VM of several addresses", () => {
  it("is exposed by one that JIT's deny does not name", async () => {
    expect(await found({}, { moreIps: ["10.9.0.7"] })).toContain(
      "3389 (RDP) at 10.9.0.7 is open from VirtualNetwork",
    );
    expect(await found({}, { moreIps: ["fd00::7"] })).toContain(
      "22 (SSH) at fd00::7 is open from any address",
    );
  });

  it("is exposed by an interface that nothing guards", async () => {
    build({ moreNics: [{ privateIp: "10.9.0.8", guarded: false }] });
    expect(await lines()).toEqual([
      "⚠️ Exposed: 22 (SSH) and 3389 (RDP) at 10.9.0.8: no network security group guards 10.9.0.8. Add one to its subnet or interface.",
    ]);
  });
});

describe("what cannot be read", () => {
  it("is said, and nothing is called closed for it", async () => {
    build({});
    const all = Object.values(RIGHTS).flat();
    simulated.azure.world.grants.splice(0);
    grant(...all, "-Microsoft.Network/networkSecurityGroups/read")(simulated.azure.world);
    expect(await lines()).toEqual([
      "❔ I can't tell whether ports are exposed: I can't read web-nsg.",
    ]);
  });

  it.each([
    ["a range of ports", { destinationPortRange: "ssh" }],
    ["an access", { access: "Maybe" }],
    ["a source", { sourceAddressPrefix: 7 }],
    ["a list of sources", { sourceAddressPrefix: "", sourceAddressPrefixes: [] }],
  ])("may be a rule with %s that nobody knows", async (_what, properties) => {
    expect(await found({ properties })).toContain("I can't read web-nsg");
  });

  it("leaves what was found before", async () => {
    build({ nsgRules: [rule()] });
    const { bot } = simulated.bot();
    await bot.refresh();
    simulated.azure.faults.add({
      bodyIncludes: "networksecuritygroups",
      act: { status: 403, body: { error: { code: "AuthorizationFailed", message: "Not you." } } },
    });
    const { vms } = await bot.refresh();
    const one = vms.get(vmKey(findVm(simulated.azure.world, "web").id));
    expect(one?.network?.exposures).toHaveLength(1);
  });
});

function lists(side: "source" | "destination", prefixes: readonly string[]) {
  return { [`${side}AddressPrefix`]: "", [`${side}AddressPrefixes`]: prefixes };
}

function groups(side: "source" | "destination", name: string) {
  return { [`${side}AddressPrefix`]: "", [`${side}ApplicationSecurityGroups`]: asg(name) };
}
