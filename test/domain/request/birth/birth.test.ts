// How a request comes to be, in each way: its state, what is told of it, and what the audit says.

import { describe, expect, it } from "vitest";
import { type Birth, born, recoveredRequest } from "../../../../src/domain/request/birth/birth.ts";
import type { Checked } from "../../../../src/domain/rules/check-ask.ts";
import { channelId, type RequestId } from "../../../../src/domain/text/ids.ts";
import {
  ADA,
  anAsk,
  aPolicy,
  aRule,
  aVm,
  ERIN,
  FOUND,
  HOUR,
  LEA,
  MINUTE,
  OMAR,
  PROD,
  T0,
} from "../../../support/requests.ts";

const checked = (change: Partial<Checked> = {}): Checked => ({
  ask: anAsk({ askedAtMs: 0 }),
  rule: aRule(),
  longestMs: 3 * HOUR,
  approvals: 1,
  notes: [],
  ...change,
});

const BIRTH: Birth = {
  id: "JIT-4K7QWD" as RequestId,
  nonce: "bm9uY2Vub25j",
  nowMs: T0,
  policyHash: "a".repeat(64),
  askedIn: undefined,
  deciders: [LEA],
  named: { approvers: { users: [LEA, OMAR], groups: [] } },
};

const stepsOf = (made: Checked, birth: Birth = BIRTH) =>
  born(made, birth).request.steps.map(({ what }) => what);

describe("what is asked for", () => {
  it("waits for its decision, until its rule says that it expires", () => {
    const { request, audit } = born(checked(), BIRTH);
    expect(request).toMatchObject({
      ...{ state: "pending", expiresAtMs: T0 + 4 * HOUR, revision: 1, nonce: BIRTH.nonce },
      ask: { requester: ERIN, askedAtMs: T0 },
      promised: { rule: "production", approvals: 1, approvers: BIRTH.named.approvers },
      cards: [{ to: PROD, shown: 0 }],
      toldUpTo: { thread: 0, requester: 0, last: 1 },
    });
    expect(audit).toMatchObject([{ what: "asked", by: ERIN, detail: { ports: "3389" } }]);
    expect(stepsOf(checked())).toEqual(["asked"]);
    expect(request).not.toHaveProperty("review");
    expect(request).not.toHaveProperty("askedIn");
  });

  it("says so where nobody could decide; not where Slack can't tell", () => {
    const nobody = { ...BIRTH, deciders: [] };
    expect(stepsOf(checked(), nobody)).toEqual(["asked", "no-approvers"]);
    expect(born(checked(), nobody).request.promised.nobody).toBe(true);
    expect(stepsOf(checked(), { ...BIRTH, deciders: undefined })).toEqual(["asked"]);
  });

  it("is opened where its rule asks nobody; its end is fixed now", () => {
    const rule = aRule({ approvals: 0, channel: undefined });
    const { request } = born(checked({ approvals: 0, rule }), { ...BIRTH, deciders: [] });
    expect(request).toMatchObject({ state: "opening", cards: [] });
    expect(request).toMatchObject({ grant: { endsAtMs: T0 + 2 * HOUR, approvedBy: [] } });
    expect(request.steps.map(({ what }) => what)).toEqual(["asked", "opened-by-rule"]);
  });

  it("never lasts longer than Azure would let it, and an extension begins at the end of the first", () => {
    const short = born(checked({ approvals: 0, longestMs: HOUR }), BIRTH).request;
    expect(short).toMatchObject({ grant: { endsAtMs: T0 + HOUR } });
    const extension = checked({ approvals: 0, fromMs: T0 + 30 * MINUTE });
    expect(born(extension, BIRTH).request).toMatchObject({
      grant: { endsAtMs: T0 + 2 * HOUR + 30 * MINUTE },
    });
  });

  it("by breaking the glass is opened, and shown to everybody who could review it", () => {
    const ask = anAsk({ breakGlass: true });
    const { request, audit } = born(checked({ ask }), { ...BIRTH, deciders: [LEA, ADA] });
    expect(request).toMatchObject({ state: "opening", review: { askedAtMs: T0 } });
    expect(request.cards.map(({ to }) => to)).toEqual([PROD, LEA, ADA]);
    expect(request.steps.map(({ what }) => what)).toEqual(["asked", "broke-glass"]);
    expect(audit).toMatchObject([{ what: "broke-glass", by: ERIN }]);
  });

  it("keeps where it was asked", () => {
    const askedIn = channelId("C0GENERAL");
    expect(born(checked(), { ...BIRTH, askedIn }).request.askedIn).toBe(askedIn);
  });
});

describe("what Azure has open without a record", () => {
  const world = { policy: aPolicy(), rule: aRule(), vm: aVm(), nonce: BIRTH.nonce, nowMs: T0 };
  const justification = `${FOUND.id} requested by ${ERIN}, approved by ${LEA}: printing`;

  it("is open until Azure's end, approved by nobody on record, and said to be recovered", () => {
    const made = recoveredRequest({ ...FOUND, justification }, world);
    expect(made?.request).toMatchObject({
      ...{ id: FOUND.id, state: "open", revision: 1, approvals: [] },
      grant: { endsAtMs: FOUND.endsAtMs, approvedBy: [] },
      ask: { requester: ERIN, reason: "printing" },
      steps: [{ n: 1, what: "recovered" }],
    });
    expect(made?.audit).toMatchObject([{ what: "recovered", detail: { was: "lost" } }]);
  });

  it("is nobody's request where the justification isn't the bot's", () => {
    expect(recoveredRequest({ ...FOUND, justification: "hello" }, world)).toBeUndefined();
  });
});
