// What told the requester that it's Ready, or asked them something, is edited once it isn't so, and only then.
// Of src/domain/request/messages/passing-news.ts.

import { describe, expect, it } from "vitest";
import type { Batch } from "../../../../src/domain/request/document/batch.ts";
import type { Step } from "../../../../src/domain/request/document/step.ts";
import { markTold, putRight } from "../../../../src/domain/request/effects.ts";
import { outstanding } from "../../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import { channelId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { ERIN, inState, LEA, MINUTE, OMAR, T0 } from "../../../support/requests.ts";

const PLACE = { channel: channelId("D0ERIN"), ts: "1.1" };
const READY: Step = { n: 1, what: "ready", atMs: T0 };

const told = (request: AccessRequest, what: Step["what"] = "ready") =>
  markTold(request, "requester", 1, {
    ...PLACE,
    steps: [{ ...READY, what }],
    shown: request.revision,
  });

const isDue = (request: AccessRequest) =>
  outstanding(request, T0 + 2 * MINUTE).includes("put-right");

const cancelled = (request: AccessRequest): AccessRequest => {
  const roles = { isApprover: false, isAdmin: false };
  const moved = transition(request, { act: "cancel", by: ERIN, roles }, T0 + MINUTE);
  if (isRefusal(moved)) throw new Error(moved.refused);
  return moved.request;
};

describe("a message that said it's Ready", () => {
  it.each(["ready", "ready-reminded", "held-up", "frozen"] as const)("by %s is kept", (what) => {
    expect(told(inState("ready"), what).endMessages).toHaveLength(1);
  });

  it("is edited once when that's over, and not before", () => {
    const ready = told(inState("ready"));
    expect(isDue({ ...ready, revision: ready.revision + 1 })).toBe(false);
    const over = cancelled(ready);
    expect(isDue(over)).toBe(true);
    const right = putRight(over, PLACE, over.revision);
    expect(right.endMessages).toBeUndefined();
    expect(isDue({ ...right, revision: right.revision + 1 })).toBe(false);
  });

  it("stands as long as another VM of its card is Ready", () => {
    const member = { state: "ready" } as const;
    const batch = { role: "lead", nonce: "", members: [member] } as unknown as Batch;
    const lead = { ...told({ ...inState("ready"), batch }), ...inState("open"), batch };
    const { endMessages } = told({ ...inState("ready"), batch });
    const now = { ...lead, endMessages, revision: 9 } as AccessRequest;
    expect(isDue(now)).toBe(false);
    const none = { ...batch, members: [{ state: "lapsed" }] } as unknown as Batch;
    expect(isDue({ ...now, batch: none })).toBe(true);
  });
});

describe("a message that asked something", () => {
  const question = { n: 1, by: LEA, atMs: T0, text: "why at night?" };
  const step: Step = { n: 1, what: "questioned", by: LEA, atMs: T0 };
  const asked = markTold(inState("pending", { questions: [question] }), "requester", 1, {
    ...PLACE,
    steps: [step],
    shown: 1,
  });
  const later = (request: AccessRequest): AccessRequest => ({
    ...request,
    revision: request.revision + 1,
  });

  it("is kept, and left alone while it waits for an answer", () => {
    expect(asked.endMessages).toHaveLength(1);
    expect(isDue(later(asked))).toBe(false);
  });

  it("is edited once it is answered, or no longer needs an answer", () => {
    const roles = { isApprover: false, isAdmin: false };
    const act = { act: "answer", by: ERIN, roles, question: 1, text: "it's quiet" } as const;
    const answered = transition(asked, act, T0 + MINUTE);
    if (isRefusal(answered)) throw new Error(answered.refused);
    for (const over of [answered.request, cancelled(asked)]) {
      expect(isDue(over)).toBe(true);
      expect(putRight(over, PLACE, over.revision).endMessages).toBeUndefined();
    }
  });

  it("of two, is edited when one is answered, and stands for the other", () => {
    const second = { n: 2, by: OMAR, atMs: T0 + 1, text: "for whom?" };
    const steps: Step[] = [step, { n: 2, what: "questioned", by: OMAR, atMs: T0 + 1 }];
    const both = markTold(inState("pending", { questions: [question, second] }), "requester", 2, {
      ...PLACE,
      steps,
      shown: 1,
    });
    const one = { ...question, answer: { atMs: T0, text: "so" } };
    const half = later({ ...both, questions: [one, second] });
    expect(isDue(half)).toBe(true);
    expect(putRight(half, PLACE, half.revision).endMessages).toHaveLength(1);
  });
});

it("keeps no line of the thread, which is of its time", () => {
  const message = { ...PLACE, steps: [READY], shown: 1 };
  expect(markTold(inState("ready"), "thread", 1, message).endMessages).toBeUndefined();
});
