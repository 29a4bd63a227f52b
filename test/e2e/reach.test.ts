// How far the bot reaches, end to end: another cloud, several subscriptions and management groups, odd policies.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  add,
  buildWorld,
  findVm,
  grantAt,
  policy,
  RIGHTS,
  subscription,
  subscriptionId,
  vm,
} from "../../src/sandbox/azure/world/parts.ts";
import { eventually } from "../support/eventually.ts";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const GOV = "https://management.usgovcloudapi.net";
const POLICY = `
azure:
  cloud: usgov
  subscriptions: [${subscriptionId("Far").toUpperCase()}]
  managementGroups: [production, team-a]
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
rules:
  - name: everything
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
`;

const web = { subscription: "Prod", resourceGroup: "RG-Web" };
const locked = { subscription: "Locked", resourceGroup: "rg-locked" };
const readable = ["Prod", "Team", "Far", "Other", "Late"];
const jit = (name: string) => name.includes("jitNetworkAccessPolicies");

const azureWorld = () =>
  buildWorld(
    subscription({ name: "Prod", managementGroups: ["root", "production"] }),
    subscription({ name: "Locked", managementGroups: ["root", "production"] }),
    subscription({ name: "Team", managementGroups: ["root", "team-a"] }),
    subscription({ name: "Far" }),
    subscription({ name: "Other" }),
    vm({ ...web, name: "Web-01" }),
    vm({ ...web, name: "both-01" }),
    vm({ ...web, name: "fw-01", firewall: "20.1.2.3", nsg: "none" }),
    policy({ vms: ["web-01", "fw-01"], name: "jit-of-the-web-team" }),
    policy({ vms: ["both-01"], name: "first", ports: [22], max: "PT1H" }),
    policy({ vms: ["both-01"], name: "second", ports: [3389], max: "PT4H" }),
    vm({ subscription: "Team", name: "team-01" }),
    policy({ vms: ["team-01"] }),
    vm({ subscription: "Far", name: "far-01" }),
    policy({ vms: ["far-01"] }),
    vm({ subscription: "Other", name: "other-01" }),
    policy({ vms: ["other-01"] }),
    vm({ ...locked, name: "locked-01" }),
    policy({ vms: ["locked-01"] }),
    ...readable.map((name) =>
      grantAt(`/subscriptions/${subscriptionId(name)}`, ...Object.values(RIGHTS).flat()),
    ),
    grantAt(
      `/subscriptions/${subscriptionId("Locked")}`,
      ...RIGHTS.request.filter((right) => !jit(right)),
    ),
  );

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY, azureWorld: azureWorld(), audiences: [GOV] });
  await world.startBot({ env: { TEST_REFRESH_EVERY_MS: "1000" } });
});
afterAll(() => world?.close());

/** Asks, has it approved, and answers which policy Azure is asked of. */
async function granted(text: string): Promise<{ id: string; policyName: string }> {
  const before = initiates(world).length;
  const { id, card } = await ask(world, text);
  const click = { channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
  await world.slack.click({ user: "U0LEAD", ...click });
  await eventually(() => expect(initiates(world).length).toBe(before + 1));
  world.advance(5_000);
  const path = initiates(world)[before]?.path ?? "";
  return { id, policyName: path.split("/").at(-2) ?? "" };
}

/** Waits until it is open, and answers the message in which Erin is told the way in, as it was sent. */
async function wayIn(id: string): Promise<string> {
  await cardSays(world, { id }, "Open until");
  const sent = () => world.slack.direct("U0ERIN").map((one) => JSON.stringify(one));
  return world.slack.waitFor(
    () => sent().find((one) => one.includes(id) && one.includes("*Open*")),
    { what: `the way in of ${id}`, timeoutMs: 20_000 },
  );
}

describe("a bot of another cloud", () => {
  it("asks for that cloud's tokens wherever it is sent, and leads to that cloud's portal", async () => {
    const { id, policyName } = await granted("web-01 22 1h");
    expect(policyName).toBe("jit-of-the-web-team");
    expect(await wayIn(id)).toContain("https://portal.azure.us/#@/resource/subscriptions/");
    const asked = world.azure.calls.filter(({ server }) => server === "identity");
    expect(new Set(asked.map(({ query }) => query.resource))).toEqual(new Set([GOV]));
  });
});

describe("several subscriptions and management groups", () => {
  it("are all reached, and nothing beside them", async () => {
    const all = await typed(world, "U0ADMIN", "vms");
    for (const name of ["Web-01", "team-01", "far-01"]) expect(all).toContain(name);
    expect(all).not.toContain("other-01");
    expect(await typed(world, "U0ERIN", "request other-01 22 1h")).toContain(
      "can't find a VM named other-01",
    );
    await granted("FAR-01 22 1h");
    await granted("team-01 22 1h");
  });

  it("stay usable where one of them may not be read, which is said of that one", async () => {
    const said = await typed(world, "U0ERIN", "request locked-01 22 1h");
    expect(said).toContain("JIT policies of the subscription of locked-01 couldn't be read");
    const listed = await typed(world, "U0ADMIN", "vms locked-01");
    expect(listed).toContain("1 VM: 0 Configured, 0 Not configured, 0 Unsupported, 1 not known");
    expect(listed).toContain("Not known: rg-locked/locked-01, running. Its subscription's JIT");
    expect(listed).toMatch(/of subscription \S+ couldn't be read: AuthorizationFailed/);
    expect(await typed(world, "U0ADMIN", "doctor")).toMatch(
      /✗ Azure: subscription Locked \(.*missing .*jitNetworkAccessPolicies\/read/,
    );
  });

  it("may come while the bot runs", async () => {
    add(
      world.azure.world,
      subscription({ name: "Late", managementGroups: ["team-a"] }),
      vm({ subscription: "Late", resourceGroup: "rg-late", name: "late-01" }),
      policy({ vms: ["late-01"] }),
    );
    expect(await typed(world, "U0ADMIN", "vms late-01")).toContain("No VM matches");
    await eventually(
      async () =>
        expect(await typed(world, "U0ADMIN", "vms late-01")).toMatch(/Configured: \S*late-01/),
      { intervalMs: 500 },
    );
  });
});

describe("a VM", () => {
  it("in two policies is asked of the one that has the port", async () => {
    expect(await typed(world, "U0ADMIN", "vms both-01")).toMatch(/22 .*1h.*3389 .*4h/);
    expect((await granted("both-01 22 1h")).policyName).toBe("first");
    expect((await granted("both-01 3389 2h")).policyName).toBe("second");
    expect(await typed(world, "U0ERIN", "request both-01 22,3389 1h")).toContain(
      "are in different JIT policies: request them one by one",
    );
  });

  it("behind an Azure Firewall is reached at the firewall, by the port that it maps", async () => {
    const { id } = await granted("fw-01 22 1h");
    const told = await wayIn(id);
    const fw = findVm(world.azure.world, "fw-01");
    const { mappedPort } = world.azure.world.doorsOfVm.get(fw.id.toLowerCase())?.[0]?.door ?? {};
    expect(mappedPort).toBeGreaterThan(1_024);
    expect(told).toMatch(new RegExp(`-p ${mappedPort} \\S+@20\\.1\\.2\\.3`));
  });

  it("is the same whatever the case of its id", async () => {
    const { id } = findVm(world.azure.world, "web-01");
    expect(await typed(world, "U0ERIN", `request ${id.toUpperCase()} 3389 1h`)).toMatch(/JIT-/);
  });
});
