// What a freeze does to one request: who waits, who doesn't, and what becomes of it afterwards.

import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../src/domain/request/acts/person-act.ts";
import { agenda, outstanding } from "../../../src/domain/request/outstanding.ts";
import { type AccessRequest, grantOf } from "../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../src/domain/request/transition.ts";
import { heldForMs, heldUnderMs } from "../../../src/domain/rules/freeze.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import {
  aBirth,
  aGrant,
  anAsk,
  aPolicy,
  aRule,
  FREEZE,
  HOUR,
  inState,
  LEA,
  MINUTE,
  OMAR,
  T0,
} from "../../support/requests.ts";

function moved(request: AccessRequest, act: Act, nowMs = T0 + MINUTE): AccessRequest {
  const outcome = transition(request, act, nowMs);
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome.request;
}

const approval = (change: Partial<Extract<PersonAct, { act: "approve" }>> = {}): PersonAct => ({
  act: "approve",
  by: LEA,
  roles: { isApprover: true, isAdmin: false },
  needed: 1,
  stillApprovers: [],
  longestMs: 3 * HOUR,
  policyHash: "b".repeat(64),
  frozen: { freeze: FREEZE, expireAfterMs: 2 * HOUR },
  ...change,
});

const FROZEN: Act = { act: "frozen", freeze: FREEZE, expireAfterMs: HOUR };
const thawed = {
  act: "thawed",
  needed: 1,
  policyHash: "c".repeat(64),
  longestMs: 3 * HOUR,
} as const;

describe("an approval while access is frozen", () => {
  it("waits, without an end, and tells everybody", () => {
    const ready = moved(inState("pending"), approval());
    expect(ready).toMatchObject({
      state: "ready",
      frozen: FREEZE,
      expiresAtMs: T0 + MINUTE + 2 * HOUR,
    });
    expect(grantOf(ready)).toBeUndefined();
    expect(ready.steps.map(({ what }) => what)).toEqual(["approved", "frozen"]);
  });

  it("is one of several as ever, and break-glass is held by no freeze", () => {
    expect(moved(inState("pending"), approval({ needed: 2 })).state).toBe("pending");
    const glass = inState("pending", { ask: anAsk({ breakGlass: true }) });
    expect(moved(glass, approval()).state).toBe("opening");
  });
});

describe("what nobody has to decide", () => {
  const birth = (change: Parameters<typeof aBirth>[0]) =>
    aBirth({ rule: aRule({ approvals: 0 }), approvals: 0, ...change }, { frozen: FREEZE }).request;

  it("waits, too, except in an emergency", () => {
    expect(birth({}).state).toBe("ready");
    expect(birth({ ask: anAsk({ breakGlass: true }) }).state).toBe("opening");
    expect(birth({ approvals: 1 }).state).toBe("pending");
  });
});

describe("an opening that meets a freeze", () => {
  it("goes back to wait only where Azure was never asked", () => {
    expect(moved(inState("opening"), FROZEN).state).toBe("ready");
    const azure = { sent: 1, answer: "unsent", reads: 0, seenPorts: [] } as const;
    const sent = { ...inState("opening"), state: "opening", grant: aGrant({ azure }) } as const;
    expect(transition(sent, FROZEN, T0).request).toBe(sent);
  });

  it("is never held in an emergency", () => {
    const glass = inState("opening", { ask: anAsk({ breakGlass: true }) });
    expect(transition(glass, FROZEN, T0).request).toBe(glass);
  });
});

describe("what waits", () => {
  const ready = inState("ready");

  it("is looked at, and looked at no more once its time is over", () => {
    expect(outstanding(ready, T0)).toContain("thaw");
    const later: Act = {
      act: "still-frozen",
      freeze: FREEZE,
      nextAtMs: T0 + HOUR,
      expireAfterMs: HOUR,
    };
    const waits = moved(ready, later);
    expect(outstanding(waits, T0 + MINUTE)).not.toContain("thaw");
    expect(outstanding(moved(waits, { act: "thawing" }), T0 + MINUTE)).toContain("thaw");
    expect(agenda(ready)).toContainEqual({ effect: "lapse", atMs: T0 + 4 * HOUR });
    expect(outstanding(ready, T0 + 4 * HOUR)).not.toContain("thaw");
  });

  it("gets its end when it goes on, and is approved by those who still count", () => {
    const nowMs = T0 + 3 * HOUR;
    const opening = moved(ready, { ...thawed, stillApprovers: [LEA] }, nowMs);
    expect(opening).toMatchObject({
      state: "opening",
      grant: { startsAtMs: nowMs, endsAtMs: nowMs + ready.ask.durationMs, approvedBy: [LEA] },
    });
    const none = moved(ready, { ...thawed, stillApprovers: [OMAR] }, nowMs);
    expect(grantOf(none)?.approvedBy).toEqual([]);
  });

  it("shows another freeze as what it is", () => {
    const other = { by: undefined, atMs: T0 + MINUTE, reason: "more than 60 openings" };
    const waits = moved(ready, {
      act: "still-frozen",
      freeze: other,
      nextAtMs: T0 + HOUR,
      expireAfterMs: 9 * HOUR,
    });
    expect(waits).toMatchObject({ state: "ready", frozen: other, expiresAtMs: T0 + 4 * HOUR });
    expect(waits.revision).toBeGreaterThan(ready.revision);
  });
});

describe("how long what a freeze holds is good", () => {
  const rule = aRule({ name: "production", expireAfterMs: 2 * HOUR });

  it("is the rule's keepFor, else as long as a request waits for its decision", () => {
    expect(heldForMs(rule)).toBe(2 * HOUR);
    expect(heldForMs({ ...rule, heldForMs: 8 * HOUR })).toBe(8 * HOUR);
    const policy = aPolicy({ rules: [{ ...rule, heldForMs: 8 * HOUR }] });
    expect(heldUnderMs(policy, "production")).toBe(8 * HOUR);
    expect(heldUnderMs(policy, "gone")).toBe(4 * HOUR);
  });
});
