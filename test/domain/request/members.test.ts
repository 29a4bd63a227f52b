// A call to decide that nobody has to answer any more: the card says how it was decided, and the thread repeats nothing.

import { describe, expect, it } from "vitest";
import type { Batch } from "../../../src/domain/request/document/batch.ts";
import type { Step, StepKind } from "../../../src/domain/request/document/step.ts";
import { isCallInVain, memberOf } from "../../../src/domain/request/members.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { anAsk, inState, STATES, T0, vmId } from "../../support/requests.ts";

const step = (what: StepKind, of?: string): Step => ({ n: 1, atMs: T0, what, ...(of && { of }) });
const TO_DECIDE = ["reminded", "escalated"] as const;

/** Two more VMs, of which the second is pending where it says so. */
function leading(state: "pending" | "open", isPending: boolean): AccessRequest {
  const members = [2, 3].map((n) => {
    const vm = { ...anAsk().vm, name: `web-0${n}`, id: vmId(`web-0${n}`) };
    const waits = n === 3 && isPending;
    const id = `JIT-00000${n}` as RequestId;
    return memberOf(inState(waits ? "pending" : "open", { id, ask: anAsk({ vm }) }));
  });
  const batch = { role: "lead", nonce: "n", members } as unknown as Batch;
  return inState(state, { batch });
}

describe("a call to decide", () => {
  it.each(STATES)("about one VM is in vain unless it is pending: %s", (state) => {
    for (const what of TO_DECIDE) {
      expect(isCallInVain(inState(state), step(what))).toBe(state !== "pending");
    }
  });

  it("about several is in vain where all of them are decided, as after Approve all", () => {
    for (const what of TO_DECIDE) {
      expect(isCallInVain(leading("open", false), step(what))).toBe(true);
      expect(isCallInVain(leading("open", true), step(what))).toBe(false);
      expect(isCallInVain(leading("pending", false), step(what))).toBe(false);
    }
  });

  it("about one of several is in vain where that one is decided", () => {
    for (const what of TO_DECIDE) {
      expect(isCallInVain(leading("pending", true), step(what, "web-02"))).toBe(true);
      expect(isCallInVain(leading("open", true), step(what, "web-03"))).toBe(false);
    }
  });

  it("is the only thing that is: whatever else happened is told", () => {
    for (const what of ["failed", "taken-back", "review-reminded", "held-up"] as const) {
      expect(isCallInVain(inState("open"), step(what))).toBe(false);
    }
  });
});
