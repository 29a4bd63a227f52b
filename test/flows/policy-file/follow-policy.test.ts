// What waits is told of another policy until it was told, and then no more. Of src/flows/policy-file/follow-policy.ts.

import { expect, it } from "vitest";
import type { Deps } from "../../../src/flows/deps.ts";
import { policyFollower } from "../../../src/flows/policy-file/follow-policy.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { eventually } from "../../support/eventually.ts";

it("is made up for where the store was away, and done once for each file", async () => {
  let hash = "a";
  let isAway = false;
  let looks = 0;
  let rounds = 0;
  let wake = () => {};
  const deps = {
    policy: () => ({ hash }),
    log: { debug() {}, error() {} },
    clock: {
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          rounds += 1;
          wake = resolve;
          signal?.addEventListener("abort", () => resolve());
        }),
    },
    requests: {
      list: async () => {
        looks += 1;
        if (isAway) throw new Fault({ source: "redis", code: "x", message: "x", retryable: true });
        return [];
      },
    },
  } as unknown as Deps;
  const follower = policyFollower(deps);
  const round = async () => {
    const before = rounds;
    wake();
    await eventually(async () => expect(rounds).toBe(before + 1));
    return looks;
  };
  follower.start();
  await eventually(async () => expect(rounds).toBe(1));
  expect(looks).toBe(1);
  expect(await round()).toBe(1);
  hash = "b";
  isAway = true;
  expect(await round()).toBe(2);
  expect(await round()).toBe(3);
  isAway = false;
  expect(await round()).toBe(4);
  expect(await round()).toBe(4);
  await follower.stop(0);
});
