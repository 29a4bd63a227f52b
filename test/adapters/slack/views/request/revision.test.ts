// No card stays wrong: whatever changes on a screen raises the revision, so that the card is edited.
// Of src/domain/request/shown.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CardView } from "../../../../../src/adapters/slack/views/card-view.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import type { Closing } from "../../../../../src/domain/request/grant.ts";
import type { AccessRequest, In } from "../../../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../../../src/domain/request/transition.ts";
import type { RequestId } from "../../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../../src/domain/text/refusal.ts";
import {
  ERIN,
  HOUR,
  inState,
  LEA,
  MINUTE,
  OMAR,
  STATES,
  T0,
} from "../../../../support/requests.ts";

const END = T0 + 2 * HOUR;
const fault = { code: "Conflict", message: "somebody else changes it" };
const wayIn = { address: "198.51.100.4", mappedPorts: {} };
const approver = { isApprover: true, isAdmin: false };
const policyHash = "b".repeat(64);
const closings: readonly Closing[] = ["unknown", "closed", "still-open", "held"];

const seen = (openPorts: readonly number[], absent: boolean): Act => ({
  act: "seen",
  openPorts,
  wayIn,
  absent,
  nextAtMs: T0 + MINUTE,
});

const ACTS: readonly Act[] = [
  {
    act: "approve",
    by: LEA,
    roles: approver,
    needed: 1,
    stillApprovers: [],
    longestMs: 3 * HOUR,
    policyHash,
  },
  {
    act: "approve",
    by: OMAR,
    roles: approver,
    needed: 2,
    stillApprovers: [LEA],
    longestMs: 3 * HOUR,
    policyHash,
  },
  { act: "take-back", by: LEA, roles: approver },
  { act: "deny", by: LEA, roles: approver, reason: "not now" },
  { act: "cancel", by: ERIN, roles: { isApprover: false, isAdmin: false } },
  { act: "end", by: ERIN, roles: { isApprover: false, isAdmin: false } },
  { act: "expire" },
  { act: "remind" },
  { act: "escalate" },
  { act: "left" },
  { act: "extended", into: "JIT-000001" as RequestId, untilMs: 0 },
  { act: "sending", to: "open" },
  { act: "sending", to: "close", closesAtMs: T0 + MINUTE },
  { act: "accepted" },
  { act: "unanswered", fault, ambiguous: true, nextAtMs: T0 + MINUTE },
  { act: "unanswered", fault, ambiguous: false, nextAtMs: T0 + MINUTE },
  { act: "refused", fault },
  seen([], true),
  seen([22], false),
  seen([22, 3389], false),
  { act: "closed", closing: "closed" },
  { act: "closed", closing: "held" },
  { act: "closing", nextAtMs: T0 + MINUTE },
  { act: "closing", isAccepted: true, nextAtMs: T0 + MINUTE },
  { act: "not-closed", fault },
  { act: "gone" },
  ...closings.flatMap((closing): Act[] => [
    { act: "over", closing },
    { act: "checked", closing, nextAtMs: END + MINUTE },
  ]),
  {
    act: "checked",
    closing: "still-open",
    ports: [
      { port: 22, closing: "still-open" },
      { port: 3389, closing: "closed" },
    ],
    nextAtMs: END + MINUTE,
  },
  { act: "retry-over" },
  { act: "warned" },
  { act: "park", why: "Work on it failed 6 times in a row" },
  { act: "requeue", by: LEA, roles: { isApprover: false, isAdmin: true } },
  { act: "requeued", operator: "ops@host" },
];

const view: CardView = { nowMs: END + HOUR, hide: [], endsEarly: true };

/** The card is edited in place; what one person is shown is of that moment. */
const screens = (request: AccessRequest): unknown => cardMessage(request, view).blocks;

describe("a screen", () => {
  it("shows nothing else without a new revision", () => {
    const turns = fc.array(fc.tuple(fc.constantFrom(...ACTS), fc.nat({ max: 3 * 60 })), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(fc.constantFrom(...STATES), turns, (state, all) => {
        let request = inState(state, { ask: { ...inState(state).ask, ports: [22, 3389] } });
        let nowMs = T0;
        for (const [act, minutes] of all) {
          nowMs += minutes * MINUTE;
          const moved = transition(request, act, nowMs);
          if (isRefusal(moved)) continue;
          const [before, after] = [request, moved.request];
          request = after;
          if (after.revision > before.revision) continue;
          expect(screens(after), JSON.stringify({ act, before })).toEqual(screens(before));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  const ended = (closing: Closing): In<"ended"> => {
    const request = inState("ended");
    if (request.state !== "ended") throw new Error("not ended");
    return { ...request, closing };
  };
  const checked = (closing: Closing): Act => ({ act: "checked", closing, nextAtMs: END + MINUTE });
  const moved = (request: AccessRequest, act: Act, nowMs: number): AccessRequest => {
    const outcome = transition(request, act, nowMs);
    if (isRefusal(outcome)) throw new Error(outcome.refused);
    return outcome.request;
  };

  it.each([
    ["still-open", "closed"],
    ["unknown", "closed"],
    ["unknown", "still-open"],
    ["still-open", "held"],
  ] as const)("of an end follows Azure from %s to %s", (from, to) => {
    const before = ended(from);
    expect(moved(before, checked(to), END + 5_000).revision).toBe(before.revision + 1);
  });

  it("stops saying that it is not confirmed yet when nobody looks any more", () => {
    let request: AccessRequest = ended("unknown");
    for (let look = 1; look <= 5; look++) {
      expect(JSON.stringify(screens(request))).toContain("hasn't confirmed yet");
      request = moved(request, checked("unknown"), END + look * MINUTE);
    }
    expect(JSON.stringify(screens(request))).toContain("never confirmed");
    expect(request.revision).toBe(ended("unknown").revision + 1);
  });

  it("tells once more whoever read of the end while the port was open", () => {
    const untold = ended("still-open");
    const atEnd = { n: 1, what: "ended" as const, atMs: END };
    const heard = {
      ...untold,
      steps: [],
      toldUpTo: { thread: 1, requester: 1, last: 1 },
    };
    const kinds = (request: AccessRequest) => request.steps.map((step) => step.what);
    expect(kinds(moved(heard, checked("closed"), END + 20_000))).toEqual(["closed-late"]);
    const unheard = { ...untold, steps: [atEnd], toldUpTo: { thread: 0, requester: 0, last: 1 } };
    expect(kinds(moved(unheard, checked("closed"), END + 5_000))).toEqual(["ended"]);
  });
});
