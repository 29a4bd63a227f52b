// A policy file that changes while a request waits: who decides then, how many have to, and what is kept of it.

import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../../src/domain/request/acts/person-act.ts";
import type { Lead } from "../../../../src/domain/request/batch/roles.ts";
import { waitingOne } from "../../../../src/domain/request/batch/waiting.ts";
import { whoDecides } from "../../../../src/domain/request/deciders/who-decides.ts";
import type { Batch } from "../../../../src/domain/request/document/batch.ts";
import type { RuleNow } from "../../../../src/domain/request/document/phase.ts";
import { memberOf } from "../../../../src/domain/request/members.ts";
import type { AccessRequest, Promised } from "../../../../src/domain/request/request.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import type { People } from "../../../../src/domain/rules/policy.ts";
import { type RequestId, rotaName } from "../../../../src/domain/text/ids.ts";
import {
  ADA,
  aCommon,
  ERIN,
  inState,
  LEA,
  OMAR,
  ONCALL,
  SAM,
  STATES,
  T0,
} from "../../../support/requests.ts";

const people = (...users: readonly (typeof LEA)[]): People => ({ users, groups: [] });
const promising = (change: Partial<Promised> = {}): AccessRequest =>
  inState("pending", { promised: { ...aCommon().promised, ...change } });
const told = (request: AccessRequest, inForce: RuleNow): AccessRequest =>
  transition(request, { act: "rule-now", inForce }, T0 + 1).request;

const AS_PROMISED: RuleNow = { approvers: people(LEA, OMAR), approvals: 1 };
const OTHERS: RuleNow = { approvers: people(OMAR, ADA), approvals: 2 };

describe("a rule that has changed while a request waits", () => {
  it("says who decides and how many, and the cards follow", () => {
    const request = told(promising(), OTHERS);
    expect(whoDecides(request)).toMatchObject({ approvers: people(OMAR, ADA), needed: 2 });
    expect(request.revision).toBe(promising().revision + 1);
    expect(request.promised).toEqual(promising().promised);
  });

  it("is told quietly, and once", () => {
    const moved = transition(promising(), { act: "rule-now", inForce: OTHERS }, T0 + 1);
    expect(moved.audit).toEqual([]);
    expect(moved.request.steps).toEqual([]);
    const reordered: RuleNow = { approvers: people(ADA, OMAR), approvals: 2 };
    expect(told(moved.request, reordered)).toBe(moved.request);
  });

  it("leaves nothing behind when the file goes back", () => {
    const { revision, ...back } = told(told(promising(), OTHERS), AS_PROMISED);
    const { revision: before, ...first } = promising();
    expect(back).toEqual(first);
    expect(revision).toBe(before + 2);
    const untouched = promising();
    expect(told(untouched, AS_PROMISED)).toBe(untouched);
  });

  it("never asks for fewer than were promised", () => {
    const request = told(promising({ approvals: 2 }), { approvers: people(ADA), approvals: 0 });
    expect(whoDecides(request)).toMatchObject({ approvers: people(ADA), needed: 2 });
    const untouched = promising({ approvals: 2 });
    expect(told(untouched, AS_PROMISED)).toBe(untouched);
  });

  it("replaces further approvers, too, and takes them away", () => {
    const escalate = { afterMs: 60_000, to: people(SAM) };
    expect(whoDecides(promising({ escalate })).further).toEqual(people(SAM));
    expect(whoDecides(told(promising({ escalate }), AS_PROMISED)).further).toEqual(people());
    const further: RuleNow = { ...AS_PROMISED, escalateTo: people(ADA) };
    expect(whoDecides(told(promising({ escalate }), further)).further).toEqual(people(ADA));
  });

  it("can name somebody where nobody could approve, and nobody but the requester", () => {
    const alone = promising({ approvers: people(ERIN), nobody: true });
    expect(whoDecides(alone).nobody).toBe(true);
    expect(whoDecides(told(alone, AS_PROMISED)).nobody).toBe(false);
    const nobodyBy = (approvers: People) =>
      whoDecides(told(promising(), { approvers, approvals: 1 })).nobody;
    expect(nobodyBy(people(ERIN))).toBe(true);
    expect(nobodyBy({ users: [ERIN], groups: [ONCALL] })).toBe(false);
    expect(nobodyBy({ users: [], groups: [], onCall: [rotaName("payments")] })).toBe(false);
  });

  it.each(["gone", "no-extensions"] as const)("lets nobody approve: %s", (inForce) => {
    const request = told(promising(), inForce);
    expect(whoDecides(request)).toMatchObject({ approvers: people(), nobody: true });
    expect(whoDecides(request).never).toBe(inForce);
    expect(whoDecides(told(request, AS_PROMISED)).never).toBeUndefined();
  });

  it.each(STATES.filter((state) => state !== "pending"))("changes nothing of %s", (state) => {
    const request = inState(state);
    expect(told(request, OTHERS)).toBe(request);
  });

  it("stays while an approval is missing", () => {
    const act: PersonAct = {
      ...{ act: "approve", by: OMAR, roles: { isApprover: true, isAdmin: false } },
      ...{ needed: 2, stillApprovers: [], longestMs: 3_600_000, policyHash: "b".repeat(64) },
    };
    const approved = transition(told(promising(), OTHERS), act, T0 + 2);
    if ("refused" in approved) throw new Error(approved.refused);
    expect(whoDecides(approved.request)).toMatchObject({
      approvers: people(OMAR, ADA),
      needed: 2,
    });
  });

  it("is known to the lead of a batch, whatever became of the lead", () => {
    const id = "JIT-000002" as RequestId;
    const member = memberOf({ ...told(promising(), OTHERS), id });
    for (const state of ["pending", "open"] as const) {
      const batch = { role: "lead", nonce: "n", members: [member] } as unknown as Batch;
      const one = waitingOne(inState(state, { batch }) as Lead, member);
      if (one === undefined) throw new Error("it doesn't wait");
      expect(whoDecides(one)).toMatchObject({ approvers: people(OMAR, ADA), needed: 2 });
    }
  });
});
