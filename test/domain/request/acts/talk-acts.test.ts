// Questions, answers, notes and claims: on record, and none of them decides anything.

import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../../src/domain/request/acts/person-act.ts";
import { untoldSteps } from "../../../../src/domain/request/effects.ts";
import type { Moved } from "../../../../src/domain/request/moved.ts";
import { agenda, outstanding } from "../../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../../src/domain/request/transition.ts";
import type { UserId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import { aCommon, ERIN, HOUR, inState, LEA, MINUTE, OMAR, T0 } from "../../../support/requests.ts";

const approver = (by: UserId) => ({ by, roles: { isApprover: true, isAdmin: false } });
const ERIN_IS = { by: ERIN, roles: { isApprover: false, isAdmin: false } };
const ask = (text: string, by = LEA): PersonAct => ({ ...approver(by), act: "ask", text });
const answer = (question: number, text: string): PersonAct => ({
  ...ERIN_IS,
  ...{ act: "answer", question, text },
});
const claim = (by = LEA): PersonAct => ({ ...approver(by), act: "claim" });
const approve = (by: UserId, change: object = {}): PersonAct => ({
  ...approver(by),
  ...{ act: "approve", needed: 2, stillApprovers: [LEA, OMAR], longestMs: 3 * HOUR },
  policyHash: "b".repeat(64),
  ...change,
});

function moved(request: AccessRequest, act: Act, nowMs = T0 + MINUTE): Moved {
  const outcome = transition(request, act, nowMs);
  if (isRefusal(outcome)) throw new Error(`refused: ${plain(outcome.say)}`);
  return outcome;
}
const played = (acts: readonly Act[], from = inState("pending"), nowMs = T0 + MINUTE) =>
  acts.reduce((request, act) => moved(request, act, nowMs).request, from);

describe("a question", () => {
  it("is kept with who asked, told to the requester, and audited", () => {
    const { request, audit } = moved(inState("pending"), ask("why at night?"));
    expect(request).toMatchObject({
      state: "pending",
      approvals: [],
      questions: [{ n: 1, by: LEA, atMs: T0 + MINUTE, text: "why at night?" }],
    });
    expect(audit).toEqual([{ what: "questioned", by: LEA, detail: { question: "why at night?" } }]);
    expect(untoldSteps(request, "requester").map(({ what }) => what)).toEqual(["questioned"]);
    // The card shows it: a line below it would only repeat that.
    expect(untoldSteps(request, "thread")).toEqual([]);
  });

  it("is answered once, and who asked is called in the thread", () => {
    const asked = played([ask("why at night?"), ask("for how long?", OMAR)]);
    const { request, audit } = moved(asked, answer(1, "it's quiet then"));
    expect(request.questions).toMatchObject([
      { n: 1, answer: { atMs: T0 + MINUTE, text: "it's quiet then" } },
      { n: 2, by: OMAR },
    ]);
    expect(request.questions?.[1]?.answer).toBeUndefined();
    // The question is its author's to have erased: the answer's entry names it by number.
    expect(audit).toEqual([
      { what: "answered", by: ERIN, detail: { question: 1, answer: "it's quiet then" } },
    ]);
    expect(untoldSteps(request, "thread").map(({ what }) => what)).toEqual(["answered"]);
    const twice = transition(request, answer(1, "again"), T0 + 2 * MINUTE);
    expect(twice).toMatchObject({ refused: "wrong-state" });
    expect(transition(request, answer(3, "again"), T0)).toMatchObject({ refused: "wrong-state" });
  });

  it("that was answered, or needs no answer any more, is refused with that", () => {
    const says = (request: AccessRequest, n: number) => {
      const outcome = transition(request, answer(n, "again"), T0 + 2 * MINUTE);
      return isRefusal(outcome) ? plain(outcome.say) : outcome;
    };
    const both = played([ask("why?"), ask("for whom?", OMAR), answer(1, "so")]);
    const open = played([approve(LEA), approve(OMAR)], both);
    expect(says(both, 1)).toMatch(/^You already answered that question/);
    expect(says(open, 1)).toMatch(/^You already answered that question/);
    expect(says(open, 2)).toBe(`${open.id} is Opening: it no longer needs an answer.`);
  });

  it("is one of five at most", () => {
    const five = played(["a", "b", "c", "d", "e"].map((text) => ask(text)));
    expect(transition(five, ask("f"), T0 + MINUTE)).toMatchObject({
      refused: "too-many-questions",
    });
  });

  it("is neither asked nor answered once the time to decide is over", () => {
    const late = T0 + 4 * HOUR;
    expect(transition(inState("pending"), ask("x"), late)).toMatchObject({ refused: "too-late" });
    const asked = played([ask("x")]);
    expect(transition(asked, answer(1, "y"), late)).toMatchObject({ refused: "too-late" });
  });

  it("stays with the request, whatever becomes of it", () => {
    const talked = played([ask("why?"), answer(1, "so")]);
    const granted = played([approve(LEA), approve(OMAR)], talked);
    expect(granted).toMatchObject({ state: "opening", questions: talked.questions });
  });
});

describe("a note with an approval", () => {
  it("is kept with it and audited, and is gone when it is withdrawn", () => {
    const note = "ok, but not before the deploy";
    const { request, audit } = moved(inState("pending"), approve(LEA, { note }));
    expect(request.approvals).toEqual([{ by: LEA, atMs: T0 + MINUTE, note }]);
    expect(audit[0]).toMatchObject({ what: "approved", detail: { note } });
    const back = moved(request, { ...approver(LEA), act: "take-back" }).request;
    expect(back.approvals).toEqual([]);
    const last = moved(request, approve(OMAR, { note: "me too" }));
    expect(last.audit[0]).toMatchObject({ what: "granted", detail: { note: "me too" } });
  });
});

describe("a claim", () => {
  const claimed = moved(inState("pending"), claim()).request;

  it("is shown for ten minutes and is gone by itself, and the cards follow", () => {
    expect(claimed).toMatchObject({ claim: { by: LEA, untilMs: T0 + 11 * MINUTE } });
    expect(claimed.revision).toBeGreaterThan(inState("pending").revision);
    expect(outstanding(claimed, T0 + 11 * MINUTE - 1)).not.toContain("unclaim");
    expect(outstanding(claimed, T0 + 11 * MINUTE)).toContain("unclaim");
    const early = moved(claimed, { act: "unclaim" }, T0 + 11 * MINUTE - 1).request;
    expect(early).toBe(claimed);
    const free = moved(claimed, { act: "unclaim" }, T0 + 11 * MINUTE).request;
    expect(free).not.toHaveProperty("claim");
    expect(free.revision).toBeGreaterThan(claimed.revision);
    expect(free.steps).toEqual(claimed.steps);
  });

  it("is not two people's, and can be made again once it is over", () => {
    for (const by of [LEA, OMAR]) {
      const twice = transition(claimed, claim(by), T0 + 2 * MINUTE);
      expect(twice).toMatchObject({ refused: "already-claimed" });
    }
    const next = moved(claimed, claim(OMAR), T0 + 11 * MINUTE).request;
    expect(next).toMatchObject({ claim: { by: OMAR, untilMs: T0 + 21 * MINUTE } });
  });

  it("keeps nobody from deciding, and is over when who claims has approved", () => {
    const other = moved(claimed, approve(OMAR)).request;
    expect(other).toMatchObject({ state: "pending", claim: { by: LEA } });
    expect(moved(other, approve(LEA)).request.state).toBe("opening");
    const own = moved(claimed, approve(LEA)).request;
    expect(own.state).toBe("pending");
    expect(own).not.toHaveProperty("claim");
    const denied = moved(claimed, { ...approver(OMAR), act: "deny", reason: "no" }).request;
    expect(denied.state).toBe("denied");
    expect(denied).not.toHaveProperty("claim");
  });

  it("puts a reminder off by no more than its ten minutes, and an escalation not at all", () => {
    const waits = aCommon({
      promised: {
        ...aCommon().promised,
        remindAfterMs: 5 * MINUTE,
        escalate: { afterMs: 5 * MINUTE, to: { users: [OMAR], groups: [] } },
      },
    });
    const times = (request: AccessRequest) =>
      Object.fromEntries(agenda(request).map(({ effect, atMs }) => [effect, (atMs - T0) / MINUTE]));
    const first = moved(inState("pending", waits), claim()).request;
    expect(times(first)).toMatchObject({ remind: 11, escalate: 5, unclaim: 11 });
    const again = moved(first, claim(OMAR), T0 + 11 * MINUTE).request;
    expect(times(again)).toMatchObject({ remind: 15, escalate: 5, unclaim: 21 });
  });

  it("ends with the time to decide at the latest", () => {
    const late = moved(inState("pending"), claim(), T0 + 4 * HOUR - MINUTE).request;
    expect(late).toMatchObject({ claim: { untilMs: T0 + 4 * HOUR } });
  });
});
