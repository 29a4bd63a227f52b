// A batch by itself: what the lead hears, shows and warns of, and that no VM gets more than it would get alone.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../../src/domain/request/acts/person-act.ts";
import { memberHeard, memberUnmade, toldLead } from "../../../../src/domain/request/batch/heard.ts";
import type { Batch, Member } from "../../../../src/domain/request/document/batch.ts";
import type { Step, StepKind } from "../../../../src/domain/request/document/step.ts";
import { untoldSteps } from "../../../../src/domain/request/effects.ts";
import { memberOf, membersOf } from "../../../../src/domain/request/members.ts";
import { stepsForLead } from "../../../../src/domain/request/messages/lead-news.ts";
import { outstanding } from "../../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import { requestIdFrom, type UserId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { ADA, ERIN, inState, LEA, OMAR, STATES, T0 } from "../../../support/requests.ts";

const OTHER = requestIdFrom(new Uint8Array(6).fill(7));
const aMember = (change: Partial<Member> = {}): Member => ({
  ...memberOf(inState("pending")),
  id: OTHER,
  vm: "web-02",
  heard: 0,
  stepsTo: 0,
  ...change,
});
const leading = (...members: Member[]): Batch => ({ role: "lead", nonce: "all-n", members });
const stands = (lead: AccessRequest) => membersOf(lead).map(({ vm, state }) => [vm, state]);

describe("a lead", () => {
  const lead = inState("pending", { batch: leading(aMember()) });

  it("shows how each stands, whatever came first, and hears of nothing twice", () => {
    const open = aMember({ state: "open", heard: 3, endsAtMs: T0 + 60_000 });
    const heard = memberHeard(lead, { member: open, steps: [] }, T0).request;
    expect(stands(heard)[1]).toEqual(["web-02", "open"]);
    expect(heard.revision).toBe(lead.revision + 1);
    expect(memberHeard(heard, { member: open, steps: [] }, T0).request).toBe(heard);
    const older = memberHeard(heard, { member: aMember({ heard: 2 }), steps: [] }, T0).request;
    expect(older).toBe(heard);
  });

  it("says of one that was never made that it wasn't, and takes it back where it was", () => {
    const fault = { code: "NotRequested", message: "x" };
    const unmade = memberUnmade(lead, { id: OTHER, fault }, T0).request;
    expect(stands(unmade)[1]).toEqual(["web-02", "unmade"]);
    const made = memberHeard(unmade, { member: aMember({ heard: 1 }), steps: [] }, T0).request;
    expect(stands(made)[1]).toEqual(["web-02", "pending"]);
    expect(memberUnmade(made, { id: OTHER, fault }, T0).request).toBe(made);
  });

  it("looks after those it hasn't heard of, and tells of each what it was told", () => {
    expect(outstanding(lead, T0 + 60_000)).toContain("look-after");
    const steps = [{ n: 1, atMs: T0, what: "failed" as const }];
    const failed = aMember({ state: "failed", heard: 2, stepsTo: 1 });
    const told = memberHeard(lead, { member: failed, steps }, T0).request;
    expect(told.steps.at(-1)).toMatchObject({ what: "failed", of: "web-02" });
    expect(outstanding(told, T0 + 60_000)).not.toContain("look-after");
  });
});

describe("what is taken from a requester", () => {
  const cancelledBy = (by: UserId): AccessRequest => {
    const steps = [{ n: 1, atMs: T0, what: "cancelled", by }] as const;
    return { ...inState("cancelled"), cancelledBy: by, steps } as AccessRequest;
  };

  it("is told by the lead, too, where an admin cancelled it, and not where they did", () => {
    expect(stepsForLead(cancelledBy(ADA))).toMatchObject([{ what: "cancelled", by: ADA }]);
    expect(stepsForLead(cancelledBy(ERIN))).toEqual([]);
  });
});

