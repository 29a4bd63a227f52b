// When a missing deny rule of JIT's is told: not while Azure is still making it.

import { expect, it } from "vitest";
import type { NetworkFindings } from "../../../src/domain/vm/exposure/exposure.ts";
import { exposureWatch } from "../../../src/flows/watch/watch-exposure.ts";
import { aPolicy, aVm, T0 } from "../../support/requests.ts";

const SECOND = 1_000;

const MISSING: NetworkFindings = {
  exposures: [{ ports: [22], protocol: "TCP", address: "10.0.0.4", from: ["*"], by: [] }],
  denyMissing: [22],
  unseen: [],
};

/** Looks at one inventory after another, each read so many milliseconds after the start; answers when it told. */
async function toldAt(inventories: readonly (readonly [number, NetworkFindings | undefined])[]) {
  let nowMs = T0;
  let network: NetworkFindings | undefined;
  let awake = () => {};
  const told: number[] = [];
  const looked: (() => void)[] = [];
  const watch = exposureWatch({
    azure: {
      snapshot: () => {
        const vm = aVm(network === undefined ? {} : { network });
        return { atMs: nowMs, vms: new Map([[vm.key, vm]]) };
      },
    },
    book: { tell: async () => void told.push(nowMs - T0), remember: async () => {} },
    storeClock: { nowMs: async () => nowMs },
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
  for (const [atMs, seen] of inventories) {
    nowMs = T0 + atMs;
    network = seen;
    const again = slept();
    awake();
    await again;
  }
  await watch.stop(SECOND);
  return told;
}

it("is told by the next inventory of the usual pace, once", async () => {
  const minutes = [0, 60, 120, 180].map((at) => [at * SECOND, MISSING] as const);
  expect(await toldAt([[-60 * SECOND, undefined], ...minutes])).toEqual([60 * SECOND]);
});

it("isn't told by inventories that changes of policies brought within seconds", async () => {
  const seconds = [0, 3, 7, 30].map((at) => [at * SECOND, MISSING] as const);
  expect(await toldAt([...seconds, [60 * SECOND, undefined]])).toEqual([]);
  expect(await toldAt([...seconds, [60 * SECOND, MISSING]])).toEqual([60 * SECOND]);
});

it("is told anew where it was there again meanwhile, after as long", async () => {
  const back = [61, 64, 125].map((at) => [at * SECOND, MISSING] as const);
  const first = [[0, MISSING] as const, [60 * SECOND, undefined] as const];
  expect(await toldAt([...first, ...back])).toEqual([125 * SECOND]);
});
