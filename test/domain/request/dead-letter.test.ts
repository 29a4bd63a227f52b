// A dead letter: nothing becomes due by itself, what takes access away still works, and every way back is on record.
// Of src/domain/request/transition.ts.

import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../src/domain/request/acts/person-act.ts";
import type { State } from "../../../src/domain/request/document/phase.ts";
import { agenda, dueAtMs } from "../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { ADA, ERIN, HOUR, inState, LEA, MINUTE, SAM, STATES, T0 } from "../../support/requests.ts";

const WHY = "Work on it failed 6 times in a row";
const PARK: Act = { act: "park", why: WHY };

function moved(request: AccessRequest, act: Act, nowMs = T0 + MINUTE) {
  const outcome = transition(request, act, nowMs);
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome;
}

const parked = (state: State): AccessRequest => moved(inState(state), PARK).request;
/** Everybody has read everything, and every card is right. */
const read = (request: AccessRequest): AccessRequest => ({
  ...request,
  steps: [],
  toldUpTo: {
    thread: request.toldUpTo.last,
    requester: request.toldUpTo.last,
    last: request.toldUpTo.last,
  },
  cards: request.cards.map((card) => ({ ...card, shown: request.revision })),
});

const admin = { by: ADA, roles: { isApprover: false, isAdmin: true } };
const approver = { by: LEA, roles: { isApprover: true, isAdmin: false } };
const requester = { by: ERIN, roles: { isApprover: false, isAdmin: false } };

describe("a dead letter", () => {
  it.each(STATES)("in state %s is told and on the cards, and then rests for good", (state) => {
    const before = inState(state);
    const { request, audit } = moved(before, PARK);
    expect(request).toMatchObject({ state, deadLetter: { atMs: T0 + MINUTE, why: WHY } });
    expect(request.revision).toBe(before.revision + 1);
    expect(request.steps.map(({ what }) => what)).toContain("parked");
    expect(audit).toEqual([{ what: "parked", detail: { why: WHY } }]);
    const due = new Set(agenda(request).map(({ effect }) => effect));
    expect([...due].toSorted()).toEqual(["card", "requester", "thread"]);
    expect(dueAtMs(read(request))).toBeUndefined();
  });

  it("whose messages fail as well is left alone altogether, and says so once", () => {
    const once = moved(parked("open"), PARK, T0 + HOUR);
    expect(once.request.deadLetter).toEqual({ atMs: T0 + MINUTE, why: WHY, isMute: true });
    expect(once.audit).toEqual([{ what: "parked", detail: { why: WHY, how: "messages" } }]);
    expect(dueAtMs(once.request)).toBeUndefined();
    expect(moved(once.request, PARK)).toEqual({ request: once.request, audit: [] });
  });

  it.each(STATES)("in state %s goes on where it stopped when an admin tries it again", (state) => {
    const before = inState(state);
    const stuck = { ...parked(state), attempts: { azure: { count: 9, nextAtMs: T0, fault: "x" } } };
    const { request, audit } = moved(stuck, { ...admin, act: "requeue" }, T0 + HOUR);
    expect(request.deadLetter).toBeUndefined();
    expect(request.attempts).toEqual({});
    expect(dueAtMs(read(request))).toEqual(dueAtMs(read(before)));
    expect(request.revision).toBeGreaterThan(stuck.revision);
    expect(request.steps.at(-1)).toMatchObject({ what: "requeued", by: ADA });
    const detail = { parkedAtMs: T0 + MINUTE, why: WHY };
    expect(audit).toEqual([{ what: "requeued", by: ADA, detail }]);
  });

  it("is brought back from a terminal, under the operator's name", () => {
    const act = { act: "requeued", operator: "ops@host" } as const;
    expect(moved(parked("open"), act)).toMatchObject({
      request: { state: "open" },
      audit: [{ what: "requeued", by: "ops@host" }],
    });
    expect(moved(inState("open"), act).audit).toEqual([]);
  });

  it.each([
    ["an approver", approver],
    ["the requester", requester],
    ["somebody", { by: SAM, roles: { isApprover: false, isAdmin: false } }],
  ])("is not brought back by %s", (_who, person) => {
    const act = { ...person, act: "requeue" } as const;
    expect(transition(parked("open"), act, T0)).toMatchObject({ refused: "not-yours" });
  });

  it.each(STATES)("is what an admin can try again, and nothing else: %s", (state) => {
    const act = { ...admin, act: "requeue" } as const;
    expect(transition(inState(state), act, T0)).toMatchObject({ refused: "wrong-state" });
    const back = moved(parked(state), act).request;
    expect(transition(back, act, T0)).toMatchObject({ refused: "wrong-state" });
  });
});

describe("a person's act on a dead letter", () => {
  const policyHash = "b".repeat(64);
  const OPENS: readonly (readonly [State, PersonAct])[] = [
    [
      "pending",
      {
        ...approver,
        act: "approve",
        needed: 1,
        stillApprovers: [],
        longestMs: HOUR,
        policyHash,
      },
    ],
    ["failed", { ...approver, act: "retry", needed: 0, stillApprovers: [], policyHash }],
  ];
  it.each(OPENS)("that opens something waits until it is brought back: %s", (state, act) => {
    expect(transition(inState(state), act, T0 + MINUTE)).not.toHaveProperty("refused");
    const refusal = transition(parked(state), act, T0 + MINUTE);
    expect(refusal).toMatchObject({ refused: "wrong-state" });
    expect(JSON.stringify(refusal)).toContain("Try again");
  });

  it("tells nobody who may not act that it is parked", () => {
    const act = OPENS[0]?.[1];
    if (act === undefined) throw new Error("no act");
    const stranger = { ...act, by: SAM, roles: { isApprover: false, isAdmin: false } };
    expect(transition(parked("pending"), stranger, T0)).toMatchObject({
      refused: "not-an-approver",
    });
  });

  const TAKES: readonly (readonly [State, Act, State])[] = [
    ["open", { ...requester, act: "end" }, "ending"],
    ["opening", { ...admin, act: "end" }, "ending"],
    ["pending", { ...requester, act: "cancel" }, "cancelled"],
    ["pending", { ...approver, act: "deny", reason: "no" }, "denied"],
    ["open", { act: "left" }, "ending"],
    ["opening", { act: "accepted" }, "opening"],
  ];
  it.each(TAKES)("%s: %o leads to %s, and brings back what it moves on", (state, act, to) => {
    const before = parked(state);
    const { request, audit } = moved(before, act);
    expect(request.state).toBe(to);
    if (to === state) {
      expect(request.deadLetter).toEqual(before.deadLetter);
      return;
    }
    expect(request.deadLetter).toBeUndefined();
    const by = "by" in act ? { by: act.by } : {};
    const detail = { parkedAtMs: T0 + MINUTE, why: WHY, act: act.act };
    expect(audit.at(-1)).toEqual({ what: "requeued", ...by, detail });
    expect(audit).toHaveLength(2);
  });

  it("that takes an approval back leaves it parked", () => {
    const pending = inState("pending", { approvals: [{ by: LEA, atMs: T0 }] });
    const before = moved(pending, PARK).request;
    const { request } = moved(before, { ...approver, act: "take-back" });
    expect(request).toMatchObject({ approvals: [], deadLetter: { why: WHY } });
  });
});
