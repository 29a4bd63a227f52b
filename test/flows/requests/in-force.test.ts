// Who may approve under the rule as it is now: whom it was escalated to, too, for as long as the request lives.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { approversInForce } from "../../../src/flows/requests/in-force.ts";
import { aPolicy, aRule, inState, MINUTE, OMAR, SAM, STATES } from "../../support/requests.ts";

const policy = aPolicy({
  rules: [
    aRule({
      approvers: { users: [OMAR], groups: [] },
      escalate: { afterMs: MINUTE, to: { users: [SAM], groups: [] } },
    }),
  ],
});
const users = (request: AccessRequest) => approversInForce(policy, request).users;

describe("the approvers in force", () => {
  it.each(STATES)("have further ones once it was escalated: %s", (state) => {
    expect(users(inState(state))).toEqual([OMAR]);
    expect(users(inState(state, { wasEscalated: true }))).toEqual([OMAR, SAM]);
  });

  it("have them as an earlier version wrote it", () => {
    const pending = inState("pending");
    if (pending.state !== "pending") throw new Error("not pending");
    expect(users({ ...pending, escalatedAtMs: 1 })).toEqual([OMAR, SAM]);
  });
});
