// Subscriptions that come and go while the bot runs: what is seen of them, and that nothing is left of what is gone.

import { beforeEach, expect, it } from "vitest";
import { withhold } from "../../../../src/sandbox/azure/rights.ts";
import {
  add,
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { MINUTE_MS, START_MS, simulate } from "../../../adapters/azure/bot.ts";

const simulated = await simulate();
const { azure, clock } = simulated;
const everythingOf = (name: string) => ({
  scope: `/subscriptions/${subscriptionId(name)}`,
  action: "*",
});

beforeEach(() =>
  simulated.reset(
    buildWorld(
      vm({ name: "web", subscription: "Shop" }),
      vm({ name: "lab", subscription: "Lab" }),
      policy({ vms: ["web"] }),
      policy({ vms: ["lab"], name: "of-the-lab" }),
    ),
  ),
);

it("a subscription that goes takes its VMs and policies along, and brings them back", async () => {
  const { bot, lines } = simulated.bot();
  const seen = async () => {
    const { vms, vmPolicies, unread } = await bot.refresh();
    const names = [...vms.values()].map(({ name }) => name).sort();
    return { vms: names, vmPolicies: vmPolicies.size, unread };
  };
  expect(await seen()).toEqual({ vms: ["lab", "web"], vmPolicies: 2, unread: [] });
  withhold(azure.world, everythingOf("Lab"), false);
  // Not at once: it may be a passing fault.
  expect(await seen()).toMatchObject({ vms: ["lab", "web"], unread: [{ goneSinceMs: START_MS }] });
  clock.setMs(START_MS + 6 * MINUTE_MS);
  expect(await seen()).toEqual({ vms: ["web"], vmPolicies: 1, unread: [] });
  withhold(azure.world, everythingOf("Lab"), true);
  add(
    azure.world,
    vm({ name: "late", subscription: "New", resourceGroup: "rg-new" }),
    policy({ vms: ["late"] }),
  );
  expect(await seen()).toEqual({ vms: ["lab", "late", "web"], vmPolicies: 3, unread: [] });
  expect(lines.filter(({ level }) => level === "error")).toEqual([]);
});

it("one that the policy file names and that is gone is named, and harms no other", async () => {
  const { bot } = simulated.bot({
    subscriptions: [subscriptionId("Shop"), subscriptionId("Lab")],
  });
  expect((await bot.refresh()).unread).toEqual([]);
  withhold(azure.world, everythingOf("Lab"), false);
  await bot.refresh();
  clock.setMs(START_MS + 6 * MINUTE_MS);
  const { vms, vmPolicies, unread } = await bot.refresh();
  expect([vms.size, vmPolicies.size]).toEqual([1, 1]);
  expect(unread).toEqual([
    {
      subscriptionId: subscriptionId("Lab"),
      fault: expect.stringMatching(/^AuthorizationFailed: /),
    },
  ]);
  const facts = await bot.checkup();
  expect(facts.subscriptions.map(({ permissions }) => "code" in permissions)).toEqual([
    false,
    true,
  ]);
});

it("all of them gone is told as what it is, and the last snapshot stays", async () => {
  const { bot } = simulated.bot();
  await bot.refresh();
  for (const name of ["Shop", "Lab"]) withhold(azure.world, everythingOf(name), false);
  const { vms } = await bot.checkup();
  expect(vms).toMatchObject({ code: "NoValidSubscriptionsInQueryRequest" });
  expect(bot.snapshot().vms.size).toBe(2);
});
