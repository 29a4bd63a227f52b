// Ending early by deleting JIT's rule, end to end: at once, only what is one's own, and never unseen.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NsgRule } from "../../src/sandbox/azure/world/azure-estate.ts";
import { demoWorld } from "../../src/sandbox/azure/world/demo-world.ts";
import { findVm, grant, RIGHTS } from "../../src/sandbox/azure/world/parts.ts";
import { createSwitches } from "../../src/sandbox/azure/world/switches.ts";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
endEarly: nsg-rule
rules:
  - name: production
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
`;

const SSH: NsgRule = {
  name: "ssh-from-the-office",
  priority: 3_000,
  access: "Allow",
  ports: ["22"],
  source: "203.0.113.0/24",
  destination: "*",
};

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY, azureWorld: demoWorld() });
  await world.startBot();
}, 40_000);
afterAll(() => world?.close());

beforeEach(() => {
  Object.assign(world.azure.switches, createSwitches());
});
afterEach(() => {
  world.azure.faults.clear();
  world.azure.world.grants = [];
  grant(...Object.values(RIGHTS).flat())(world.azure.world);
});

const deletions = () =>
  world.azure.calls.filter(({ method, path }) => method === "DELETE" && path.includes("Rules/"));

/** The ports by which traffic gets to a VM because of JIT. */
const openPorts = (vm: string): readonly number[] =>
  (world.azure.world.doorsOfVm.get(findVm(world.azure.world, vm).id.toLowerCase()) ?? [])
    .filter(({ door }) => !door.ruleDeleted && door.revoked === undefined)
    .filter(({ door }) => door.endMs > world.nowMs())
    .map(({ door }) => door.port);

async function opened(text: string, user = "U0ERIN"): Promise<string> {
  const { id, card } = await ask(world, text, { user });
  const sent = initiates(world).length;
  const { ts } = card;
  await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
  await reaches(() => initiates(world).length, sent + 1);
  world.advance(5_000);
  await cardSays(world, { id }, "Open until");
  return id;
}

/** Asks again and again: what happens at Azure makes no noise in Slack. */
const reaches = (count: () => number, least: number) =>
  expect.poll(count, { timeout: 20_000 }).toBeGreaterThanOrEqual(least);

const tells = (text: string, id: string) =>
  world.slack.waitFor(
    () =>
      world.slack
        .direct("U0ERIN")
        .map((one) => world.slack.plainText(one))
        .find((said) => said.includes(text) && said.includes(id)),
    { what: `U0ERIN to be told ${text} of ${id}`, timeoutMs: 20_000 },
  );

describe("ending early by rule", () => {
  it.each([
    ["on the NIC", "vm-01", 1],
    ["on the subnet", "jump-01", 1],
    ["on both", "web-02", 2],
  ])("deletes the rule %s and says ended, without another opening", async (_, vm, nsgs) => {
    for (const nsg of world.azure.world.nsgs.values()) nsg.ownRules = [SSH];
    const id = await opened(`${vm} 22 1h`);
    const [sent, deleted] = [initiates(world).length, deletions().length];
    expect(openPorts(vm)).toEqual([22]);
    await typed(world, "U0ERIN", `end ${id}`);
    expect(await cardSays(world, { id }, "Ended")).toContain("early");
    expect(openPorts(vm)).toEqual([]);
    expect(initiates(world)).toHaveLength(sent);
    expect(deletions().length - deleted).toBe(nsgs);
    for (const nsg of world.azure.world.nsgs.values()) expect(nsg.ownRules).toEqual([SSH]);
  });

  it.each(["unnoticed", "Expired"] as const)(
    "shuts every port, and believes the NSG where the policy says %s",
    async (deletedRule) => {
      world.azure.switches.deletedRule = deletedRule;
      const id = await opened("vm-01 22,3389 1h");
      const sent = initiates(world).length;
      expect(openPorts("vm-01")).toEqual([22, 3389]);
      await typed(world, "U0ERIN", `end ${id}`);
      expect(await cardSays(world, { id }, "Ended")).toContain("early");
      expect(openPorts("vm-01")).toEqual([]);
      expect(initiates(world)).toHaveLength(sent);
    },
  );

  it("ends at once where somebody has deleted the rule already, and Azure did not notice", async () => {
    const id = await opened("vm-01 3389 1h");
    const deleted = deletions().length;
    for (const { door } of [...world.azure.world.doorsOfVm.values()].flat())
      door.ruleDeleted = true;
    await typed(world, "U0ERIN", `end ${id}`);
    await cardSays(world, { id }, "Ended");
    expect(deletions()).toHaveLength(deleted);
  });

  it("leaves a door open that somebody else still needs, until that one ends it", async () => {
    const erins = await opened("vm-01 22 2h");
    const sams = await opened("vm-01 22 1h", "U0SAM");
    const deleted = deletions().length;
    const sent = initiates(world).length;
    await typed(world, "U0ERIN", `end ${erins}`);
    await reaches(() => initiates(world).length, sent + 1);
    // What is shortened is opened anew, and has its rule only when that is done.
    world.advance(15_000);
    await cardSays(world, { id: erins }, "Ended");
    expect(deletions()).toHaveLength(deleted);
    expect(openPorts("vm-01")).toEqual([22]);
    await typed(world, "U0SAM", `end ${sams}`);
    await cardSays(world, { id: sams }, "Ended");
    expect(deletions()).toHaveLength(deleted + 1);
    expect(openPorts("vm-01")).toEqual([]);
  });

  it("leaves a door alone that somebody opened without the bot, too", async () => {
    world.azure.switches.supersedes = "nothing";
    const id = await opened("web-02 3389 1h");
    const policy = [...world.azure.world.policies.values()].find(({ requests }) =>
      requests.some(({ justification }) => justification?.startsWith(id)),
    );
    const own = policy?.requests.find(({ justification }) => justification?.startsWith(id));
    if (own === undefined) throw new Error("nothing was opened");
    policy?.requests.push({ ...own, justification: "by hand" });
    const [sent, deleted] = [initiates(world).length, deletions().length];
    await typed(world, "U0ERIN", `end ${id}`);
    await reaches(() => initiates(world).length, sent + 1);
    expect(deletions()).toHaveLength(deleted);
    expect(openPorts("web-02")).toContain(3389);
  });

  it.each([
    ["deleting", "db-01", "securityRules/delete"],
    ["reading", "db-02", "securityRules/read"],
  ])(
    "says what is missing without the right of %s, and the access stays open",
    async (_, vm, right) => {
      const id = await opened(`${vm} 22 1h`);
      world.azure.world.grants = [];
      const rights = Object.values(RIGHTS).flat();
      grant(...rights.filter((action) => !action.endsWith(right)))(world.azure.world);
      await typed(world, "U0ERIN", `end ${id}`);
      const told = await tells("Couldn't end it early", id);
      expect(told).toContain("missing a permission");
      expect(told).toContain("/jit doctor");
      await cardSays(world, { id }, "Open until");
      expect(openPorts(vm)).toContain(22);
    },
  );

  it("tries again when Azure is busy", async () => {
    const id = await opened("vm-01 3389 1h");
    const act = { status: 503, headers: { "retry-after": "0" }, body: {} };
    world.azure.faults.add({ method: "DELETE", times: 4, act });
    await typed(world, "U0ERIN", `end ${id}`);
    await reaches(() => deletions().filter((one) => one.answered === 503).length, 3);
    world.advance(60_000);
    await cardSays(world, { id }, "Ended");
    expect(openPorts("vm-01")).toEqual([]);
  });
});
