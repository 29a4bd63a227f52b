// What a freeze does to what was decided: only what Azure was never asked for goes back to wait.

import { describe, expect, it } from "vitest";
import type { Grant } from "../../../../src/domain/request/grant.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { isShownAlike } from "../../../../src/domain/request/shown.ts";
import { type Act, transition } from "../../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import {
  ADA,
  aCommon,
  aGrant,
  FREEZE,
  HOUR,
  inState,
  LEA,
  MINUTE,
  T0,
} from "../../../support/requests.ts";

const NOW = T0 + MINUTE;
const ADDRESS = { code: "address-unproven", message: "It isn't proven." };
const opening = (change: Partial<Grant> = {}): AccessRequest => ({
  ...aCommon({ approvals: [{ by: LEA, atMs: T0 }] }),
  state: "opening",
  grant: aGrant(change),
});

function frozen(request: AccessRequest): AccessRequest {
  const moved = transition(request, { act: "frozen", freeze: FREEZE, expireAfterMs: HOUR }, NOW);
  if (isRefusal(moved)) throw new Error(moved.refused);
  return moved.request;
}

describe("a freeze", () => {
  it("lets what was decided wait, as long as the rule gives it", () => {
    expect(frozen(opening())).toMatchObject({
      state: "ready",
      frozen: FREEZE,
      expiresAtMs: NOW + HOUR,
    });
  });

  it.each([
    ["was asked before", { azure: { ...aGrant().azure, sent: 1 } }],
    ["is asked again by a Retry, which begins to count again", { checkedAtMs: T0 + 1 }],
  ])("never lets an end move that Azure %s", (_, change) => {
    const request = opening(change);
    expect(frozen(request)).toBe(request);
  });

  it("lets an emergency through", () => {
    const request = opening();
    const glass = { ...request, ask: { ...request.ask, breakGlass: true as const } };
    expect(frozen(glass)).toBe(glass);
  });
});

it.each([
  ["its time", { fromMs: T0, frozen: undefined }, "time"],
  ["a freeze's end", { frozen: FREEZE }, "thaw"],
] as const)("what waits again after %s says so", (_, change, tried) => {
  const request = { ...inState("ready"), ...change } as AccessRequest;
  const waits = { expireAfterMs: HOUR, approvers: request.promised.approvers, channel: undefined };
  const short = { act: "thawed-short", needed: 1, stillApprovers: [], policyHash: "b", waits };
  const moved = transition(request, short as Act, NOW);
  if (isRefusal(moved)) throw new Error(moved.refused);
  expect(moved.request.steps.at(-1)?.again).toMatchObject({ tried });
});

it.each(["waits on", "expires in it"])(
  "a freeze is why it %s, and not what held it up before",
  (how) => {
    const message = "One has to end first.";
    const heldUp = { code: "too-many-open", message };
    const before = { ...inState("ready"), frozen: undefined, fromMs: T0, heldUp } as AccessRequest;
    const still = {
      act: "still-frozen",
      freeze: FREEZE,
      nextAtMs: NOW,
      expireAfterMs: HOUR,
    } as const;
    const moved = transition(before, still, NOW);
    if (isRefusal(moved)) throw new Error(moved.refused);
    const { request } = moved;
    expect(request).toMatchObject({ state: "ready", frozen: FREEZE });
    const expired = transition(request, { act: "expire" }, NOW + 5 * HOUR);
    if (isRefusal(expired)) throw new Error(expired.refused);
    const shown = how === "waits on" ? request : expired.request;
    expect(shown).not.toHaveProperty("heldUp");
    if (how !== "waits on") expect(shown).toMatchObject({ state: "lapsed", frozen: true });
  },
);

describe("what can't be checked when it could open", () => {
  const unchecked = { act: "not-checked", fault: "Slack is away.", nextAtMs: NOW } as const;
  const acted = (request: AccessRequest, act: Act, nowMs = NOW): AccessRequest => {
    const moved = transition(request, act, nowMs);
    if (isRefusal(moved)) throw new Error(moved.refused);
    return moved.request;
  };
  const waits = acted(inState("ready"), unchecked);

  it("says so on its card, once, and waits longer each time", () => {
    const before = inState("ready");
    expect(isShownAlike(before, waits)).toBe(false);
    const again = acted(waits, { ...unchecked, nextAtMs: NOW + MINUTE });
    expect(isShownAlike(waits, again)).toBe(true);
    expect(again.attempts.thaw).toEqual({
      count: 2,
      nextAtMs: NOW + MINUTE,
      fault: unchecked.fault,
    });
    expect(again.steps).toEqual(before.steps);
  });

  it.each([
    ["another freeze", { act: "still-frozen", freeze: FREEZE, nextAtMs: NOW, expireAfterMs: HOUR }],
    ["what its requester can put right", { act: "held-up", fault: ADDRESS, nextAtMs: NOW }],
  ] as const)("says %s, once that is why it waits", (_, act) => {
    const now = acted(waits, act);
    expect(now.state).toBe("ready");
    expect(now).not.toHaveProperty("unchecked");
  });

  it("expires as such", () => {
    const expired = acted(waits, { act: "expire" }, NOW + 5 * HOUR);
    expect(expired).toMatchObject({ state: "lapsed", unchecked: true });
    expect(expired).not.toHaveProperty("frozen");
  });
});

describe("an approval by somebody whom it was escalated to", () => {
  const act = { act: "escalate" } as const;

  it("counts after the state in which it was escalated", () => {
    const moved = transition(inState("pending", { approvals: [{ by: ADA, atMs: T0 }] }), act, NOW);
    if (isRefusal(moved)) throw new Error(moved.refused);
    expect(moved.request).toMatchObject({ escalatedAtMs: NOW, wasEscalated: true });
  });
});
