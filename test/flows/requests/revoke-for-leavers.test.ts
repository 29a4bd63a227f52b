// Who looks whether people have left: one replica in every interval, and another one where that one cannot.

import { expect, it } from "vitest";
import type { Deps } from "../../../src/flows/deps.ts";
import { leaverSweep } from "../../../src/flows/requests/revoke-for-leavers.ts";
import { benchPerFile, quietLog } from "../../adapters/redis/with-store.ts";
import { eventually } from "../../support/eventually.ts";

const bench = benchPerFile();

/** A replica that sweeps whenever the test says so. */
function replica(name: string) {
  let wake: () => void = () => {};
  const did = { rounds: 0, looks: 0 };
  let isFailing = false;
  const deps = {
    log: quietLog,
    clock: {
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          did.rounds += 1;
          wake = resolve;
          signal?.addEventListener("abort", () => resolve());
        }),
    },
    ...bench.store,
    requests: {
      ...bench.store.requests,
      list: async () => {
        did.looks += 1;
        if (isFailing) throw new Error("the list can't be read");
        return [];
      },
    },
  } as unknown as Deps;
  const service = leaverSweep(deps, name);
  service.start();
  return {
    did,
    stop: () => service.stop(0),
    async sweep(fails = false) {
      isFailing = fails;
      const before = did.rounds;
      wake();
      await eventually(async () => expect(did.rounds).toBe(before + 1));
    },
  };
}

it("is one of them in every interval; where it fails, the next one does it at once", async () => {
  const one = replica("a");
  const other = replica("b");
  await bench.store.workQueue.claim("a@1", { leaseMs: 1_000, most: 1, lifeMs: 600_000 });
  await bench.store.workQueue.claim("b@1", { leaseMs: 1_000, most: 1, lifeMs: 600_000 });
  await eventually(async () => expect([one.did.rounds, other.did.rounds]).toEqual([1, 1]));
  await one.sweep(true);
  expect(one.did.looks).toBe(1);
  await other.sweep();
  expect(other.did.looks).toBe(2);
  await one.sweep();
  expect(one.did.looks).toBe(1);
  bench.advance(56_000);
  await one.sweep();
  expect(one.did.looks).toBe(3);
  await Promise.all([one.stop(), other.stop()]);
});
