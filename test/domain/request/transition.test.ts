// The whole table of states, acts and people, written down as the test's own, and walked exhaustively.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../src/domain/request/acts/person-act.ts";
import type { WorldAct } from "../../../src/domain/request/acts/world-act.ts";
import { type AccessRequest, grantOf } from "../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../src/domain/request/transition.ts";
import { channelId, type RequestId, type UserId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import {
  ADA,
  aBirth,
  anAsk,
  ERIN,
  FOUND,
  FREEZE,
  HOUR,
  inState,
  LEA,
  MINUTE,
  OMAR,
  ONCALL,
  SAM,
  STATES,
  T0,
} from "../../support/requests.ts";
import { PEOPLE_TABLE, WORLD_TABLE_LATE } from "./transition-table.ts";

const OTHER = channelId("C0OTHER");

type Who = "requester" | "approver" | "admin" | "requester+approver" | "nobody";

const PEOPLE: Readonly<Record<Who, { by: UserId; isApprover: boolean; isAdmin: boolean }>> = {
  requester: { by: ERIN, isApprover: false, isAdmin: false },
  "requester+approver": { by: ERIN, isApprover: true, isAdmin: true },
  approver: { by: LEA, isApprover: true, isAdmin: false },
  admin: { by: ADA, isApprover: false, isAdmin: true },
  nobody: { by: SAM, isApprover: false, isAdmin: false },
};
const WHO = Object.keys(PEOPLE) as Who[];

/** "retry lacking": under a rule that asks for more approvals by now than the request has. */
const ACTS = [
  ...(["approve", "deny", "take-back", "cancel", "end", "retry", "open"] as const),
  ...(["requeue", "retry lacking", "ask", "answer", "claim"] as const),
] as const;

function personAct(act: PersonAct["act"] | "retry lacking", who: Who): PersonAct {
  const { by, isApprover, isAdmin } = PEOPLE[who];
  const common = { by, roles: { isApprover, isAdmin } };
  switch (act) {
    case "approve":
      return {
        ...common,
        act,
        needed: 1,
        stillApprovers: [],
        longestMs: 3 * HOUR,
        policyHash: "b".repeat(64),
      };
    case "deny":
      return { ...common, act, reason: "not now" };
    case "ask":
      return { ...common, act, text: "why at night?" };
    case "answer":
      return { ...common, act, question: 1, text: "it's quiet then" };
    case "open":
      return {
        ...common,
        act,
        needed: 1,
        stillApprovers: [LEA],
        longestMs: HOUR,
        policyHash: "b".repeat(64),
      };
    case "review":
      return { ...common, act, verdict: "ok", text: "" };
    case "retry":
    case "retry lacking":
      return {
        ...common,
        act: "retry",
        needed: act === "retry" ? 0 : 1,
        stillApprovers: [],
        policyHash: "b".repeat(64),
        waits: {
          expireAfterMs: HOUR,
          approvers: { users: [LEA, OMAR], groups: [ONCALL] },
          channel: OTHER,
        },
      };
    default:
      return { ...common, act };
  }
}

const REFUSED_FIRST: Readonly<Record<string, string>> = {
  "approve by requester": "own-request",
  "approve by requester+approver": "own-request",
  "approve by admin": "not-an-approver",
  "approve by nobody": "not-an-approver",
  "deny by requester": "own-request",
  "deny by requester+approver": "own-request",
  "deny by admin": "not-an-approver",
  "deny by nobody": "not-an-approver",
  "ask by requester": "own-request",
  "ask by requester+approver": "own-request",
  "ask by admin": "not-an-approver",
  "ask by nobody": "not-an-approver",
  "answer by approver": "not-yours",
  "answer by admin": "not-yours",
  "answer by nobody": "not-yours",
  "claim by requester": "own-request",
  "claim by requester+approver": "own-request",
  "claim by admin": "not-an-approver",
  "claim by nobody": "not-an-approver",
  "open by approver": "not-yours",
  "open by admin": "not-yours",
  "open by nobody": "not-yours",
  "cancel by approver": "not-yours",
  "cancel by admin": "not-yours",
  "cancel by nobody": "not-yours",
  "end by nobody": "not-yours",
  "requeue by requester": "not-yours",
  "requeue by approver": "not-yours",
  "requeue by nobody": "not-yours",
  "retry by admin": "not-yours",
  "retry by nobody": "not-yours",
  "retry lacking by admin": "not-yours",
  "retry lacking by nobody": "not-yours",
};

describe("an opening whose record was lost", () => {
  it.each(["pending", "ready", "cancelled"] as const)(
    "names who is on record as having approved what is %s by the record",
    (state) => {
      const was = { ...inState(state), approvals: [{ by: LEA, atMs: T0 }] };
      const { request } = transition(was, { act: "recovered", found: FOUND }, T0 + MINUTE);
      expect(request).toMatchObject({ state: "open", grant: { approvedBy: [LEA] } });
      const without = { ...inState(state), approvals: [] };
      const outcome = transition(without, { act: "recovered", found: FOUND }, T0 + MINUTE);
      expect(grantOf(outcome.request)?.approvedBy).toEqual([]);
    },
  );

  it("names nobody where one of two had approved it", () => {
    const base = inState("pending");
    const promised = { ...base.promised, approvals: 2 };
    const was = { ...base, promised, approvals: [{ by: LEA, atMs: T0 }] };
    const { request } = transition(was, { act: "recovered", found: FOUND }, T0 + MINUTE);
    expect(grantOf(request)?.approvedBy).toEqual([]);
  });
});

describe("a retry whose record was lost", () => {
  const failed = inState("failed");
  const grant = grantOf(failed);
  if (grant === undefined) throw new Error("What failed was granted.");
  const found = { ...FOUND, endsAtMs: grant.endsAtMs + HOUR };

  it("is open until the end that was decided, by whom it was decided", () => {
    const outcome = transition(failed, { act: "recovered", found }, T0 + MINUTE);
    expect(outcome.request).toMatchObject({
      state: "open",
      grant: { endsAtMs: grant.endsAtMs, approvedBy: grant.approvedBy },
    });
    expect(grant.approvedBy).not.toEqual([]);
  });

  it("is nothing of its own once that end has come: another needs the port", () => {
    const nowMs = grant.endsAtMs;
    expect(transition(failed, { act: "recovered", found }, nowMs).request).toBe(failed);
  });
});

describe("what people may do", () => {
  const cases = STATES.flatMap((state) =>
    ACTS.flatMap((act) => WHO.map((who) => ({ state, act, who }))),
  );
  it.each(cases)("$act by $who, $state", ({ state, act, who }) => {
    const before = inState(state);
    const outcome = transition(before, personAct(act, who), T0 + MINUTE);
    const key = `${act} by ${who}`;
    const wanted = PEOPLE_TABLE[key]?.[state];
    if (wanted !== undefined) {
      if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
      expect(outcome.request.state).toBe(wanted);
      expect(outcome.request.revision).toBeGreaterThan(before.revision);
      expect(outcome.audit).toHaveLength(1);
      expect(outcome.audit[0]?.by).toBe(PEOPLE[who].by);
      return;
    }
    if (!isRefusal(outcome)) throw new Error(`went to ${outcome.request.state}`);
    const takeBack = act === "take-back" && (state === "pending" || state === "ready");
    expect(outcome.refused).toBe(
      REFUSED_FIRST[key] ?? (takeBack ? "not-approved-by-you" : "wrong-state"),
    );
  });
});

const LATE = T0 + 5 * HOUR;
const THAWED = { needed: 1, stillApprovers: [LEA], policyHash: "c".repeat(64) };

const WORLD: readonly WorldAct[] = [
  { act: "expire" },
  { act: "recovered", found: FOUND },
  { act: "remind" },
  { act: "escalate" },
  { act: "unclaim" },
  { act: "remind-ready" },
  { act: "left" },
  { act: "extended", into: "JIT-000001" as RequestId, untilMs: 0 },
  { act: "took-over" },
  { act: "review-reminded" },
  { act: "sending", to: "open" },
  { act: "sending", to: "close", closesAtMs: T0 + MINUTE },
  { act: "accepted" },
  {
    act: "unanswered",
    fault: { code: "Timeout", message: "no answer" },
    ambiguous: true,
    nextAtMs: T0 + MINUTE,
  },
  { act: "refused", fault: { code: "Forbidden", message: "no" } },
  {
    act: "seen",
    openPorts: [3389],
    wayIn: { address: "198.51.100.4", mappedPorts: {} },
    absent: false,
    nextAtMs: T0 + MINUTE,
  },
  { act: "closed", closing: "closed" },
  { act: "closing", nextAtMs: T0 + MINUTE },
  { act: "closing", isAccepted: true, nextAtMs: T0 + MINUTE },
  { act: "not-closed", fault: { code: "Forbidden", message: "no" } },
  { act: "gone" },
  { act: "over", closing: "closed" },
  { act: "checked", closing: "closed", nextAtMs: T0 + MINUTE },
  { act: "warned" },
  { act: "frozen", freeze: FREEZE, expireAfterMs: HOUR },
  {
    act: "still-frozen",
    freeze: { ...FREEZE, reason: "another" },
    nextAtMs: LATE,
    expireAfterMs: HOUR,
  },
  { act: "thawing" },
  { act: "thawed", ...THAWED, longestMs: HOUR },
  {
    act: "thawed-short",
    ...THAWED,
    needed: 2,
    waits: { expireAfterMs: HOUR, approvers: { users: [OMAR], groups: [] }, channel: OTHER },
  },
  { act: "held-up", fault: { code: "too-many-open", message: "Too many." }, nextAtMs: LATE },
  { act: "not-checked", fault: "Slack is away.", nextAtMs: LATE },
  { act: "not-opened", fault: { code: "no-rule", message: "No rule is left." } },
  { act: "park", why: "failed 6 times in a row" },
  { act: "requeued", operator: "ops@host" },
];

describe("news from the world", () => {
  const cases = STATES.flatMap((state) => WORLD.map((act) => ({ state, act, name: act.act })));
  it.each(cases)("$name, $state, after the end", ({ state, act }) => {
    const outcome = transition(inState(state), act, LATE);
    if (isRefusal(outcome)) throw new Error("news is never refused");
    expect(outcome.request.state).toBe(WORLD_TABLE_LATE[act.act]?.[state] ?? state);
  });

  it.each(STATES)("leaves %s alone while its time is not over", (state) => {
    for (const act of [{ act: "expire" }, { act: "over", closing: "closed" }] as const) {
      const before = inState(state);
      expect(transition(before, act, T0 + MINUTE)).toEqual({ request: before, audit: [] });
    }
  });

  it("never fails an accepted opening before its end", () => {
    const opening = inState("opening");
    const accepted = move(opening, { act: "accepted" });
    for (const act of WORLD.filter(
      ({ act: name }) => name === "refused" || name === "unanswered",
    )) {
      expect(move(accepted, act, T0 + MINUTE * 119).state).toBe("opening");
    }
    const over = move(accepted, { act: "over", closing: "closed" }, T0 + 2 * HOUR);
    expect(over).toMatchObject({ state: "failed", fault: { code: "NeverSeenOpen" } });
  });

  it("says once that Azure keeps it waiting, and gives up with a quarter of the time left", () => {
    const fault = { code: "TooManyRequests", message: "slow down" };
    let request = inState("opening");
    for (let round = 1; round <= 10; round++) {
      const act: Act = { act: "unanswered", fault, ambiguous: false, nextAtMs: T0 + round };
      request = move(request, act, T0 + round * MINUTE);
    }
    expect(request.state).toBe("opening");
    expect(request.steps.map((step) => step.what)).toEqual(["delayed"]);
    const late: Act = { act: "unanswered", fault, ambiguous: false, nextAtMs: T0 };
    expect(move(request, late, T0 + 91 * MINUTE)).toMatchObject({ state: "failed", fault });
  });

  it("keeps an unknown answer unknown until a reading shows the entry", () => {
    let request = move(inState("opening"), { act: "sending", to: "open" });
    expect(grantOf(request)?.azure).toMatchObject({ sent: 1, answer: "unknown" });
    const wayIn = { address: undefined, mappedPorts: {} };
    const absent: Act = { act: "seen", openPorts: [], wayIn, absent: true, nextAtMs: T0 };
    request = move(request, absent);
    expect(grantOf(request)?.azure).toMatchObject({ answer: "unknown", reads: 1 });
    request = move(request, { ...absent, absent: false });
    expect(grantOf(request)?.azure.answer).toBe("accepted");
  });

  it("opens only when every port was seen, and says in between which were", () => {
    const two = inState("opening", { ask: { ...inState("opening").ask, ports: [22, 3389] } });
    const wayIn = { address: undefined, mappedPorts: {} };
    const part = move(two, { act: "seen", openPorts: [22], wayIn, absent: false, nextAtMs: T0 });
    expect(part.state).toBe("opening");
    expect(grantOf(part)?.azure.seenPorts).toEqual([22]);
    const all = move(part, {
      act: "seen",
      openPorts: [22, 3389],
      wayIn,
      absent: false,
      nextAtMs: T0,
    });
    expect(all.state).toBe("open");
  });

  it("records that a warning couldn't be given", () => {
    const over: Act = { act: "over", closing: "closed" };
    const late = move(inState("open"), over, T0 + 2 * HOUR);
    expect(late.steps.map((step) => step.what)).toEqual(["warning-missed", "ended"]);
    const warned = move(inState("open"), { act: "warned" }, T0 + HOUR);
    expect(move(warned, over, T0 + 2 * HOUR).steps.map((step) => step.what)).toEqual(["ended"]);
  });

  it("alarms once when a door is open long after its end, and says when it is shut", () => {
    let request = inState("ended");
    const open: Act = { act: "checked", closing: "still-open", nextAtMs: T0 };
    request = move(request, open, T0 + 2 * HOUR + MINUTE);
    expect(request.steps).toEqual([]);
    request = move(request, open, T0 + 2 * HOUR + 3 * MINUTE);
    request = move(request, open, T0 + 2 * HOUR + 4 * MINUTE);
    expect(request.steps.map((step) => step.what)).toEqual(["still-open"]);
    request = move(request, { ...open, closing: "closed" }, T0 + 3 * HOUR);
    expect(request.steps.map((step) => step.what)).toEqual(["still-open", "closed-late"]);
  });
});

function move(request: AccessRequest, act: Act, nowMs = T0 + MINUTE): AccessRequest {
  const outcome = transition(request, act, nowMs);
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome.request;
}

describe("deciding", () => {
  const approveBy = (by: UserId, needed: number, stillApprovers: readonly UserId[]): PersonAct => ({
    act: "approve",
    by,
    roles: { isApprover: true, isAdmin: false },
    needed,
    stillApprovers,
    longestMs: 3 * HOUR - 15_000,
    policyHash: "b".repeat(64),
  });

  it("waits for as many distinct approvers as are needed", () => {
    const one = move(inState("pending"), approveBy(LEA, 2, []));
    expect(one).toMatchObject({ state: "pending", promised: { approvals: 2 } });
    const twice = transition(one, approveBy(LEA, 2, [LEA]), T0 + MINUTE);
    expect(twice).toMatchObject({ refused: "already-approved" });
    expect(move(one, approveBy(OMAR, 2, [LEA])).state).toBe("opening");
  });

  it("does not count an approval by somebody who is no approver any more", () => {
    const one = move(inState("pending"), approveBy(LEA, 2, []));
    const two = move(one, approveBy(OMAR, 2, []));
    expect(two).toMatchObject({ state: "pending", approvals: [{ by: OMAR }] });
    expect(two.steps.map((step) => step.what)).toEqual(["approved", "approval-void", "approved"]);
  });

  it("counts no approval that was taken back", () => {
    const one = move(inState("pending"), approveBy(LEA, 2, []));
    const back = move(one, {
      act: "take-back",
      by: LEA,
      roles: { isApprover: true, isAdmin: false },
    });
    expect(back).toMatchObject({ state: "pending", approvals: [] });
  });

  it.each(["pending", "ready"] as const)(
    "counts no click of theirs from before they withdrew, however late it comes, where it was %s",
    (state) => {
      const roles = { isApprover: true, isAdmin: false };
      const first = approveBy(LEA, 2, []);
      const one = state === "ready" ? inState("ready") : move(inState("pending"), first);
      const back = move(one, { act: "take-back", by: LEA, roles, doneAtMs: T0 + 9_000 });
      expect(back).toMatchObject({ state: "pending", approvals: [] });
      const late = transition(back, { ...first, doneAtMs: T0 + 8_000 }, T0 + MINUTE);
      expect(late).toMatchObject({ refused: "wrong-state" });
      // What others do meanwhile changes nothing about that.
      const other = move(back, { ...approveBy(OMAR, 2, []), doneAtMs: T0 + 8_000 });
      const later = transition(other, { ...approveBy(LEA, 2, [OMAR]), doneAtMs: T0 }, T0 + MINUTE);
      expect(later).toMatchObject({ refused: "wrong-state" });
      const anew = { ...approveBy(LEA, 2, [OMAR]), doneAtMs: T0 + 10_000 };
      expect(move(other, anew).state).toBe("opening");
      // Where Slack doesn't say when, a form is taken for new.
      expect(move(other, approveBy(LEA, 2, [OMAR])).state).toBe("opening");
    },
  );

  it("fixes the end at the deciding click, cut to the policy's maximum", () => {
    const granted = move(inState("pending"), approveBy(LEA, 1, []), T0 + 7 * MINUTE);
    expect(grantOf(granted)?.endsAtMs).toBe(T0 + 7 * MINUTE + 2 * HOUR);
    const ask = { ...inState("pending").ask, durationMs: 3 * HOUR };
    const cut = move(inState("pending", { ask }), approveBy(LEA, 1, []), T0);
    expect(grantOf(cut)?.endsAtMs).toBe(T0 + 3 * HOUR - 15_000);
  });

  it("refuses an approval after the request's time to be decided", () => {
    const late = transition(inState("pending"), approveBy(LEA, 1, []), T0 + 4 * HOUR);
    expect(late).toMatchObject({ refused: "too-late" });
  });

  it("does not retry with less than a quarter of the time left, nor move the end", () => {
    const retry = personAct("retry", "requester");
    const soon = transition(inState("failed"), retry, T0 + 91 * MINUTE);
    expect(soon).toMatchObject({ refused: "too-late" });
    const again = move(inState("failed"), retry, T0 + 90 * MINUTE);
    expect(grantOf(again)?.endsAtMs).toBe(T0 + 2 * HOUR);
  });
});

/** Every way in which a request is born. */
const BIRTHS = [aBirth(), aBirth({ approvals: 0 }), aBirth({ ask: anAsk({ breakGlass: true }) })];

describe("any sequence of acts", () => {
  it("begins where a request is born: to be decided, or opening at once", () => {
    const states = BIRTHS.map(({ request }) => request.state);
    expect(states).toEqual(["pending", "opening", "opening"]);
  });

  const anyAct: fc.Arbitrary<Act> = fc.oneof(
    fc.constantFrom(...WORLD),
    fc
      .tuple(fc.constantFrom(...ACTS), fc.constantFrom(...WHO))
      .map(([act, who]) => personAct(act, who)),
  );
  it("decides once for each wait, moves no end, and never lets the requester approve", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BIRTHS),
        fc.array(fc.tuple(anyAct, fc.nat({ max: 5 * 60 })), { maxLength: 40 }),
        (birth, acts) => {
          let { request } = birth;
          let nowMs = T0;
          let grants = 0;
          let endsAtMs = grantOf(request)?.endsAtMs;
          for (const [act, minutes] of acts) {
            nowMs += minutes * 1_000;
            const outcome = transition(request, act, nowMs);
            if (isRefusal(outcome)) continue;
            const audit = outcome.audit.map((note) => note.what);
            grants += audit.filter((what) => what === "granted").length;
            // What failed and lacks an approval by now is decided once more, and ends anew.
            if (request.state === "failed" && outcome.request.state === "pending") {
              endsAtMs = undefined;
              grants = 0;
            }
            // What access was frozen for before Azure was asked has no end until it goes on.
            if (outcome.request.state === "ready") {
              expect(grantOf(request)?.azure.sent ?? 0).toBe(0);
              endsAtMs = undefined;
              grants = 0;
            }
            // What is found open without its decision has the end that Azure has.
            if (act.act === "recovered" && outcome.request !== request) {
              // A retry never moves an end that was decided.
              endsAtMs = Math.min(grantOf(request)?.endsAtMs ?? FOUND.endsAtMs, FOUND.endsAtMs);
            }
            request = outcome.request;
            endsAtMs ??= grantOf(request)?.endsAtMs;
            expect(grantOf(request)?.endsAtMs ?? endsAtMs).toBe(endsAtMs);
            expect(grantOf(request)?.approvedBy ?? []).not.toContain(ERIN);
            expect(request.revision).toBeGreaterThan(0);
            expect(
              request.steps.every((step, i, all) => i === 0 || step.n > (all[i - 1]?.n ?? 0)),
            ).toBe(true);
          }
          expect(grants).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
