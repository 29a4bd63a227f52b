// Ending early: Azure is asked until it accepts, and nothing is said to be closed that it hasn't shown closed.
// Of src/flows/worker/azure/closing.ts.

import { describe, expect, it } from "vitest";
import type { WorldAct } from "../../../../src/domain/request/acts/world-act.ts";
import type { Holder } from "../../../../src/domain/request/doors/doors.ts";
import type { AzureProgress, Grant } from "../../../../src/domain/request/grant.ts";
import type { AccessRequest, In } from "../../../../src/domain/request/request.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import type { RequestId } from "../../../../src/domain/text/ids.ts";
import type { JitEntry } from "../../../../src/domain/vm/vm.ts";
import type { Deps } from "../../../../src/flows/deps.ts";
import { azureEffect } from "../../../../src/flows/worker/azure/azure-effects.ts";
import type { LeasedRequest } from "../../../../src/flows/worker/leased-request.ts";
import { Fault } from "../../../../src/ports/fault.ts";
import { aCommon, aGrant, ERIN, HOUR, MINUTE, T0 } from "../../../support/requests.ts";

const OTHER = "JIT-000001" as RequestId;
const ENDS = T0 + 2 * HOUR;
const LOST: AzureProgress = { sent: 1, answer: "unknown", reads: 0, seenPorts: [] };
const AWAY = new Fault({
  source: "azure",
  code: "503",
  message: "Try later.",
  retryable: true,
  ambiguous: true,
});
/** The replica dies: nothing is recorded of it. */
const CRASH = new Error("gone");

const endedNow = (grant: Partial<Grant>): In<"ending"> => ({
  ...aCommon(),
  state: "ending",
  grant: aGrant({ azure: LOST, ...grant }),
  endedBy: ERIN,
  closeSent: 0,
});

/** Azure, which answers the bot's calls as ordered (with a 202 after that), and shows `entries`. */
function world(request: AccessRequest, answers: readonly (Error | "yes")[] = []) {
  const left = [...answers];
  const entries: JitEntry[] = [];
  const holders: Holder[] = [];
  const ends: number[] = [];
  let now: AccessRequest = request;
  let nowMs = T0 + MINUTE;
  const open = async ({ ports }: { ports: readonly { endsAtMs: number }[] }) => {
    const answer = left.shift();
    if (answer instanceof Error) throw answer;
    ends.push(...ports.map(({ endsAtMs }) => endsAtMs));
  };
  const nothing = () => undefined;
  const deps = {
    azure: { readPolicy: async () => ({ id: "policy", vmPolicies: [], entries }), open },
    requests: { holders: async () => [holders], read: async () => undefined },
    leases: { take: async () => true, give: async () => nothing() },
    primary: { confirm: async () => nothing() },
    chat: { person: async () => undefined },
    callKeys: { current: async () => "key" },
    clock: { monotonicMs: () => 0, sleep: () => new Promise(nothing) },
    random: { bytes: (count: number) => new Uint8Array(count) },
    log: { info: nothing, debug: nothing, warn: nothing },
    policy: () => ({ endEarly: "initiate" }),
  } as unknown as Deps;
  const leased = {
    owner: "a@1",
    current: () => now,
    nowMs: () => nowMs,
    leaseHolds: () => true,
    news: async (act: WorldAct) => {
      now = transition(now, act, nowMs).request;
    },
  } as unknown as LeasedRequest;
  const worker = { name: "a", leaseMs: 30_000, lifeMs: 4_000 };
  return {
    entries,
    holders,
    /** The ends that Azure accepted. */
    ends,
    now: () => now,
    nowMs: () => nowMs,
    /** Works on it whenever it is due, up to `untilMs`. */
    work: async (untilMs: number) => {
      while (now.state === "ending" && nowMs <= untilMs) {
        try {
          await azureEffect(deps, worker, leased);
        } catch (thrown) {
          if (thrown !== CRASH) throw thrown;
        }
        nowMs = Math.max(nowMs + 1_000, now.attempts.azure?.nextAtMs ?? 0);
      }
    },
  };
}

const entry = (change: Partial<JitEntry>): JitEntry => ({
  vm: aCommon().ask.vm.key,
  port: 3389,
  source: "203.0.113.0/24",
  endsAtMs: ENDS,
  startedAtMs: T0,
  status: "Initiated",
  statusReason: "",
  requestor: "bot",
  justification: aCommon().id,
  mappedPort: undefined,
  ...change,
});

