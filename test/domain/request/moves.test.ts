// The small steps by which a request changes: nothing is lost on the way, and nothing renumbered.

import { describe, expect, it } from "vitest";
import type { Attempts, EffectName } from "../../../src/domain/request/document/attempts.ts";
import { common, move, same, withAzure, withSteps } from "../../../src/domain/request/moves.ts";
import type { AccessRequest, Common } from "../../../src/domain/request/request.ts";
import { aCommon, aGrant, inState, LEA, PROD, STATES, T0 } from "../../support/requests.ts";

describe("the shared part", () => {
  const full = {
    ...aCommon({ approvals: [{ by: LEA, atMs: T0 }] }),
    batch: { role: "lead", nonce: "all-n", members: [] },
    askedIn: PROD,
    narrowed: { by: LEA, durationMs: 1, source: "*" },
    wasEscalated: true,
    facts: [{ kind: "first", days: 90 }],
    review: { askedAtMs: T0 },
    questions: [{ n: 1, by: LEA, atMs: T0, text: "why?" }],
    tookOver: true,
    live: { channel: PROD, ts: "1.3", shown: 1 },
    deadLetter: { atMs: T0, why: "failed 6 times in a row" },
    endMessages: [{ audience: "thread", channel: PROD, ts: "1.2", steps: [], shown: 1 }],
  } as const satisfies Required<Common>;
  it.each(STATES)("has everything but the fields of the state: %s", (state) => {
    expect(common(inState(state, full))).toEqual(full);
  });

  it("has no empty fields, which a store would have to tell from missing ones", () => {
    expect(Object.keys(common(inState("open")))).toEqual(Object.keys(aCommon()));
  });
});

describe("steps", () => {
  it("are numbered on from the last, even where all before were dropped", () => {
    const shared = aCommon({ steps: [], toldUpTo: { thread: 7, requester: 7, last: 7 } });
    const after = withSteps(shared, [
      { what: "approved", by: LEA, atMs: T0 },
      { what: "opening", atMs: T0 },
    ]);
    expect(after.steps.map(({ n, what }) => [n, what])).toEqual([
      [8, "approved"],
      [9, "opening"],
    ]);
    expect(after.toldUpTo).toEqual({ thread: 7, requester: 7, last: 9 });
  });

  it("make a new revision, also where there is nothing to tell", () => {
    expect(withSteps(aCommon({ revision: 4 }), []).revision).toBe(5);
  });
});

describe("a move", () => {
  const effort: Attempts = { count: 3, nextAtMs: T0, fault: "x" };
  const all: EffectName[] = [
    "azure",
    "check",
    "warn",
    "expire",
    "lapse",
    "card",
    "thread",
    "requester",
  ];
  const attempts = Object.fromEntries(all.map((name) => [name, effort]));

  it("forgets the efforts of the old state, and keeps those of messages", () => {
    const before = inState("opening", { attempts });
    const { request, audit } = move(
      before,
      { state: "open", grant: aGrant() },
      { steps: [{ what: "open", atMs: T0 }], audit: { what: "opened" } },
    );
    expect(Object.keys(request.attempts).sort()).toEqual(["card", "requester", "thread"]);
    expect(audit).toEqual([{ what: "opened" }]);
    expect(request.revision).toBe(before.revision + 1);
  });

  it("leaves nothing of the old state behind", () => {
    const { request } = move(
      inState("ending"),
      { state: "lapsed", expiredAtMs: T0 },
      { steps: [], audit: { what: "x" } },
    );
    expect(request).toEqual({ ...aCommon({ revision: 2 }), state: "lapsed", expiredAtMs: T0 });
  });

  it("changes what it is told to of the shared part", () => {
    const approvals = [{ by: LEA, atMs: T0 }];
    const { request } = move(
      inState("pending"),
      { state: "opening", grant: aGrant() },
      { steps: [], audit: { what: "granted" }, change: { approvals } },
    );
    expect(request.approvals).toEqual(approvals);
  });

  it("that changes nothing answers the very request", () => {
    const before: AccessRequest = inState("open");
    expect(same(before)).toEqual({ request: before, audit: [] });
    expect(same(before).request).toBe(before);
  });
});

it("changes one thing about how far Azure has come", () => {
  const grant = aGrant();
  expect(withAzure(grant, { reads: 4 })).toEqual({
    ...grant,
    azure: { sent: 0, answer: "unsent", reads: 4, seenPorts: [] },
  });
});
