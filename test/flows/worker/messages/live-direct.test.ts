// The live message: what nobody sent isn't told; the warning beside it keeps its buttons as long as anything is open.

import { describe, expect, it } from "vitest";
import type { State } from "../../../../src/domain/request/document/phase.ts";
import { memberOf } from "../../../../src/domain/request/members.ts";
import { liveDueAtMs } from "../../../../src/domain/request/messages/live-message.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { channelId, requestIdFrom } from "../../../../src/domain/text/ids.ts";
import { LeaseLost } from "../../../../src/flows/worker/lease.ts";
import { putLiveRight, showDirectly } from "../../../../src/flows/worker/messages/live-direct.ts";
import { inState, T0 } from "../../../support/requests.ts";

const CHANNEL = channelId("D0ERIN");
const OTHER = requestIdFrom(new Uint8Array(6).fill(7));

type Needs = Parameters<typeof putLiveRight>;

async function foldings(request: AccessRequest): Promise<number> {
  let now = request;
  let folded = 0;
  const unused = () => Promise.reject(new Error("nothing else is to be done"));
  const note: Needs[1]["note"] = (change) => {
    const changed = change(now, T0);
    now = "request" in changed ? changed.request : changed;
  };
  const leased: Pick<Needs[1], "current" | "leaseHolds" | "nowMs" | "record" | "note"> = {
    current: () => now,
    leaseHolds: () => true,
    nowMs: () => T0,
    record: async (change) => note(change),
    note,
  };
  const chat = {
    foldWarning: async () => {
      folded += 1;
    },
    editLive: unused,
  };
  await putLiveRight({ chat, log: { warn: () => undefined } } as never, leased as Needs[1]);
  return folded;
}

describe("the warning of a batch", () => {
  it.each<[State, State, number]>([
    ["ended", "open", 0],
    ["open", "ended", 0],
    ["ended", "ended", 1],
  ])("where the lead is %s and another %s, is folded %i times", async (own, other, times) => {
    const member = { ...memberOf(inState(other)), id: OTHER, vm: "web-02" };
    const request = inState(own, {
      revision: 4,
      batch: { role: "lead", nonce: "all-n", members: [member] },
      live: { channel: CHANNEL, ts: "1.1", shown: 4, warningTs: "1.2" },
    });
    expect(await foldings(request)).toBe(times);
    expect(liveDueAtMs(request)).toBe(times === 0 ? undefined : 0);
  });
});

describe("where the lease runs out on the way", () => {
  /** Each write takes so long that it does. */
  function slowly(request: AccessRequest) {
    let now = request;
    let holds = true;
    const note: Needs[1]["note"] = (change) => {
      const changed = change(now, T0);
      now = "request" in changed ? changed.request : changed;
      holds = false;
    };
    const sent: string[] = [];
    const leased: Pick<Needs[1], "current" | "leaseHolds" | "nowMs" | "record" | "note"> = {
      current: () => now,
      leaseHolds: () => holds,
      nowMs: () => T0,
      record: async (change) => note(change),
      note,
    };
    const chat = {
      postLive: async () => void sent.push("live"),
      editLive: async () => void sent.push("edit"),
      pingRequester: async () => void sent.push("ping"),
    };
    const steps = [{ n: 1, atMs: T0, what: "open" } as const];
    const showing = showDirectly({ chat } as never, leased as Needs[1], steps);
    return { sent, showing };
  }

  it("nothing is posted, and the effect ends as if it had never begun", async () => {
    const { sent, showing } = slowly(inState("open"));
    await expect(showing).rejects.toThrow(LeaseLost);
    expect(sent).toEqual([]);
  });

  it("nobody is notified beside the live message, either", async () => {
    const live = { channel: CHANNEL, ts: "1.1", shown: 1 };
    const { sent, showing } = slowly({ ...inState("open"), live });
    await expect(showing).rejects.toThrow(LeaseLost);
    expect(sent).toEqual(["edit"]);
  });
});