describe("ending an opening whose answer was lost", () => {
  it.each([
    ["a fault", AWAY],
    ["a crash", CRASH],
  ])("sends an earlier end again after %s, until Azure accepts one", async (_what, wrong) => {
    const { work, ends, now } = world(endedNow({}), [wrong, wrong]);
    await work(T0 + HOUR);
    expect(ends).toHaveLength(1);
    expect(ends[0]).toBeLessThan(T0 + 10 * MINUTE);
    // It never came: Azure has shown nothing.
    expect(now()).toMatchObject({ state: "ended", how: "early", closing: "unknown" });
  });

  it("goes on as long as Azure accepts none, and calls nothing closed", async () => {
    const { work, ends, now } = world(endedNow({}), Array(200).fill(AWAY));
    await work(T0 + HOUR);
    expect(ends).toEqual([]);
    expect(now().state).toBe("ending");
  });

  it("never sends an end later than its own", async () => {
    const { work, ends, now } = world(endedNow({ endsAtMs: T0 + 2 * MINUTE }));
    await work(T0 + 90_000);
    expect(ends).toEqual([]);
    expect(now().state).toBe("ending");
  });

  it("cuts nobody short who waits for the same port", async () => {
    const { work, ends, holders } = world(endedNow({}));
    holders.push({ id: OTHER, untilMs: T0 + HOUR });
    await work(T0 + 5 * MINUTE);
    expect(ends).toEqual([T0 + HOUR]);
  });

  it("is closed once Azure shows it revoked", async () => {
    const { work, entries, now } = world(endedNow({}));
    entries.push(entry({ status: "Revoked", statusReason: "Expired" }));
    await work(T0 + HOUR);
    expect(now()).toMatchObject({ state: "ended", closing: "closed" });
  });
});

it("tells of a port that somebody opened outside the bot as well", async () => {
  const { work, entries, now } = world(endedNow({ openedAtMs: T0 + 1_000 }));
  entries.push(entry({ status: "Revoked" }), entry({ justification: "by hand", endsAtMs: ENDS }));
  await work(T0 + HOUR);
  expect(now()).toMatchObject({
    state: "ended",
    closing: "closed",
    ports: [{ port: 3389, closing: "closed", isOpenForOthers: true }],
  });
});

describe("the end that Azure was asked for", () => {
  it("has no answer where Azure was away, and says no more that it was once it has one", async () => {
    const { work, now, nowMs } = world(endedNow({}), [AWAY]);
    await work(nowMs());
    expect(now()).toMatchObject({ state: "ending", fault: { code: "503" } });
    expect(now()).not.toHaveProperty("closeAnswer");
    await work(nowMs());
    expect(now()).toMatchObject({ closeAnswer: "accepted" });
    expect(now()).not.toHaveProperty("fault");
  });

  it("is overdue where Azure shows it open after it", async () => {
    const { work, entries, now, nowMs } = world(endedNow({ openedAtMs: T0 + 1_000 }));
    entries.push(entry({}));
    await work(nowMs());
    const { closesAtMs = 0 } = now() as In<"ending">;
    entries.splice(0, 1, entry({ endsAtMs: closesAtMs }));
    await work(closesAtMs);
    expect(now()).toMatchObject({ closeAnswer: "accepted" });
    await work(closesAtMs + MINUTE);
    expect(now()).toMatchObject({ state: "ending", closeAnswer: "overdue" });
  });
});

describe("ending early", () => {
  it.each([
    ["was seen open", { openedAtMs: T0 + 1_000 }],
    ["Azure refused to open", { azure: { ...LOST, answer: "unsent" } }],
  ] as const)(
    "says of what %s and isn't in the policy that Azure shows nothing",
    async (_what, grant) => {
      const { work, ends, now } = world(endedNow(grant));
      await work(T0 + HOUR);
      expect(ends).toEqual([]);
      expect(now()).toMatchObject({ state: "ended", closing: "unknown" });
    },
  );

  it("has nothing to look for where Azure was never asked", async () => {
    const { work, ends, now } = world(endedNow({ azure: { ...LOST, sent: 0, answer: "unsent" } }));
    await work(T0 + HOUR);
    expect(ends).toEqual([]);
    expect(now()).toMatchObject({ state: "ended", closing: "closed" });
  });
});
