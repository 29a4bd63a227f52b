// What was left undone of changes of JIT policies: each is gone on with, whatever is amiss with another.

import { expect, it } from "vitest";
import type { Change } from "../../../src/domain/policies/policy-change.ts";
import { resumeChanges } from "../../../src/flows/policies/apply-change.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { startStage } from "../../security/stage.ts";

const OVER: Change = {
  ...{ id: "good", verb: "enable", by: { operator: "ops@host" }, asked: "enable vm:web-1" },
  ...{ atMs: 0, state: "over", meant: 1, policies: [], left: [], unread: [] },
};

function resuming(retryable: boolean) {
  const written: Change[] = [];
  const resumed = resumeChanges({
    ...startStage().deps,
    worker: "one",
    stopping: new AbortController().signal,
    changes: {
      unfinished: async () => ["bad", "good"],
      read: async (id) => {
        if (id === "good") return { change: OVER, version: 1 };
        throw new Fault({ source: "redis", code: "Bad", message: "Unreadable.", retryable });
      },
      commit: async (version, { change }) => {
        written.push(change);
        return version + 1;
      },
    },
  });
  return { resumed, written };
}

it("one that can't be read harms no other", async () => {
  const { resumed, written } = resuming(false);
  await resumed;
  expect(written).toEqual([{ ...OVER, told: true }]);
});

it("a Redis that is away leaves all of them for the next look", async () => {
  const { resumed, written } = resuming(true);
  await expect(resumed).rejects.toThrow("Unreadable.");
  expect(written).toEqual([]);
});