describe("what approvers are called about", () => {
  const pending = (sinceMs: number): Member => ({
    ...aMember({ heard: 2, stepsTo: 1 }),
    waits: { sinceMs, expiresAtMs: sinceMs + 3_600_000, needed: 1 },
  });
  const call = (what: StepKind): readonly Step[] => [{ n: 1, atMs: T0, what }];
  const heardBy = (lead: AccessRequest, what: StepKind, sinceMs = T0) => {
    const batch = leading(aMember());
    const news = { member: pending(sinceMs), steps: call(what) };
    return memberHeard({ ...lead, batch }, news, T0).request;
  };
  const CALLS = ["reminded", "escalated", "waits-again", "approval-void", "taken-back"] as const;

  it.each(CALLS)("is told by a lead that is decided, to nobody but them: %s", (what) => {
    const lead = heardBy(inState("open"), what);
    expect(untoldSteps(lead, "thread")).toMatchObject([{ what, of: "web-02" }]);
    expect(untoldSteps(lead, "requester")).toEqual([]);
    expect(stepsForLead(inState("pending", { steps: call(what) }))).toEqual(call(what));
  });

  it.each(["reminded", "escalated"] as const)(
    "is told once, by the lead's own call, where both wait alike: %s",
    (what) => {
      expect(heardBy(inState("pending"), what).steps).toEqual([]);
      expect(heardBy(inState("pending"), what, T0 + 20 * 60_000).steps).toMatchObject([
        { what, of: "web-02" },
      ]);
    },
  );

  // What is done to one of them says nothing of the lead, which may never call anybody.
  it.each(["waits-again", "approval-void", "taken-back", "review-reminded"] as const)(
    "is told whatever the lead's state, where nothing brings it to the lead as well: %s",
    (what) => {
      const review = { askedAtMs: T0 };
      for (const state of STATES) {
        for (const lead of [inState(state), inState(state, { review })]) {
          expect(heardBy(lead, what).steps, state).toContainEqual(
            expect.objectContaining({ what, of: "web-02" }),
          );
        }
      }
    },
  );

  it.each([
    ["reminded", { isReminded: true }, {}],
    ["escalated", { isEscalated: true }, { remindedAtMs: T0 }],
  ] as const)(
    "is told after all where the lead is decided before it called: %s",
    (what, had, own) => {
      const member = pending(T0);
      const waits = { sinceMs: T0, expiresAtMs: T0 + 3_600_000, needed: 1, ...had };
      const news = { member: { ...member, heard: 3, stepsTo: 2, waits }, steps: call(what) };
      const before = { ...inState("pending", { batch: leading(member) }), ...own } as AccessRequest;
      const lead = memberHeard(before, news, T0).request;
      expect(lead.steps).toEqual([]);
      const roles = { isApprover: true, isAdmin: false };
      const decided = transition(lead, { act: "deny", by: LEA, roles, reason: "" }, T0 + 1);
      if (isRefusal(decided)) throw new Error(decided.refused);
      expect(decided.request.steps).toContainEqual(
        expect.objectContaining({ what, of: "web-02", atMs: T0 + 1 }),
      );
      const called = { ...lead, remindedAtMs: T0, escalatedAtMs: T0 } as AccessRequest;
      const late = transition(called, { act: "deny", by: LEA, roles, reason: "" }, T0 + 1);
      if (isRefusal(late)) throw new Error(late.refused);
      expect(late.request.steps.map((step) => step.what)).not.toContain(what);
    },
  );

  it("reaches those who stand in for somebody", () => {
    const away = { user: LEA, untilMs: T0 + 3_600_000, to: OMAR };
    const waits = { sinceMs: T0, expiresAtMs: T0 + 3_600_000, needed: 1, absent: [away] };
    const member = { ...pending(T0), waits };
    const lead = inState("open", { batch: leading(aMember()) });
    const now = transition(lead, { act: "member", member, steps: [] }, T0);
    expect(now.request.cards.map(({ to }) => to)).toContain(OMAR);
  });
});

describe("a request that another leads", () => {
  const batch: Batch = { role: "member", lead: OTHER, heard: 0 };

  it.each(STATES)("posts nothing itself, and rests once the lead knows it: %s", (state) => {
    const follower = inState(state, { batch, cards: [] });
    const due = outstanding(follower, T0 + 365 * 86_400_000);
    expect(due).toContain("tell-lead");
    for (const effect of ["card", "thread", "requester", "warn"] as const) {
      expect(due).not.toContain(effect);
    }
    const known = toldLead(follower, memberOf(follower));
    expect(outstanding(known, T0 + 365 * 86_400_000)).not.toContain("tell-lead");
  });
});

describe("a batch is never laxer than its VMs alone", () => {
  it("whatever is done to one of it: the state, the end and the approvals are the same", () => {
    const who = fc.record({
      by: fc.constantFrom(LEA, inState("pending").ask.requester),
      roles: fc.record({ isApprover: fc.boolean(), isAdmin: fc.boolean() }),
    });
    const acts = fc.array(
      fc.oneof(
        fc.tuple(who, fc.integer({ min: 1, max: 3 })).map(
          ([one, needed]): PersonAct => ({
            ...one,
            act: "approve",
            needed,
            stillApprovers: [LEA],
            longestMs: 3_600_000,
            policyHash: "h",
          }),
        ),
        who.map((one): PersonAct => ({ ...one, act: "deny", reason: "" })),
        fc
          .tuple(who, fc.constantFrom("cancel" as const, "end" as const, "take-back" as const))
          .map(([one, act]): PersonAct => ({ ...one, act })),
      ),
      { maxLength: 6 },
    );
    const batches = fc.constantFrom<Batch>(leading(aMember(), aMember()), {
      role: "member",
      lead: OTHER,
      heard: 0,
    });
    fc.assert(
      fc.property(fc.constantFrom(...STATES), batches, acts, (state, batch, done) => {
        let alone: AccessRequest = inState(state);
        let inBatch: AccessRequest = inState(state, { batch });
        for (const [n, act] of done.entries()) {
          const first = transition(alone, act, T0 + n);
          const second = transition(inBatch, act, T0 + n);
          expect(isRefusal(second)).toBe(isRefusal(first));
          if (isRefusal(first) || isRefusal(second)) continue;
          alone = first.request;
          inBatch = second.request;
        }
        const { batch: _, ...same } = inBatch;
        expect(same).toEqual(alone);
      }),
      { numRuns: 10_000 },
    );
  });
});
