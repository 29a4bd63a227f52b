// `/jit vms`, over the wire: every state with its reason, only what the reader may see, page by page.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  buildWorld,
  classicVm,
  grant,
  RIGHTS,
  subscription,
  subscriptionId,
  vm,
} from "../../src/sandbox/azure/world/parts.ts";
import { ask, cardSays, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const MANAGED = { resourceGroup: "rg-hub", nsg: "none", firewall: "policy" } as const;

/** One kind of VM is for Erin alone. */
const STRICTER = POLICY.replace(
  "match: { vms: [build-*] }\n    requesters: anyone",
  "match: { vms: [build-*] }\n    requesters: { users: [U0ERIN] }",
);

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: STRICTER });
  await world.startBot();
});
afterAll(() => world?.close());

describe("a list of VMs", () => {
  it("shows an admin every state, with its reason", async () => {
    const all = await typed(world, "U0ADMIN", "vms");
    expect(all).toContain("18 VMs: ");
    expect(all).toContain("1 exposed despite JIT");
    expect(await typed(world, "U0ADMIN", "vms unsupported")).toContain(
      "Unsupported: rg-prod-shop/bare-01, running. It has no network security group",
    );
    const not = await typed(world, "U0ADMIN", "vms not configured");
    expect(not).toContain("Not configured: rg-prod-shop/batch-01");
    expect(not).not.toContain("vm-01");
    const exposed = await typed(world, "U0ADMIN", "vms exposed");
    expect(exposed).toContain("⚠️ Configured: rg-dev-lab/build-01");
    expect(exposed).toContain("Exposed: 22 (SSH) is open from any address.");
    expect(exposed).toContain(
      "allow-ssh-for-now in build-01-nsg has a higher priority than JIT's deny rule.",
    );
    const ports = await typed(world, "U0ADMIN", "vms db-01");
    expect(ports).toContain(
      "22 (SSH) up to 2h from 203.0.113.0/24 or 198.51.100.0/24; 5432 (PostgreSQL) TCP only up to 2h from",
    );
    const none = await typed(world, "U0ADMIN", "vms tag:team=nobody");
    expect(none).toContain("No VM matches");
    expect(none).not.toContain("0 Configured");
  });

  it("turns its pages", async () => {
    const first = await typed(world, "U0ADMIN", "vms rg:rg-dev-lab");
    expect(first).not.toContain("[More]");
    const long = await typed(world, "U0ADMIN", "vms");
    expect(long).toContain("[More]");
    const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
    await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.list.more" });
    await world.slack.waitFor(() => {
      const shown = world.slack.ephemerals("U0ADMIN").at(-1);
      return shown && world.slack.plainText(shown).includes("page 2") ? shown : undefined;
    });
  });

  it("shows others what they may ask for, and nothing of anybody else's accesses", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    world.advance(5_000);
    await cardSays(world, { id }, "Open until");
    expect(await typed(world, "U0ERIN", "vms vm-01")).toContain("1 open now");
    expect(await typed(world, "U0SAM", "vms vm-01")).not.toContain("open now");
    expect(await typed(world, "U0ERIN", "vms build-01")).toContain("build-01");
    expect(await typed(world, "U0SAM", "vms build-01")).toContain("that you can request");
    expect(await typed(world, "U0SINGLE", "vms")).not.toContain("Configured");
  });
});

describe("VMs that JIT cannot protect", () => {
  it("are listed with the reason, and those whose plan is off with a hint", async () => {
    const here = await startWorld({
      azureWorld: buildWorld(
        subscription({ name: "Free", plan: "off" }),
        subscription({ name: "Paid" }),
        grant(...Object.values(RIGHTS).flat(), "Microsoft.ClassicCompute/virtualMachines/read"),
        classicVm({ subscription: "Paid", name: "old-01" }),
        vm({ subscription: "Paid", name: "new-01" }),
        vm({ subscription: "Paid", name: "hub-01", ...MANAGED }),
        vm({ subscription: "Free", resourceGroup: "rg-free", name: "free-01" }),
      ),
    });
    try {
      await here.startBot();
      const bad = await typed(here, "U0ADMIN", "vms unsupported");
      expect(bad).toContain("old-01. It's a classic VM, which JIT doesn't support");
      expect(bad).toContain("hub-01, running. It has no network security group, and its");
      expect(bad).not.toContain("Plan 2");
      const all = await typed(here, "U0ADMIN", "vms");
      const hint = `Plan 2 is off in subscription ${subscriptionId("Free")}: JIT can't be configured there`;
      expect(all).toContain(hint);
      expect(all).not.toContain(`off in subscription ${subscriptionId("Paid")}`);
    } finally {
      await here.close();
    }
  });
});
