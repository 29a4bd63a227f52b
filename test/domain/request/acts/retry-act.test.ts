// Retry under rules that changed since: with the approvals that still count, or back to waiting for more.

import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../../src/domain/request/acts/person-act.ts";
import { type AccessRequest, grantOf } from "../../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../../src/domain/request/transition.ts";
import { channelId, type UserId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import {
  ERIN,
  HOUR,
  inState,
  LEA,
  MINUTE,
  OMAR,
  ONCALL,
  PROD,
  SAM,
  T0,
} from "../../../support/requests.ts";

const OTHER = channelId("C0OTHER");

function move(request: AccessRequest, act: Act, nowMs = T0 + MINUTE): AccessRequest {
  const outcome = transition(request, act, nowMs);
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome.request;
}

const approveBy = (by: UserId, needed: number, stillApprovers: readonly UserId[]): PersonAct => ({
  act: "approve",
  by,
  roles: { isApprover: true, isAdmin: false },
  needed,
  stillApprovers,
  longestMs: 3 * HOUR - 15_000,
  policyHash: "b".repeat(64),
});

describe("retrying under a rule that asks for more approvals by now", () => {
  const approvals = [
    { by: LEA, atMs: T0 },
    { by: SAM, atMs: T0 },
  ];
  const failed = inState("failed", { approvals });
  const retry = (needed: number, stillApprovers: readonly UserId[]): PersonAct => ({
    act: "retry",
    by: ERIN,
    roles: { isApprover: false, isAdmin: false },
    needed,
    stillApprovers,
    policyHash: "c".repeat(64),
    waits: {
      expireAfterMs: HOUR,
      approvers: { users: [LEA, OMAR], groups: [ONCALL] },
      channel: OTHER,
    },
  });

  it("opens with the approvals that still count, where they are enough", () => {
    for (const needed of [0, 1, 2]) {
      const request = move(failed, retry(needed, [LEA, SAM]));
      expect(request).toMatchObject({ state: "opening", approvals });
      expect(grantOf(request)?.checkedAtMs).toBe(T0 + MINUTE);
    }
    expect(move(failed, retry(1, [LEA])).state).toBe("opening");
  });

  it("waits again for those that are missing, with its card, and with nothing granted", () => {
    const request = move(failed, retry(2, [LEA]));
    expect(request).toMatchObject({
      state: "pending",
      approvals: [{ by: LEA }],
      promised: { approvals: 2, policyHash: "c".repeat(64), approvers: { groups: [ONCALL] } },
      expiresAtMs: T0 + MINUTE + HOUR,
      sinceMs: T0 + MINUTE,
    });
    expect(grantOf(request)).toBeUndefined();
    expect(request.steps.map(({ what, by }) => [what, by])).toEqual([
      ["approval-void", SAM],
      ["waits-again", ERIN],
    ]);
    expect(request.steps.at(-1)?.again).toEqual({ tried: "retry", voided: 1 });
    const raised = move(failed, retry(3, [LEA])).steps.at(-1)?.again;
    expect(raised).toEqual({ tried: "retry", isRaised: true, voided: 1 });
    expect(request.cards.map(({ to }) => to)).toEqual([PROD, OTHER]);
    expect(request.cards.every(({ shown }) => shown < request.revision)).toBe(true);
  });

  it("has a card where its rule had no channel before", () => {
    const request = move(inState("failed", { cards: [] }), retry(1, []));
    expect(request.cards).toEqual([{ to: OTHER, shown: 0 }]);
  });

  it("begins the end anew with the approval, and never counts one twice", () => {
    const waits = move(failed, retry(2, [LEA]), T0 + MINUTE);
    const twice = transition(waits, approveBy(LEA, 2, [LEA]), T0 + 2 * MINUTE);
    expect(twice).toMatchObject({ refused: "already-approved" });
    const granted = move(waits, approveBy(OMAR, 2, [LEA]), T0 + 5 * MINUTE);
    expect(grantOf(granted)).toMatchObject({ endsAtMs: T0 + 5 * MINUTE + 2 * HOUR });
  });

  it("does not open what nobody can wait for", () => {
    const act = { ...retry(1, []), waits: undefined };
    expect(transition(failed, act, T0 + MINUTE)).toMatchObject({ refused: "cannot-check" });
  });
});
