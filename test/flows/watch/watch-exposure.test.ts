// When a missing deny rule of JIT's is told: by the second inventory, but not while Azure is still making it.

import { expect, it } from "vitest";
import type { NetworkFindings } from "../../../src/domain/vm/exposure/exposure.ts";
import { exposureWatch } from "../../../src/flows/watch/watch-exposure.ts";
import { aPolicy, aPort, aVm, aVmPolicy, T0 } from "../../support/requests.ts";

const SECOND = 1_000;
const MISSING: NetworkFindings = { exposures: [], denyMissing: [22], unseen: [] };

/** Seconds after the start, what is amiss then, and the ports of the VM's JIT policy. */
type Inventory = readonly [atS: number, seen: NetworkFindings | "well", ports?: readonly number[]];

/**
 * Looks at one inventory after another; answers after how many seconds it told. `storeStepMs`: how far the store's
 * clock goes on between two looks.
 */
async function toldAt(
  inventories: readonly Inventory[],
  { storeStepMs = 0 } = {},
): Promise<readonly number[]> {
  let [now] = inventories;
  let looks = 0;
  let awake = () => {};
  const told: number[] = [];
  const looked: (() => void)[] = [];
  const atMs = () => T0 + (now?.[0] ?? 0) * SECOND;
  const watch = exposureWatch({
    azure: {
      snapshot: () => {
        const [, seen = "well", ports = [22]] = now ?? [];
        const vm = aVm(seen === "well" ? {} : { network: seen });
        const vmPolicy = aVmPolicy(
          vm,
          ports.map((number) => aPort(number)),
        );
        const vmPolicies = new Map(ports.length === 0 ? [] : [[vm.key, [vmPolicy]]]);
        return { atMs: atMs(), vms: new Map([[vm.key, vm]]), vmPolicies };
      },
    },
    watchRepository: { tell: async () => void told.push(now?.[0] ?? 0), remember: async () => {} },
    storeClock: { nowMs: async () => atMs() + storeStepMs * looks++ },
    policy: () => aPolicy({ watch: { everyMs: 60 * SECOND } }),
    log: { warn: (facts: unknown) => expect(facts).toBeUndefined() },
    clock: {
      sleep: (_ms: number, signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          awake = resolve;
          signal.addEventListener("abort", () => resolve());
          looked.shift()?.();
        }),
    },
  } as unknown as Parameters<typeof exposureWatch>[0]);
  const slept = () => new Promise<void>((resolve) => looked.push(resolve));
  const started = slept();
  watch.start();
  await started;
  for (const one of inventories.slice(1)) {
    now = one;
    const again = slept();
    awake();
    await again;
  }
  await watch.stop(SECOND);
  return told;
}

it("is told by the second inventory that shows it, however soon that comes, and once", async () => {
  expect(
    await toldAt([
      [0, "well"],
      [60, MISSING],
      [63, MISSING],
      [120, MISSING],
    ]),
  ).toEqual([63]);
});

it("isn't told where only one inventory shows it", async () => {
  expect(
    await toldAt([
      [0, "well"],
      [60, MISSING],
      [63, "well"],
      [120, MISSING],
      [180, "well"],
    ]),
  ).toEqual([]);
});

it("is told by the first two where it was so before the start", async () => {
  expect(
    await toldAt([
      [0, MISSING],
      [3, MISSING],
    ]),
  ).toEqual([3]);
});

it.each([
  ["a VM has just been configured", []],
  ["a port has just been added", [3389]],
])("isn't told while Azure makes its rules, where %s", async (_what, ports) => {
  const inventories: Inventory[] = [
    [0, "well", ports],
    [60, MISSING, [22, 3389]],
    [63, MISSING, [22, 3389]],
    [80, MISSING, [22, 3389]],
  ];
  expect(await toldAt([...inventories, [120, "well", [22, 3389]]])).toEqual([]);
  expect(await toldAt([...inventories, [120, MISSING, [22, 3389]]])).toEqual([120]);
});

it("is told at once where a port is only gone, or stands elsewhere in the list", async () => {
  expect(
    await toldAt([
      [0, "well", [22, 3389]],
      [60, MISSING, [22]],
      [63, MISSING, [22]],
    ]),
  ).toEqual([63]);
  expect(
    await toldAt([
      [0, "well", [22, 3389]],
      [60, MISSING, [3389, 22]],
      [63, MISSING, [3389, 22]],
    ]),
  ).toEqual([63]);
});

it("is told although somebody adds a port again and again", async () => {
  const ports = [22];
  const inventories: Inventory[] = [[0, "well", ports]];
  for (let atS = 10; atS <= 100; atS += 10) {
    inventories.push([atS, MISSING, [...ports, 1_000 + atS]]);
  }
  expect((await toldAt(inventories))[0]).toBeLessThanOrEqual(60);
});

it("is judged by the inventories' times, however late each is looked at", async () => {
  const inventories: Inventory[] = [
    [0, "well", []],
    [60, MISSING],
    [63, MISSING],
    [66, "well"],
  ];
  expect(await toldAt(inventories, { storeStepMs: 60 * SECOND })).toEqual([]);
});
