// What each person is offered in each state; and that nothing is offered that would be refused.

import { describe, expect, it } from "vitest";
import { isLead } from "../../../src/domain/request/batch/roles.ts";
import type { State } from "../../../src/domain/request/document/phase.ts";
import { memberOf } from "../../../src/domain/request/members.ts";
import {
  extendableBy,
  goesOn,
  isExtendable,
  offersOfBatch,
  offersTo,
  offersToAnybody,
} from "../../../src/domain/request/offers.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { UserId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import {
  ADA,
  aGrant,
  aPolicy,
  aRule,
  ERIN,
  FREEZE,
  HOUR,
  inState,
  LEA,
  SAM,
  T0,
} from "../../support/requests.ts";

const nobody = { isApprover: false, isAdmin: false };
const PEOPLE = {
  requester: { user: ERIN, roles: nobody },
  approver: { user: LEA, roles: { ...nobody, isApprover: true } },
  admin: { user: ADA, roles: { ...nobody, isAdmin: true } },
  bystander: { user: SAM, roles: nobody },
  /** Being an approver must not let one decide about one's own. */
  both: { user: ERIN, roles: { ...nobody, isApprover: true } },
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

  it("offer the requester to answer while a question waits", () => {
    const question = { n: 1, by: LEA, atMs: T0, text: "why?" };
    expect(offers(inState("pending", { questions: [question] }), "requester")).toBe(
      "answer cancel",
    );
    const answered = { ...question, answer: { atMs: T0, text: "so" } };
    expect(offers(inState("pending", { questions: [answered] }), "requester")).toBe("cancel");
    expect(offers(inState("open", { questions: [question] }), "requester")).toBe("extend end");
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

  it("is no failure that can't be retried any more", () => {
    expect(goesOn(inState("failed"), aGrant().endsAtMs)).toBe(false);
  });
});

describe("offers to anybody", () => {
  const NOW_AT = { nowMs: T0 + 60_000, endsEarly: true };
  const anybody = (request: AccessRequest, now = NOW_AT) => offersToAnybody(request, now).join(" ");

  it.each([
    ["pending", "approve deny ask claim change cancel", "requeue deny cancel"],
    ["opening", "end", "requeue end"],
    ["open", "end", "requeue end"],
    ["ending", "", "requeue"],
    ["ended", "", "requeue"],
    ["failed", "retry", "requeue"],
    ["denied", "", "requeue"],
    ["cancelled", "", "requeue"],
    ["lapsed", "", "requeue"],
  ] as const)("about what is %s, and the same parked", (state, usual, parked) => {
    expect(anybody(inState(state))).toBe(usual);
    expect(anybody(inState(state, { deadLetter: { atMs: T0, why: "it failed" } }))).toBe(parked);
  });

  it("are those of somebody who approved, too", () => {
    const approvals = [{ by: LEA, atMs: T0 }];
    expect(anybody(inState("pending", { approvals }))).toBe(
      "approve deny ask claim change take-back cancel",
    );
  });

  it("hold nothing that is switched off, or too late to be taken", () => {
    expect(anybody(inState("open"), { ...NOW_AT, endsEarly: false })).toBe("");
    const late = { ...NOW_AT, nowMs: T0 + 5 * HOUR };
    expect(anybody(inState("pending"), late)).toBe("cancel");
    expect(anybody(inState("failed"), late)).toBe("");
  });

  it("ask for a review until it is closed", () => {
    const review = { askedAtMs: T0 };
    expect(anybody(inState("ended", { review }))).toBe("review-ok review-concern");
    const closed = { by: LEA, atMs: T0, verdict: "ok", text: "" } as const;
    expect(anybody(inState("ended", { review: { ...review, closed } }))).toBe("");
  });
});

describe("offers of a batch", () => {
  const member = (request: AccessRequest) => ({ ...memberOf(request), id: request.id });
  const lead = (other: AccessRequest) => {
    const request = inState("denied", {
      batch: { role: "lead", nonce: "n", members: [member(other)] },
    });
    if (!isLead(request)) throw new Error("it leads");
    return offersOfBatch(request, { nowMs: T0 + 60_000, endsEarly: true });
  };
  const approvals = [{ by: LEA, atMs: T0 }];

  it.each([
    ["pending", [], false],
    ["pending", approvals, true],
    ["ready", [], false],
    ["ready", approvals, true],
    ["open", approvals, false],
  ] as const)("hold the withdrawal of what is %s with approvals %j: %s", (state, given, is) => {
    expect(lead({ ...inState(state), approvals: given }).includes("take-back")).toBe(is);
  });

  it.each([
    ["now, by its requester", { keepForMs: HOUR }, {}, true],
    ["later, by its requester", { keepForMs: HOUR }, { fromMs: T0 + HOUR }, false],
    ["once a freeze is lifted, by itself", { keepForMs: HOUR }, { frozen: FREEZE }, false],
    ["by itself", {}, {}, false],
  ] as const)("hold Open for what can be opened %s", (_, kept, phase, is) => {
    const ready = { ...inState("ready"), frozen: undefined };
    const promised = { ...ready.promised, ...kept };
    expect(lead({ ...ready, ...phase, promised } as AccessRequest).includes("open")).toBe(is);
  });
});

describe("an extension", () => {
  it("is offered to nobody of what was recovered: how it was opened is not on record", () => {
    const open = inState("open");
    if (open.state !== "open") throw new Error("it is open");
    const grant = { ...open.grant, recovered: { atMs: T0, requestor: "app" } };
    const recovered = { ...open, grant };
    expect(offers(open, "requester")).toBe("extend end");
    expect(offers(recovered, "requester")).toBe("end");
    expect(isExtendable(open, ERIN, NOW)).toBe(true);
    expect(isExtendable(recovered, ERIN, NOW)).toBe(false);
    expect(isExtendable(open, ERIN, { ...NOW, nowMs: open.grant.endsAtMs })).toBe(false);
    const why = (approvedBy: readonly UserId[]) => {
      const refused = extendableBy({ ...open, grant: { ...grant, approvedBy } }, ERIN, T0);
      return isRefusal(refused) ? plain(refused.say) : "";
    };
    expect(why([])).toMatch(/^No approval of JIT-\S+ is recorded, so/);
    expect(why([LEA])).toMatch(/^The record of how JIT-\S+ was opened was lost, so/);
  });
});
