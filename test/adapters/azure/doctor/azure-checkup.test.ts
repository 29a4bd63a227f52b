// The doctor's look at Azure, over the wire: with each single right removed, with parts that hang, and at size.

import { beforeEach, describe, expect, it } from "vitest";
import { privateText } from "../../../../src/adapters/slack/views/private-text.ts";
import { readPolicyFile } from "../../../../src/config/policy-file/read-policy-file.ts";
import { rightsFor } from "../../../../src/domain/doctor/azure-rights.ts";
import { findingLine, worstFirst } from "../../../../src/domain/doctor/finding.ts";
import { words } from "../../../../src/domain/text/words.ts";
import { azureFindings } from "../../../../src/flows/doctor/doctor-azure.ts";
import { type AzureEstate, guid } from "../../../../src/sandbox/azure/world/azure-estate.ts";
import { buildWorld, policy, subscription, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, HOUR_MS, START_MS, simulate as started } from "../bot.ts";

const simulated = await started();
const { azure } = simulated;

/** That a policy file makes use of everything that there is a right for. */
const FILE = readPolicyFile(`
azure: { subscriptions: [${guid("Shop")}], managementGroups: [root] }
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
endEarly: nsg-rule
watch: { every: 60s }
rules:
  - name: all
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
`);
if (!("policy" in FILE)) throw new Error(FILE.faults.map(({ message }) => message).join("\n"));
const everything = FILE.policy;

function shop(plan: "P2" | "P1" | "off" = "P2"): AzureEstate {
  return buildWorld(
    subscription({ name: "Shop", managementGroups: ["root"], plan }),
    vm({ subscription: "Shop", name: "web" }),
    policy({ vms: ["web"] }),
  );
}

// The SDKs take as long to load as the doctor's patience here.
await faultOf(simulated.bot().bot.refresh());

let hours = 0;

/** An hour later each time, with fresh quotas: waiting for them moves this clock past the doctor's patience. */
function simulate(world: AzureEstate): void {
  simulated.reset(world);
  hours += 1;
  simulated.clock.setMs(START_MS + hours * HOUR_MS);
}

beforeEach(() => simulate(shop()));

/** Where something hangs, so long is waited; elsewhere nothing here depends on speed. */
const PATIENCE_MS = 1_500;
const NO_HURRY_MS = 60_000;

async function findings(
  scopes = everything.azure,
  doctorMs = NO_HURRY_MS,
): Promise<readonly string[]> {
  const { bot } = simulated.bot({
    subscriptions: scopes.subscriptions,
    managementGroups: scopes.managementGroups,
    timeouts: { doctorMs },
  });
  return azureFindings(await bot.checkup(), everything).map(findingLine);
}

const amiss = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("✓"));

function without(action: string): void {
  azure.world.grants = azure.world.grants.map((grant) => ({
    ...grant,
    notActions: [...grant.notActions, action],
  }));
}

const nowhere = { cloud: "public", subscriptions: [], managementGroups: [] } as const;

