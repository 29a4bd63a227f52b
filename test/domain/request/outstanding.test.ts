// What should be true and is not yet: read off the stored state alone, and never without a time.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EffectName } from "../../../src/domain/request/document/attempts.ts";
import type { Phase, State } from "../../../src/domain/request/document/phase.ts";
import type { Card } from "../../../src/domain/request/document/sent-messages.ts";
import { cleared, tried, waiting } from "../../../src/domain/request/effects.ts";
import {
  agenda,
  dueAtMs,
  isStale,
  outstanding,
  warnsAtMs,
} from "../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { aCommon, aGrant, HOUR, inState, LEA, MINUTE, PROD, T0 } from "../../support/requests.ts";

const END = T0 + 2 * HOUR;
const times = (request: AccessRequest) =>
  Object.fromEntries(agenda(request).map(({ effect, atMs }) => [effect, atMs]));
const ended = (change: Partial<Extract<Phase, { state: "ended" }>>): AccessRequest => ({
  ...aCommon(),
  ...{ state: "ended", grant: aGrant(), how: "expired", endedAtMs: END, closing: "unknown" },
  ...change,
});

describe("what a state needs", () => {
  it.each<[State, Partial<Record<EffectName, number>>]>([
    ["pending", { lapse: T0 + 4 * HOUR }],
    ["opening", { azure: 0, expire: END }],
    ["open", { warn: END - 10 * MINUTE, expire: END }],
    ["ending", { azure: 0, expire: END }],
    ["ended", { check: END + 3_000 }],
    ["failed", { "retry-over": T0 + 90 * MINUTE + 1 }],
    ["denied", {}],
    ["cancelled", {}],
    ["lapsed", {}],
  ])("%s", (state, wanted) => {
    const request = inState(state);
    expect(times(request)).toEqual(wanted);
    const all = Object.values(wanted);
    expect(dueAtMs(request)).toBe(all.length === 0 ? undefined : Math.min(...all));
  });

  it("is a warning once only", () => {
    const warned: AccessRequest = {
      ...aCommon(),
      state: "open",
      grant: aGrant({ warnedAtMs: T0 }),
    };
    expect(times(warned)).toEqual({ expire: END });
  });

  it.each<[string, AccessRequest, boolean]>([
    ["while Azure shows nothing", ended({}), true],
    ["while Azure shows it open", ended({ closing: "still-open" }), true],
    ["no more once Azure shows it closed", ended({ closing: "closed" }), false],
    ["not where another request carries it on", ended({ how: "extended" }), false],
  ])("is a look at the end %s", (_, request, looks) => {
    expect(outstanding(request, END + HOUR)).toEqual(looks ? ["check"] : []);
  });

  it("is a few looks where Azure shows nothing, and as many as it takes while it is open", () => {
    const looked = { check: { count: 5, nextAtMs: END + MINUTE, fault: "" } };
    expect(agenda({ ...ended({}), attempts: looked })).toEqual([]);
    expect(times({ ...ended({ closing: "still-open" }), attempts: looked })).toEqual({
      check: END + MINUTE,
    });
  });

  it("waits as long as each effect has been put off, and none for another", () => {
    let request = tried(inState("opening"), "azure", { nextAtMs: T0 + 9, fault: "x" });
    expect(times(request)).toEqual({ azure: T0 + 9, expire: END });
    request = waiting(request, "card", T0 + 5);
    expect(times({ ...request, revision: 2 })).toEqual({
      azure: T0 + 9,
      expire: END,
      card: T0 + 5,
    });
    expect(times(cleared(request, "azure"))).toEqual({ azure: 0, expire: END });
  });
});

describe("a waiting request", () => {
  const promised = {
    ...aCommon().promised,
    remindAfterMs: 15 * MINUTE,
    escalate: { afterMs: 30 * MINUTE, to: { users: [LEA], groups: [] } },
  };
  const request = inState("pending", { promised });

  it("calls the approvers again, and further ones, each once", () => {
    expect(times(request)).toMatchObject({
      remind: T0 + 15 * MINUTE,
      escalate: T0 + 30 * MINUTE,
    });
    expect(outstanding(request, T0 + 30 * MINUTE)).toEqual(["remind", "escalate"]);
    expect(times({ ...request, remindedAtMs: T0, escalatedAtMs: T0 } as AccessRequest)).toEqual({
      lapse: T0 + 4 * HOUR,
    });
  });

  it("calls nobody any more once it lapses, after an outage say", () => {
    expect(outstanding(request, T0 + 4 * HOUR - 1)).toEqual(["remind", "escalate"]);
    expect(outstanding(request, T0 + 4 * HOUR)).toEqual(["lapse"]);
  });
});

