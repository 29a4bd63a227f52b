// Finding the VM that somebody means: read again before it is said not to be there, and how old that is.

import { describe, expect, it } from "vitest";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import type { Vm } from "../../../src/domain/vm/vm.ts";
import { findVm, firstSnapshot } from "../../../src/flows/inventory/find-vm.ts";
import type { InventorySnapshot } from "../../../src/ports/azure.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { aVm, MINUTE, T0 } from "../../support/requests.ts";

const WEB = aVm({ name: "web-01" });
const snapshotOf = (atMs: number, ...vms: Vm[]): InventorySnapshot => ({
  ...{ atMs, vmPolicies: new Map(), unread: [] },
  vms: new Map(vms.map((vm) => [vm.key, vm])),
});

/** Now is `T0`; Azure answers with the second snapshot, or not at all. */
async function found(
  name: string,
  before: InventorySnapshot,
  next: InventorySnapshot | undefined,
): Promise<string> {
  let snapshot = before;
  const azure = {
    snapshot: () => snapshot,
    async refresh() {
      if (next === undefined) {
        throw new Fault({
          source: "azure",
          code: "RateLimiting",
          message: "Later.",
          retryable: true,
        });
      }
      snapshot = next;
      return next;
    },
  } as Parameters<typeof findVm>[0]["azure"];
  const clock = { nowMs: () => T0, monotonicMs: () => 0, sleep: async () => {} };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const one = await findVm({ azure, clock, log }, { typed: name, name }, () => true);
  return isRefusal(one) ? plain(one.say) : one.vm.name;
}

describe("a VM that is not in the snapshot", () => {
  it("is looked for again", async () => {
    expect(await found("web-01", snapshotOf(T0 - MINUTE), snapshotOf(T0, WEB))).toBe("web-01");
  });

  it("is not looked for again in a snapshot of some seconds ago", async () => {
    const fresh = snapshotOf(T0 - 5_000);
    expect(await found("web-01", fresh, snapshotOf(T0, WEB))).toMatch(/^I can't find a VM/);
  });

  it("is said not to be there as of when Azure could be read last", async () => {
    const old = await found("web-02", snapshotOf(T0 - 20 * MINUTE, WEB), undefined);
    expect(old).toMatch(/did you mean web-01\? Azure couldn't be read recently: updated 2026-/);
    const recent = await found("web-02", snapshotOf(T0 - 2 * MINUTE, WEB), undefined);
    expect(recent).toMatch(/did you mean web-01\?$/);
  });

  it("that is there is found, however old the snapshot", async () => {
    expect(await found("WEB-01", snapshotOf(T0 - 900 * MINUTE, WEB), undefined)).toBe("web-01");
  });
});

describe("two VMs of one name", () => {
  const twins = ["rg-a", "rg-b"].map((resourceGroup) => aVm({ name: "web-01", resourceGroup }));
  const offered = async (configured: readonly Vm[]) => {
    const vmPolicies = new Map(
      configured.map((vm) => [vm.key, [{ policyId: "one", vmId: vm.id, ports: [] }]]),
    ) as unknown as InventorySnapshot["vmPolicies"];
    const snapshot = { ...snapshotOf(T0, ...twins), vmPolicies };
    const azure = { snapshot: () => snapshot } as Parameters<typeof findVm>[0]["azure"];
    const clock = { nowMs: () => T0, monotonicMs: () => 0, sleep: async () => {} };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const ref = { typed: "web-01", name: "web-01" };
    const one = await findVm({ azure, clock, log }, ref, () => true);
    if (!isRefusal(one)) throw new Error("one was chosen");
    return { says: plain(one.say), buttons: (one.fixes ?? []).map(({ label }) => label) };
  };
  const NAMED = "2 VMs are named web-01: write rg-a/web-01 or rg-b/web-01.";

  it("are a choice of those that have a JIT policy", async () => {
    const [a, b] = twins as [Vm, Vm];
    expect(await offered([a, b])).toEqual({
      says: NAMED,
      buttons: ["web-01 in rg-a", "web-01 in rg-b"],
    });
    expect(await offered([b])).toEqual({
      says: `${NAMED} Only rg-b/web-01 has a JIT policy.`,
      buttons: ["web-01 in rg-b"],
    });
    expect(await offered([])).toEqual({ says: NAMED, buttons: [] });
  });
});

describe("the first snapshot", () => {
  const world = (snapshot: InventorySnapshot, refresh: () => Promise<InventorySnapshot>) => ({
    azure: { snapshot: () => snapshot, refresh } as Parameters<typeof firstSnapshot>[0]["azure"],
    clock: { nowMs: () => T0, monotonicMs: () => 0, sleep: async () => {} },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const away = async () => {
    throw new Fault({ source: "azure", code: "Away", message: "Away.", retryable: true });
  };

  it("is waited for by a bot that has just started", async () => {
    const read = snapshotOf(T0, WEB);
    expect(await firstSnapshot(world(snapshotOf(0), async () => read))).toBe(read);
  });

  it("is not read again where there is one, however old", async () => {
    const old = snapshotOf(T0 - 900 * MINUTE, WEB);
    expect(await firstSnapshot(world(old, away))).toBe(old);
  });

  it("that can't be had is said, and not that a VM is gone", async () => {
    const none = await firstSnapshot(world(snapshotOf(0), away));
    expect(isRefusal(none) && plain(none.say)).toMatch(
      /couldn't read the list of VMs from Azure yet/,
    );
  });
});
