// The brake at an opening: what counts as one, and what becomes of it where access is frozen.

import { describe, expect, it } from "vitest";
import type { WorldAct } from "../../../../src/domain/request/acts/world-act.ts";
import type { AzureProgress, Grant } from "../../../../src/domain/request/grant.ts";
import type { In } from "../../../../src/domain/request/request.ts";
import type { Deps } from "../../../../src/flows/deps.ts";
import { heldBack, opensOf } from "../../../../src/flows/worker/azure/held-back.ts";
import type { LeasedRequest } from "../../../../src/flows/worker/leased-request.ts";
import { aCommon, aGrant, aPolicy, FREEZE, T0 } from "../../../support/requests.ts";

const policy = aPolicy({ breaker: { opensPerMinute: 60 } });

const opening = (azure: Partial<AzureProgress>, grant: Partial<Grant> = {}): In<"opening"> => ({
  ...aCommon(),
  state: "opening",
  grant: aGrant({ azure: { ...aGrant().azure, ...azure }, ...grant }),
});

async function becomes(request: In<"opening">): Promise<WorldAct | undefined> {
  const news: WorldAct[] = [];
  const leased = {
    current: () => request,
    nowMs: () => T0,
    news: async (act: WorldAct) => void news.push(act),
  } as unknown as LeasedRequest;
  const deps = {
    freezes: { now: async () => FREEZE },
    policy: () => policy,
    log: { info: () => undefined },
  } as unknown as Deps;
  await heldBack(deps, leased);
  return news[0];
}

describe("the breaker", () => {
  it("counts an opening once, however often Azure has to be asked", () => {
    expect(opensOf(policy, opening({})).perMinute?.most).toBe(60);
    for (const answer of ["unsent", "unknown"] as const) {
      expect(opensOf(policy, opening({ sent: 1, answer })).perMinute).toBeUndefined();
    }
  });

  it("counts nothing where the policy file has none", () => {
    expect(opensOf(aPolicy(), opening({})).perMinute).toBeUndefined();
  });
});

describe("an opening that a freeze holds back", () => {
  it("waits where Azure was never asked", async () => {
    expect(await becomes(opening({}))).toMatchObject({ act: "frozen", freeze: FREEZE });
  });

  it("fails where Azure refused what it was asked", async () => {
    expect(await becomes(opening({ sent: 1, answer: "unsent" }))).toMatchObject({ act: "refused" });
    expect(await becomes(opening({}, { checkedAtMs: T0 }))).toMatchObject({ act: "refused" });
  });

  it("is looked for where the answer was lost: it may open", async () => {
    expect(await becomes(opening({ sent: 1, answer: "unknown" }))).toMatchObject({
      act: "unanswered",
      ambiguous: true,
    });
  });
});