describe("a warning", () => {
  it.each([
    ["ten minutes before the end", 2 * HOUR, 10 * MINUTE, 10 * MINUTE],
    ["with a third left of a short grant", 15 * MINUTE, 10 * MINUTE, 5 * MINUTE],
    ["with a third left of the shortest", MINUTE, 10 * MINUTE, 20_000],
    ["with exactly a third left", 30 * MINUTE, 10 * MINUTE, 10 * MINUTE],
    ["seconds before the end, where the rule says so", 2 * HOUR, 5_000, 5_000],
  ])("comes %s", (_, lengthMs, beforeMs, leftMs) => {
    const grant = aGrant({ endsAtMs: T0 + lengthMs });
    expect(warnsAtMs(grant, beforeMs)).toBe(grant.endsAtMs - leftMs);
  });

  it("never comes before two thirds of the grant are over, and always before its end", () => {
    const length = fc.integer({ min: MINUTE, max: 24 * HOUR });
    fc.assert(
      fc.property(length, fc.integer({ min: 1_000, max: 24 * HOUR }), (lengthMs, beforeMs) => {
        const grant = aGrant({ endsAtMs: T0 + lengthMs });
        const atMs = warnsAtMs(grant, beforeMs);
        expect(Number.isInteger(atMs)).toBe(true);
        expect(atMs).toBeLessThan(grant.endsAtMs);
        expect(atMs - T0).toBeGreaterThanOrEqual(Math.floor((lengthMs * 2) / 3));
      }),
    );
  });
});

describe("messages", () => {
  const asked = { n: 1, what: "asked", atMs: T0 } as const;
  const waits = (cards: Card[], thread = 0, requester = 0): AccessRequest =>
    inState("pending", {
      revision: 2,
      cards,
      steps: [asked, { n: 2, what: "taken-back", by: LEA, atMs: T0 }],
      toldUpTo: { thread, requester, last: 2 },
    });
  const shown: Card = { to: PROD, channel: PROD, ts: "1.1", shown: 2 };

  it.each<[string, AccessRequest, readonly EffectName[]]>([
    [
      "the first card, and the thread only after it",
      waits([{ to: PROD, shown: 0 }]),
      ["card", "requester"],
    ],
    ["a card that shows an older revision", waits([{ ...shown, shown: 1 }], 2, 2), ["card"]],
    ["the thread and the requester", waits([shown]), ["thread", "requester"]],
    ["the requester alone", waits([shown], 2, 0), ["requester"]],
    ["the thread alone", waits([shown], 0, 2), ["thread"]],
    ["nothing where all is told", waits([shown], 2, 2), []],
    [
      "the thread, to be crossed off, where the card is dead",
      waits([{ ...shown, dead: "x" }], 0, 2),
      ["thread"],
    ],
    ["no card where it is dead", waits([{ to: PROD, shown: 0, dead: "x" }], 2, 2), []],
    ["the thread, to be crossed off, where there is no card at all", waits([], 0, 2), ["thread"]],
    ["a second card", waits([shown, { to: LEA, shown: 0 }], 2, 2), ["card"]],
  ])("that are due: %s", (_, request, effects) => {
    expect(outstanding(request, 0)).toEqual(effects);
  });

  it("are nothing for a thread that nobody need hear of", () => {
    const card: Card = { ...shown, shown: 1 };
    const told = { thread: 0, requester: 1, last: 1 };
    expect(agenda(inState("denied", { cards: [card], steps: [asked], toldUpTo: told }))).toEqual(
      [],
    );
  });

  it("are stale until they show the present revision", () => {
    expect([isStale(shown, 2), isStale(shown, 3), isStale({ ...shown, dead: "x" }, 3)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("a card that was never posted", () => {
  const unposted = (state: State, card: Partial<Card>): AccessRequest => ({
    ...inState(state),
    steps: [{ n: 1, what: "taken-back", by: LEA, atMs: T0 }],
    toldUpTo: { thread: 0, requester: 0, last: 1 },
    cards: [{ to: PROD, shown: 0, ...card }],
  });
  const effects = (request: AccessRequest) => agenda(request).map(({ effect }) => effect);
  const OVER = ["cancelled", "denied", "lapsed"] as const;

  it.each(OVER)("of what is %s is not posted any more", (state) => {
    expect(effects(unposted(state, {}))).not.toContain("card");
    // Its history has nowhere to stand, and waits for nothing; the requester is told.
    expect(effects(unposted(state, {}))).toEqual(expect.arrayContaining(["thread", "requester"]));
  });

  it.each(OVER)("but perhaps was, is put right: %s", (state) => {
    expect(effects(unposted(state, { postingSinceMs: T0 }))).toContain("card");
    const posted = unposted(state, { ts: "1.2", channel: PROD });
    expect(effects(posted)).toContain("card");
  });

  it.each(["pending", "opening", "open", "ending", "ended", "failed"] as const)(
    "of what is %s is posted",
    (state) => expect(effects(unposted(state, {}))).toContain("card"),
  );
});
