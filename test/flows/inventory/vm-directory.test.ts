// The index of VMs: made once for each snapshot and policy, and not waited for by a search.

import { describe, expect, it } from "vitest";
import { vmDirectory } from "../../../src/flows/inventory/vm-directory.ts";
import type { InventorySnapshot } from "../../../src/ports/azure.ts";
import { aPolicy, aVm, MINUTE, T0 } from "../../support/requests.ts";

/** More than are worked on in one go. */
const MANY = 1_500;

function snapshotAt(atMs: number): InventorySnapshot {
  const vms = Array.from({ length: MANY }, (_, n) => aVm({ name: `vm-${n}` }));
  return { atMs, vms: new Map(vms.map((vm) => [vm.key, vm])), vmPolicies: new Map(), unread: [] };
}

function started() {
  const world = { snapshot: snapshotAt(T0), policy: aPolicy() };
  /** Those who wait for their turn; a test lets them on. */
  let waiting: (() => void)[] = [];
  const directory = vmDirectory({
    azure: { snapshot: () => world.snapshot } as Parameters<typeof vmDirectory>[0]["azure"],
    policy: () => world.policy,
    clock: {
      nowMs: () => T0,
      monotonicMs: () => 0,
      sleep: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    },
  });
  const letOn = () => {
    const turn = waiting;
    waiting = [];
    for (const go of turn) go();
    return turn.length;
  };
  const made = () => {
    const listed = directory.current();
    letOn();
    return listed;
  };
  return { world, directory, letOn, made };
}

describe("the index of VMs", () => {
  it("is made once, whoever asks meanwhile and later", async () => {
    const { directory, letOn, world } = started();
    const asked = [directory.current(), directory.recent(), directory.current()];
    expect(letOn()).toBe(1);
    const [first, ...others] = await Promise.all(asked);
    for (const other of others) expect(other).toBe(first);
    expect(await directory.current()).toBe(first);
    expect(first?.snapshot).toBe(world.snapshot);
    expect(first?.index.entries.size).toBe(MANY);
  });

  it("of the snapshot before serves a search while the new one is made", async () => {
    const { directory, made, letOn, world } = started();
    const before = await made();
    world.snapshot = snapshotAt(T0 + MINUTE);
    expect(await directory.recent()).toBe(before);
    letOn();
    const after = await directory.current();
    expect(after.snapshot).toBe(world.snapshot);
    expect(await directory.recent()).toBe(after);
  });

  it("of a snapshot long past, or of another policy, serves nobody", async () => {
    const { directory, made, letOn, world } = started();
    await made();
    world.snapshot = snapshotAt(T0 + 5 * MINUTE);
    const waited = directory.recent();
    letOn();
    expect((await waited).snapshot).toBe(world.snapshot);
    world.policy = aPolicy();
    const again = directory.recent();
    letOn();
    expect((await again).index.policy).toBe(world.policy);
  });
});
