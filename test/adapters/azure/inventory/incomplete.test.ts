// Readings of which a part is missing: what was known stays, what is gone goes, and Azure's quota is kept.
// Of src/adapters/azure/inventory/read-inventory.ts.

import { beforeEach, describe, expect, it } from "vitest";
import type { InventorySnapshot } from "../../../../src/ports/azure.ts";
import {
  add,
  buildWorld,
  grantAt,
  policy,
  RIGHTS,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, MINUTE_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock } = simulated;
const GRAPH = "Microsoft.ResourceGraph";
const [PROD, TEST] = [subscriptionId("Prod"), subscriptionId("Test")];

const grantOn = (id: string) => grantAt(`/subscriptions/${id}`, ...RIGHTS.request);
const world = () =>
  buildWorld(
    vm({ name: "web", subscription: "Prod", publicIp: "198.18.0.9", nsg: "subnet" }),
    vm({ name: "db", subscription: "Test" }),
    ...[policy({ vms: ["web"] }), policy({ vms: ["db"] })],
    ...[grantOn(PROD), grantOn(TEST)],
  );

const names = ({ vms }: InventorySnapshot) => [...vms.values()].map(({ name }) => name).sort();
const covered = ({ vmPolicies }: InventorySnapshot) =>
  [...vmPolicies.keys()].map((key) => key.split("/").at(-1)).sort();
const loses = (id: string) => {
  azure.world.grants = azure.world.grants.filter(({ scope }) => !scope.includes(id));
};

beforeEach(() => azure.reset(world()));
beforeEach(() => clock.setMs(START_MS));

describe("a subscription that appears", () => {
  it("is in the next snapshot, with its policies", async () => {
    loses(TEST);
    const { bot } = simulated.bot();
    expect(names(await bot.refresh())).toEqual(["web"]);
    add(azure.world, grantOn(TEST));
    const snapshot = await bot.refresh();
    expect([names(snapshot), covered(snapshot), snapshot.unread]).toEqual([
      ...[["db", "web"], ["db", "web"], []],
    ]);
  });
});

describe("a subscription that goes away", () => {
  it("is told, keeps its VMs until that is certain, and then is not spoken of any more", async () => {
    const { bot } = simulated.bot();
    await bot.refresh();
    loses(TEST);
    clock.setMs(START_MS + MINUTE_MS);
    for (const minute of [1, 2, 5]) {
      clock.setMs(START_MS + minute * MINUTE_MS);
      const snapshot = await bot.refresh();
      expect([names(snapshot), covered(snapshot)]).toEqual([
        ["db", "web"],
        ["db", "web"],
      ]);
      expect(snapshot.unread).toEqual([
        {
          subscriptionId: TEST,
          fault: expect.stringMatching(/^AuthorizationFailed: /),
          goneSinceMs: START_MS + MINUTE_MS,
        },
      ]);
    }
    clock.setMs(START_MS + 6 * MINUTE_MS);
    const snapshot = await bot.refresh();
    expect([names(snapshot), covered(snapshot), snapshot.unread]).toEqual([["web"], ["web"], []]);
  });

  it("is told for ever where the file names it", async () => {
    const { bot } = simulated.bot({ subscriptions: [PROD, TEST] });
    await bot.refresh();
    loses(TEST);
    await bot.refresh();
    clock.setMs(START_MS + 6 * MINUTE_MS);
    for (let n = 0; n < 2; n++) {
      const snapshot = await bot.refresh();
      expect(names(snapshot)).toEqual(["web"]);
      expect(snapshot.unread).toMatchObject([{ subscriptionId: TEST }]);
      expect(snapshot.unread[0]?.goneSinceMs).toBeUndefined();
    }
  });

  it("and comes back is as if nothing had been", async () => {
    const { bot } = simulated.bot();
    const before = await bot.refresh();
    loses(TEST);
    await bot.refresh();
    add(azure.world, grantOn(TEST));
    const after = await bot.refresh();
    expect([names(after), covered(after), after.unread]).toEqual([
      ...[names(before), covered(before), []],
    ]);
  });

  it("is not gone as long as Azure only doesn't answer", async () => {
    const { bot } = simulated.bot();
    await bot.refresh();
    loses(TEST);
    azure.faults.add({ path: `${TEST}/providers/Microsoft.Security`, act: { status: 503 } });
    for (const minute of [1, 9, 99]) {
      clock.setMs(START_MS + minute * MINUTE_MS);
      expect(names(await bot.refresh())).toEqual(["db", "web"]);
    }
  });
});

describe("a subscription whose VMs were all deleted", () => {
  it("has none in the next snapshot", async () => {
    const { bot } = simulated.bot();
    await bot.refresh();
    const kept = [...azure.world.vms].filter(([, { name }]) => name !== "db");
    azure.world.vms.clear();
    for (const [id, one] of kept) azure.world.vms.set(id, one);
    const snapshot = await bot.refresh();
    expect([names(snapshot), snapshot.unread]).toEqual([["web"], []]);
  });
});

describe("a network that can't be read this time", () => {
  it.each([
    ["networkinterfaces"],
    ["publicipaddresses"],
    ["networksecuritygroups"],
    ["bastionhosts"],
  ])("is as it was: %s", async (type) => {
    const { bot } = simulated.bot();
    const before = await bot.refresh();
    azure.faults.add({ path: GRAPH, bodyIncludes: type, act: { status: 403, body: {} } });
    expect((await bot.refresh()).vms).toEqual(before.vms);
  });
});

describe("a throttled Resource Graph", () => {
  it.each([
    ["says when to come back", { "retry-after": "7" }, [7_000, 7_000, 7_000, 7_000]],
    ["does not say when", {}, [1_000, 2_000, 4_000, 8_000]],
  ])("that %s is asked some times more, and the snapshot stays", async (_, headers, pauses) => {
    const { bot } = simulated.bot();
    const before = await bot.refresh();
    clock.setMs(START_MS + MINUTE_MS);
    clock.slept.length = 0;
    const body = { error: { code: "RateLimiting", message: "Please provide below info." } };
    azure.faults.add({
      ...{ path: GRAPH, bodyIncludes: "virtualmachines" },
      act: { status: 429, headers, body },
    });
    const fault = await faultOf(bot.refresh());
    expect(fault).toMatchObject({ code: "RateLimiting", retryable: true });
    expect(bot.snapshot()).toBe(before);
    expect(clock.slept.filter((ms) => ms >= 1_000)).toEqual(pauses);
  });
});
