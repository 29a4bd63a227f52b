// Who is away while a request waits: who stands in is asked, and what they approved counts no longer than that.

import { describe, expect, it } from "vitest";
import type { AccessRequest, Approval } from "../../../../src/domain/request/request.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import type { Absent } from "../../../../src/domain/rules/delegation.ts";
import { aCommon, HOUR, inState, LEA, OMAR, SAM, T0 } from "../../../support/requests.ts";

const LEA_AWAY: Absent = { user: LEA, untilMs: T0 + HOUR, to: SAM };
const BY_SAM: Approval = { by: SAM, atMs: T0, for: LEA };
const BY_OMAR: Approval = { by: OMAR, atMs: T0 };

function waiting(approvals: readonly Approval[], absent: readonly Absent[] = [LEA_AWAY]) {
  const promised = { ...aCommon().promised, approvals: 3 };
  return { ...inState("pending", { approvals, promised }), absent } as AccessRequest;
}
const heard = (request: AccessRequest, absent: readonly Absent[]) =>
  transition(request, { act: "absences", absent }, T0 + 1);

describe("an approval for somebody who was away", () => {
  it("counts no more once they are back, as cards and audit say", () => {
    const before = waiting([BY_OMAR, BY_SAM]);
    const { request, audit } = heard(before, []);
    expect(request.approvals).toEqual([BY_OMAR]);
    expect(request.revision).toBeGreaterThan(before.revision);
    expect(request.steps.at(-1)).toMatchObject({ what: "approval-void", by: SAM, atMs: T0 + 1 });
    expect(audit).toEqual([{ what: "approval-void", by: SAM, detail: { for: LEA } }]);
  });

  it("nor once they named somebody else", () => {
    const { request } = heard(waiting([BY_SAM]), [{ ...LEA_AWAY, to: OMAR }]);
    expect(request.approvals).toEqual([]);
  });

  it("counts on while they are away, for however long", () => {
    const longer = heard(waiting([BY_SAM]), [{ ...LEA_AWAY, untilMs: T0 + 9 * HOUR }]);
    expect(longer.request.approvals).toEqual([BY_SAM]);
    expect(longer.audit).toEqual([]);
    // Who else is away is no reason, and neither is one who isn't known to have been.
    const unknown = waiting([BY_SAM], [{ user: OMAR, untilMs: T0 + HOUR }]);
    expect(heard(unknown, []).request.approvals).toEqual([BY_SAM]);
  });

  it("takes with it what it cut down, back to what the one before allowed", () => {
    const cut = { durationMs: HOUR, source: "10.0.0.0/8", by: SAM } as const;
    const narrowed = { ...waiting([BY_OMAR, { ...BY_SAM, narrowed: cut }]), narrowed: cut };
    expect(heard(narrowed, []).request.narrowed).toBeUndefined();
  });
});
