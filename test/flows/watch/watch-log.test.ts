// How far back the Activity Log is read: nothing is missed, and no history is told.

import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "../../../src/domain/text/duration.ts";
import { logFollower } from "../../../src/flows/watch/watch-log.ts";
import type { Watching } from "../../../src/flows/watch/watching.ts";
import { Fault } from "../../../src/ports/fault.ts";
import type { WatchTurn } from "../../../src/ports/storage/watch-repository.ts";
import { T0 } from "../../support/requests.ts";

const EVERY_MS = MINUTE_MS;

/** Follows the logs of these subscriptions, with nothing in them. */
function follower(subscriptions: readonly string[]) {
  const asked = new Map<string, { fromMs: number; untilMs: number }>();
  const broken = new Set<string>();
  const warned: string[] = [];
  const fault = (code: string) =>
    new Fault({ source: "azure", code, message: "no", retryable: false });
  const deps = {
    policy: () => ({ azure: { subscriptions } }),
    azure: {
      snapshot: () => ({ vms: new Map(), unread: [] }),
      activity: async (id: string, period: { fromMs: number; untilMs: number }) => {
        asked.set(id, period);
        if (broken.has(id)) throw fault("AuthorizationFailed");
        return [];
      },
    },
    callKeys: { current: async () => "key" },
    watchRepository: { unseen: async () => [], remember: async () => {} },
    clock: { monotonicMs: () => 0 },
    log: { warn: (facts: { subscription: string }) => warned.push(facts.subscription), info() {} },
  } as unknown as Watching;
  const follow = logFollower(deps, new AbortController().signal);
  let read: WatchTurn["read"] = {};
  return {
    asked,
    broken,
    warned,
    async turn(nowMs: number) {
      asked.clear();
      read = await follow({ nowMs, read, skip: 0 }, EVERY_MS);
      return asked;
    },
  };
}

describe("a subscription's log is read", () => {
  it("the first time from a little before, and never for what was before that", async () => {
    const { turn } = follower(["A"]);
    const first = T0 - 3 * MINUTE_MS;
    expect((await turn(T0)).get("A")).toEqual({ fromMs: first, untilMs: T0 });
    expect((await turn(T0 + 5 * MINUTE_MS)).get("A")?.fromMs).toBe(first);
  });

  it("then half an hour back each time, for what comes late", async () => {
    const { turn } = follower(["A"]);
    await turn(T0);
    await turn(T0 + 60 * MINUTE_MS);
    const period = (await turn(T0 + 61 * MINUTE_MS)).get("A");
    expect(period).toEqual({ fromMs: T0 + 30 * MINUTE_MS, untilMs: T0 + 61 * MINUTE_MS });
  });

  it("from where it was left after an outage, for at most a week", async () => {
    const { turn } = follower(["A"]);
    await turn(T0);
    await turn(T0 + DAY_MS);
    const late = await turn(T0 + 4 * DAY_MS);
    expect(late.get("A")?.fromMs).toBe(T0 + DAY_MS - 30 * MINUTE_MS);
    // So long unread, it is as if it were new.
    const later = T0 + 14 * DAY_MS;
    expect((await turn(later)).get("A")?.fromMs).toBe(later - 3 * MINUTE_MS);
  });

  it("although another one can't be, which is said once and made up for", async () => {
    const { turn, broken, warned } = follower(["A", "b", "a"]);
    broken.add("b");
    await turn(T0);
    await turn(T0 + MINUTE_MS);
    expect(warned).toEqual(["b"]);
    broken.clear();
    const made = await turn(T0 + 90 * MINUTE_MS);
    expect(made.get("b")?.fromMs).toBe(T0 - 3 * MINUTE_MS);
    // The same one, spelled twice.
    expect([...made.keys()].map((id) => id.toLowerCase()).sort()).toEqual(["a", "b"]);
  });
});
