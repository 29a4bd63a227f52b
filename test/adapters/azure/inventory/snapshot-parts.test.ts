// The snapshot as texts: any snapshot comes back as it was, and a small change alters few texts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIntern } from "../../../../src/adapters/azure/inventory/intern.ts";
import {
  type Part,
  partFrom,
  partsOf,
  rootFrom,
  rootText,
  snapshotFrom,
  textsOf,
} from "../../../../src/adapters/azure/inventory/snapshot-parts.ts";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import type { NetworkFindings } from "../../../../src/domain/vm/exposure/exposure.ts";
import type { JitVmPolicy, Vm } from "../../../../src/domain/vm/vm.ts";
import type { InventorySnapshot } from "../../../../src/ports/azure.ts";
import { aVm } from "../../../support/requests.ts";

const textsIn = (snapshot: InventorySnapshot): readonly string[] =>
  partsOf(snapshot).flatMap((part) => textsOf(part).map(([text]) => text));

async function throughTexts(snapshot: InventorySnapshot): Promise<InventorySnapshot> {
  const same = createIntern();
  const parts = textsIn(snapshot).map((text) => partFrom(text, same) as Part);
  const root = rootFrom(rootText({ parts: [], unread: snapshot.unread }));
  return snapshotFrom(parts, { atMs: snapshot.atMs, unread: root?.unread ?? [] });
}

const word = fc.string({ unit: "grapheme", maxLength: 12 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const place = fc.record({
  subscription: fc.constantFrom("S1", "s2"),
  name: fc.stringMatching(/^[A-Za-z0-9-]{1,9}$/),
});
const idOf = ({ subscription, name }: { subscription: string; name: string }) =>
  `/subscriptions/${subscription}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/${name}`;

const anyPorts = fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 3 });

