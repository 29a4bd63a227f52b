// What each person is offered in each state; and that nothing is offered that would be refused.

import { describe, expect, it } from "vitest";
import { goesOn, offersTo } from "../../../src/domain/request/offers.ts";
import type { AccessRequest, State } from "../../../src/domain/request/request.ts";
import {
  ADA,
  aGrant,
  aPolicy,
  aRule,
  ERIN,
  HOUR,
  inState,
  LEA,
  SAM,
  T0,
} from "../../support/requests.ts";

const nobody = { isApprover: false, isAdmin: false };
const PEOPLE = {
  requester: { user: ERIN, standing: nobody },
  approver: { user: LEA, standing: { ...nobody, isApprover: true } },
  admin: { user: ADA, standing: { ...nobody, isAdmin: true } },
  bystander: { user: SAM, standing: nobody },
  /** Being an approver must not let one decide about one's own. */
  both: { user: ERIN, standing: { ...nobody, isApprover: true } },
} as const;

const policy = aPolicy({ rules: [aRule({ extend: { max: 1, approvals: 1 } })] });
const NOW = { policy, nowMs: T0 + 60_000 };

const offers = (request: AccessRequest, who: keyof typeof PEOPLE, now = NOW) =>
  offersTo(request, PEOPLE[who], now).join(" ");

describe("offers", () => {
  it.each([
    ["pending", "cancel", "decide", "", ""],
    ["opening", "end", "end", "end", ""],
    ["open", "extend end", "end", "end", ""],
    ["ending", "", "", "", ""],
    ["ended", "", "", "", ""],
    ["failed", "retry", "retry", "", ""],
    ["denied", "", "", "", ""],
    ["cancelled", "", "", "", ""],
    ["lapsed", "", "", "", ""],
  ] as const)("of what is %s", (state, requester, approver, admin, bystander) => {
    const request = inState(state);
    expect(offers(request, "requester")).toBe(requester);
    expect(offers(request, "approver")).toBe(approver);
    expect(offers(request, "admin")).toBe(admin);
    expect(offers(request, "bystander")).toBe(bystander);
    expect(offers(request, "both")).toBe(requester);
  });

  it("leave out what the policy file switches off", () => {
    const off = { ...NOW, policy: aPolicy({ endEarly: "off" }) };
    expect(offers(inState("open"), "requester", off)).toBe("");
    const extended = inState("open", {
      ask: { ...inState("open").ask, extends: inState("open").id },
    });
    expect(offers(extended, "requester")).toBe("end");
  });

  it("leave out what is too late", () => {
    const late = { policy, nowMs: T0 + 5 * HOUR };
    expect(offers(inState("pending"), "approver", late)).toBe("");
    expect(offers(inState("failed"), "requester", late)).toBe("");
    expect(offers(inState("open"), "requester", late)).toBe("end");
  });

  it("ask for a review until somebody else has closed it", () => {
    const review = { askedAtMs: T0 };
    const toReview = inState("ended", { review });
    expect(offers(toReview, "approver")).toBe("review-ok review-concern");
    expect(offers(toReview, "admin")).toBe("review-ok review-concern");
    expect(offers(toReview, "requester")).toBe("");
    const closed = { by: LEA, atMs: T0, verdict: "ok", text: "" } as const;
    expect(offers(inState("ended", { review: { ...review, closed } }), "admin")).toBe("");
  });
});

describe("what goes on", () => {
  const states: readonly (readonly [State, boolean])[] = [
    ["pending", true],
    ["opening", true],
    ["open", true],
    ["ending", true],
    ["failed", true],
    ["ended", false],
    ["denied", false],
    ["cancelled", false],
    ["lapsed", false],
  ];
  it.each(states)("%s: %s", (state, expected) => {
    expect(goesOn(inState(state), T0)).toBe(expected);
  });

  it("is no failure that cannot be retried any more", () => {
    expect(goesOn(inState("failed"), aGrant().endsAtMs)).toBe(false);
  });
});
