// One replica at a time asks Azure about a VM, however long it looked before.

import { describe, expect, it } from "vitest";
import type { Deps } from "../../../../src/flows/deps.ts";
import { underLock } from "../../../../src/flows/worker/azure/azure-calls.ts";
import type { LeasedRequest } from "../../../../src/flows/worker/leased-request.ts";
import { inState } from "../../../support/requests.ts";

/** Looks for so long, and then asks; each time the lock is wanted, one of the answers is given. */
async function asks(lookMs: number, ...answers: readonly boolean[]) {
  let nowMs = 0;
  const did: string[] = [];
  const left = [...answers];
  const deps = {
    clock: { monotonicMs: () => nowMs },
    leases: {
      take: async () => {
        did.push("take");
        return left.shift() ?? true;
      },
      give: async () => void did.push("give"),
    },
  } as unknown as Deps;
  const held = {
    owner: "a@1",
    current: () => inState("opening"),
    record: async () => void did.push("wait"),
  } as unknown as LeasedRequest;
  const worker = { name: "a", leaseMs: 30_000, lifeMs: 4_000 };
  await underLock(deps, worker, held, async (isStillAlone) => {
    nowMs += lookMs;
    if (await isStillAlone()) did.push("ask");
  });
  return did;
}

describe("a VM's lock", () => {
  it("is taken once where Azure is asked soon", async () => {
    expect(await asks(9_000)).toEqual(["take", "ask", "give"]);
  });

  it("is taken once more where the look took long", async () => {
    expect(await asks(10_000)).toEqual(["take", "take", "ask", "give"]);
  });

  it("keeps Azure from being asked where another replica has it by then", async () => {
    expect(await asks(31_000, true, false)).toEqual(["take", "take", "wait", "give"]);
  });

  it("is waited for where another replica has it", async () => {
    expect(await asks(0, false)).toEqual(["take", "wait"]);
  });
});
