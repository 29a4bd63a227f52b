// What is refused because of the state that a request is in says what can be done instead.
// Of wrongState in src/domain/request/acts/person-act.ts.

import { describe, expect, it } from "vitest";
import type { PersonAct } from "../../../../src/domain/request/acts/person-act.ts";
import type { State } from "../../../../src/domain/request/document/phase.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import { ERIN, inState, LEA, MINUTE, T0 } from "../../../support/requests.ts";

const erin = { by: ERIN, roles: { isApprover: false, isAdmin: false } };
const lea = { by: LEA, roles: { isApprover: true, isAdmin: false } };
const lacking = { needed: 1, stillApprovers: [], longestMs: 0, policyHash: "" };

const ACTS = {
  cancel: { ...erin, act: "cancel" },
  "end by its requester": { ...erin, act: "end" },
  "end by an approver": { ...lea, act: "end" },
  open: { ...erin, act: "open", ...lacking },
  retry: { ...erin, act: "retry", ...lacking },
  approve: { ...lea, act: "approve", ...lacking },
  deny: { ...lea, act: "deny", reason: "" },
  "withdraw an approval": { ...lea, act: "take-back" },
} as const satisfies Record<string, PersonAct>;

describe("an act that comes in the wrong state", () => {
  it.each<[keyof typeof ACTS, State, string]>([
    ["cancel", "open", "is Open, so you can't cancel it. End it instead: /jit end ID."],
    ["cancel", "opening", "is Opening, so you can't cancel it. End it instead: /jit end ID."],
    ["cancel", "ending", "is Ending, so you can't cancel it. It's closing already."],
    ["cancel", "failed", "is Failed, so you can't cancel it. Nothing is open."],
    ["cancel", "denied", "is Denied, so you can't cancel it."],
    [
      "end by its requester",
      "pending",
      "is Pending, so you can't end it. Cancel it instead: /jit cancel ID.",
    ],
    [
      "end by its requester",
      "ready",
      "is Ready, so you can't end it. Cancel it instead: /jit cancel ID.",
    ],
    ["end by an approver", "ready", "is Ready, so you can't end it. It isn't open yet."],
    ["end by an approver", "ending", "is Ending, so you can't end it. It's closing already."],
    ["open", "pending", "is Pending, so you can't open it. It needs approval first."],
    ["open", "lapsed", "is Expired, so you can't open it. Request it again: /jit again ID."],
    ["open", "open", "is Open, so you can't open it."],
    ["open", "failed", "is Failed, so you can't open it. Retry it on its card instead."],
    ["retry", "ended", "is Ended, so you can't retry it. Request it again: /jit again ID."],
    ["approve", "open", "is Open, so you can't approve it."],
    ["deny", "open", "is Open, so you can't deny it. End it instead: /jit end ID."],
    [
      "deny",
      "ready",
      "is Ready, so you can't deny it. Its approvers can withdraw their approval on its card.",
    ],
    [
      "withdraw an approval",
      "open",
      "is Open, so you can't withdraw an approval of it. End it instead: /jit end ID.",
    ],
  ])("%s, %s", (act, state, says) => {
    const request = inState(state);
    const outcome = transition(request, ACTS[act], T0 + MINUTE);
    if (!isRefusal(outcome)) throw new Error("it was taken");
    expect(outcome.refused).toBe("wrong-state");
    expect(plain(outcome.say).replaceAll(request.id, "ID")).toBe(`ID ${says}`);
  });
});