describe("the identity's permissions", () => {
  it("are all there, and the subscription is called what people call it", async () => {
    const lines = await findings();
    expect(amiss(lines)).toEqual([]);
    expect(lines[0]).toBe("✓ Azure: 1 VM in 1 subscription.");
    expect(lines).toContain(
      `✓ Azure: subscription Shop (${guid("Shop")}): all required permissions are granted.`,
    );
  });

  it("say what gives more where Azure doesn't list all policies at once", async () => {
    azure.switches.listingAtOnce = "wildcard";
    expect(amiss(await findings())).toEqual([
      expect.stringMatching(
        /region by region.*: add Microsoft\.Security\/\*\/read to the bot's role/,
      ),
    ]);
    simulate(shop());
    azure.switches.listingAtOnce = "wildcard";
    azure.world.grants.push({ scope: "/", actions: ["Microsoft.Security/*/read"], notActions: [] });
    expect(amiss(await findings())).toEqual([]);
  });

  const readable = rightsFor(everything).filter(({ action }) => !/permissions\/read/.test(action));
  it.each(readable)("lack $action alone where that alone was removed", async (right) => {
    without(right.action);
    const lines = amiss(await findings());
    const lacks = lines.filter((line) => line.includes("the identity is missing"));
    expect(lacks).toEqual([
      expect.stringContaining(`is missing ${right.action} (${right.for}): add it`),
    ]);
    expect(lacks[0]).toMatch(right.needed ? /^✗ / : /^! Azure: warning: /);
    // Whoever sees no subscription and no VM is told that, too, and nobody is told more.
    const others = lines.filter((line) => !lacks.includes(line));
    for (const line of others) expect(line).toContain("the list of VMs couldn't be read");
  });

  it("are not known where they can't be read, and the way to know them is", async () => {
    without("Microsoft.Authorization/permissions/read");
    expect(amiss(await findings())).toEqual([
      expect.stringMatching(
        /^! .*Shop.*permissions\/read: add it to the bot's role \(docs\/azure-role.json\); Azure's role Security Reader includes it, too\.$/,
      ),
    ]);
  });

  it("are looked at in a subscription that has no VM yet", async () => {
    simulate(buildWorld(subscription({ name: "Empty" })));
    without("Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action");
    const lines = await findings(nowhere);
    expect(lines).toContain("✓ Azure: 0 VMs in 1 subscription.");
    expect(amiss(lines)).toEqual([
      expect.stringMatching(/^✗ Azure: subscription Empty \(.*initiate\/action \(opening ports\)/),
    ]);
  });

  it("are none with no role at all", async () => {
    azure.world.grants = [];
    expect(amiss(await findings(nowhere))[0]).toMatch(/^✗ Azure: /);
  });
});

it("of an Azure that knows neither plans nor rights nor lists is said, and nothing else is lost", async () => {
  const act = { status: 404, body: { error: { code: "NotFound", message: "Nothing here." } } };
  for (const path of ["/permissions", "/pricings", "^/subscriptions$"])
    azure.faults.add({ path, act });
  const lines = await findings();
  azure.faults.clear();
  expect(lines[0]).toBe("✓ Azure: 1 VM in 1 subscription.");
  expect(amiss(lines)).toEqual([
    expect.stringContaining("its Defender plan couldn't be read (NotFound): Nothing here."),
    expect.stringContaining(
      "the identity's permissions couldn't be read (NotFound): Nothing here.",
    ),
  ]);
});

describe("Defender's plan", () => {
  it.each([
    ["P1", "has Plan 1"],
    ["off", "has no paid plan"],
  ] as const)("%s is told with what the right one costs, when and by whom", async (plan, has) => {
    simulate(shop(plan));
    expect(amiss(await findings())).toEqual([
      expect.stringMatching(
        new RegExp(
          `^! .*${has}, and JIT needs Plan 2 \\(\\$14\\.60 .* on 2020-10-06, by .*: switch it on`,
        ),
      ),
    ]);
  });
});

describe("an Azure that hangs", () => {
  it("in one subscription of many says so of that one, and all of the others", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `Team ${index}`);
    simulate(buildWorld(...names.map((name) => subscription({ name }))));
    const hung = guid("Team 3");
    azure.faults.add({ path: `${hung}/providers/Microsoft.Authorization`, act: "hang" });
    const lines = await findings(nowhere, PATIENCE_MS);
    azure.faults.clear();
    expect(amiss(lines)).toEqual([
      expect.stringContaining(
        `subscription Team 3 (${hung}): the identity's permissions couldn't be read`,
      ),
    ]);
    expect(lines).toContainEqual(
      expect.stringMatching(/✓ Azure: 11 subscriptions .*all required permissions/),
    );
  });

  it("before there is a token says that this is what did not come", async () => {
    azure.faults.add({ path: "/msi/token", act: "hang" });
    // Of one that was not had before, which the SDK would remember.
    const scope = "https://nobody.example/.default";
    const { bot } = simulated.bot({ scope, timeouts: { doctorMs: PATIENCE_MS } });
    const lines = azureFindings(await bot.checkup(), everything).map(findingLine);
    azure.faults.clear();
    expect(lines[0]).toMatch(/^✗ Azure: the list .* \(CredentialUnavailableError\): .*check its/);
  });

  it("at the list of VMs still tells of the rights", async () => {
    azure.faults.add({ path: "ResourceGraph", act: "hang" });
    const lines = await findings(everything.azure, PATIENCE_MS);
    azure.faults.clear();
    expect(amiss(lines)).toEqual([
      "! Azure: warning: the list of VMs is still being read: it takes longer than 2 s, as expected for very many VMs.",
    ]);
    expect(lines).toContainEqual(expect.stringContaining("all required permissions are granted"));
  });
});

it("fits 200 subscriptions into one answer in Slack, the worst first", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `${index} ${"<".repeat(60)}`);
  simulate(
    buildWorld(
      ...names.map((name, index) => subscription({ name, plan: index % 2 === 0 ? "P2" : "off" })),
    ),
  );
  for (const { action } of rightsFor(everything).filter(
    (one) => one.needed && !/subscriptions/.test(one.action),
  ))
    without(action);
  const { bot } = simulated.bot({ timeouts: { doctorMs: NO_HURRY_MS } });
  azure.faults.add({
    path: `${guid(names[7] ?? "")}/providers/Microsoft.Security/pricings`,
    act: {
      status: 500,
      body: { error: { code: "InternalServerError", message: "x".repeat(900) } },
    },
  });
  const found = worstFirst(azureFindings(await bot.checkup(), everything));
  azure.faults.clear();
  expect(found[0]?.level).toBe("fault");
  expect(found.length).toBeLessThan(20);
  const { text, blocks = [] } = privateText(found.map((one) => words`${findingLine(one)}`));
  expect(text.length).toBeLessThanOrEqual(3_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
});