const anyFindings: fc.Arbitrary<NetworkFindings> = fc.record({
  exposures: fc.array(
    fc.record({
      ports: anyPorts,
      protocol: fc.constantFrom("TCP" as const, "UDP" as const, "*" as const),
      address: word,
      from: fc.array(word, { maxLength: 2 }),
      by: fc.array(
        fc.record({
          ...{ rule: word, nsg: word },
          whose: fc.constantFrom("own" as const, "jit" as const, "default" as const),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
  ...{ denyMissing: anyPorts, unseen: fc.array(word, { maxLength: 2 }) },
});

const anyVm: fc.Arbitrary<Vm> = fc
  .record({
    place,
    ...{ resourceGroup: word, location: word, power: maybe(word), hasNsg: maybe(fc.boolean()) },
    tags: fc.dictionary(
      word.filter((name) => name !== "__proto__"),
      word,
      { maxKeys: 3 },
    ),
    os: fc.constantFrom("linux" as const, "windows" as const, undefined),
    privateAddresses: fc.array(fc.ipV4(), { maxLength: 2 }),
    publicAddresses: fc.array(fc.ipV4(), { maxLength: 2 }),
    classic: fc.boolean(),
    uniform: fc.boolean(),
    firewall: fc.constantFrom(undefined, "classic-rules", "policy"),
    hasBastion: fc.boolean(),
    network: fc.option(anyFindings, { nil: undefined }),
  })
  .map(
    ({
      place: { subscription, name },
      classic,
      uniform,
      firewall,
      hasBastion,
      network,
      ...vm
    }) => ({
      ...vm,
      ...{ id: idOf({ subscription, name }), key: vmKey(idOf({ subscription, name })) },
      ...{ name, subscriptionId: subscription },
      ...(classic && { classic: true as const }),
      ...(uniform && { uniform: true as const }),
      ...(firewall !== undefined && { firewall }),
      ...(hasBastion && { hasBastion: true as const }),
      ...(network !== undefined && { network }),
    }),
  );

const anyVmPolicy: fc.Arbitrary<JitVmPolicy> = fc.record({
  policyId: word,
  vm: place.map((one) => vmKey(idOf(one))),
  ports: fc.array(
    fc.record({
      ...{ number: fc.integer({ min: 0, max: 65_535 }), protocol: word, maxDurationMs: fc.nat() },
      sources: fc.array(word, { maxLength: 2 }),
    }),
    { maxLength: 3 },
  ),
  firewallAddress: maybe(fc.ipV4()),
});

const anySnapshot: fc.Arbitrary<InventorySnapshot> = fc
  .record({
    vms: fc.array(anyVm, { maxLength: 12 }),
    vmPolicies: fc.array(anyVmPolicy, { maxLength: 12 }),
    unread: fc.array(fc.record({ subscriptionId: word, fault: word }), { maxLength: 2 }),
  })
  .map(({ vms, vmPolicies, unread }) => ({
    ...{
      atMs: 1_000,
      unread: unread.map((one, n) => (n === 0 ? one : { ...one, goneSinceMs: n })),
    },
    vms: new Map(vms.map((vm) => [vm.key, vm])),
    vmPolicies: Map.groupBy(vmPolicies, (vmPolicy) => vmPolicy.vm),
  }));

const manyVms = (count: number): Vm[] =>
  Array.from({ length: count }, (_, n) => aVm({ name: `vm-${String(n).padStart(5, "0")}` }));
const snapshotWith = (vms: readonly Vm[]): InventorySnapshot => ({
  ...{ atMs: 1, vmPolicies: new Map(), unread: [] },
  vms: new Map(vms.map((vm) => [vm.key, vm])),
});

describe("a snapshot", () => {
  it("comes back from its texts as it was", async () => {
    await fc.assert(
      fc.asyncProperty(anySnapshot, async (snapshot) => {
        const back = await throughTexts(snapshot);
        expect(back).toEqual(snapshot);
        expect([...back.vms.keys()]).toEqual([...snapshot.vms.keys()]);
      }),
      { numRuns: 300 },
    );
  });

  it("comes back unchangeable", async () => {
    const { vms, ...snapshot } = await throughTexts(snapshotWith(manyVms(3)));
    const [vm] = vms.values();
    expect([vm, vm?.tags, vm?.privateAddresses, snapshot.unread].every(Object.isFrozen)).toBe(true);
  });

  it("alters few of its texts when a VM changes, comes or goes", () => {
    const vms = manyVms(5_000);
    const before = new Set(textsIn(snapshotWith(vms)));
    const altered = (changed: readonly Vm[]) =>
      textsIn(snapshotWith(changed)).filter((text) => !before.has(text)).length;
    expect(before.size).toBeGreaterThan(10);
    expect(altered(vms)).toBe(0);
    expect(altered(vms.map((vm, n) => (n === 700 ? { ...vm, power: "off" } : vm)))).toBe(1);
    expect(altered(vms.toSpliced(2_500, 1))).toBeLessThanOrEqual(2);
    expect(altered(vms.toSpliced(40, 0, aVm({ name: "vm-new" })))).toBeLessThanOrEqual(2);
  });

  it("has no text above a quarter of a megabyte, however much is said of its VMs", async () => {
    const tags = { note: "é".repeat(3_000) };
    const snapshot = snapshotWith(manyVms(400).map((vm) => ({ ...vm, tags })));
    expect(Math.max(...textsIn(snapshot).map((text) => Buffer.byteLength(text)))).toBeLessThan(
      256 * 1_024,
    );
    expect(await throughTexts(snapshot)).toEqual(snapshot);
  });
});

describe("a text that is not of this format", () => {
  const [good = ""] = textsIn(snapshotWith(manyVms(1)));
  it.each([
    ["no JSON", "{"],
    ["nothing", "null"],
    ["a VM without an id", good.replace('"id"', '"was"')],
    [
      "an address that is a number",
      good.replace(/"privateAddresses":\[[^\]]*\]/, '"privateAddresses":[7]'),
    ],
    [
      "ports that are not there",
      '{"vms":[],"ports":[],"covers":[[{"policyId":"p","vm":"v","ports":0}]]}',
    ],
  ])("%s is not taken for a part", (_, text) => {
    expect(text).not.toBe(good);
    expect(partFrom(text, createIntern())).toBeUndefined();
    expect(rootFrom(text)).toBeUndefined();
  });
});
