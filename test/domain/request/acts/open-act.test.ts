// What is approved and waits for its requester: who opens it, when its end is fixed, what else becomes of it.
// Of src/domain/request/acts/open-act.ts and ready.ts.

import { describe, expect, it } from "vitest";
import { cardMessage } from "../../../../src/adapters/slack/views/request/card.ts";
import type { PersonAct } from "../../../../src/domain/request/acts/person-act.ts";
import { offersTo } from "../../../../src/domain/request/offers.ts";
import { agenda, dueAtMs, outstanding } from "../../../../src/domain/request/outstanding.ts";
import { type AccessRequest, grantOf, type In } from "../../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../../src/domain/request/transition.ts";
import type { UserId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import {
  ADA,
  aBirth,
  aCommon,
  anAsk,
  aPolicy,
  aRule,
  ERIN,
  FREEZE,
  HOUR,
  inState,
  LEA,
  MINUTE,
  OMAR,
  PROD,
  SAM,
  T0,
} from "../../../support/requests.ts";

const KEEP = 8 * HOUR;
const HASH = "b".repeat(64);
const promised = { ...aCommon().promised, keepForMs: KEEP };

function acted(request: AccessRequest, act: Act, nowMs = T0 + MINUTE) {
  const outcome = transition(request, act, nowMs);
  return isRefusal(outcome) ? `${outcome.refused}: ${plain(outcome.say)}` : outcome.request;
}

function move(request: AccessRequest, act: Act, nowMs = T0 + MINUTE): AccessRequest {
  const outcome = acted(request, act, nowMs);
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome;
}

const approve = (by: UserId, change = {}): PersonAct => ({
  act: "approve",
  by,
  roles: { isApprover: true, isAdmin: false },
  needed: 1,
  stillApprovers: [],
  longestMs: 3 * HOUR,
  policyHash: HASH,
  ...change,
});

const open = (by: UserId, change = {}): PersonAct => ({
  act: "open",
  by,
  roles: { isApprover: by === LEA, isAdmin: by === ADA },
  needed: 1,
  stillApprovers: [LEA],
  longestMs: 3 * HOUR,
  policyHash: HASH,
  ...change,
});

const pending = inState("pending", { promised });
const ready = move(pending, approve(LEA));

describe("a request whose requester starts it", () => {
  it("is ready when it is approved, frozen or not, without an end", () => {
    for (const frozen of [undefined, { freeze: FREEZE, expireAfterMs: HOUR }]) {
      const one = move(pending, approve(LEA, { frozen }));
      expect(one).toMatchObject({ state: "ready", expiresAtMs: T0 + MINUTE + KEEP });
      expect(one).not.toHaveProperty("frozen");
      expect(grantOf(one)).toBeUndefined();
      expect(one.steps.map(({ what }) => what)).toEqual(["approved", "ready"]);
    }
  });

  it("is ready at once where nobody has to decide", () => {
    const rule = aRule({ approvals: 0, keepForMs: KEEP });
    const { request, audit } = aBirth({ rule, approvals: 0 });
    expect(request).toMatchObject({ state: "ready", promised: { keepForMs: KEEP } });
    expect(audit.map(({ what }) => what)).toEqual(["asked", "waits-ready"]);
  });

  it("opens at once all the same by break-glass, and as an extension", () => {
    const rule = aRule({ approvals: 0, keepForMs: KEEP });
    const glass = aBirth({ rule, ask: anAsk({ breakGlass: true }) }).request;
    expect(glass.state).toBe("opening");
    const extension = aBirth({ rule, approvals: 0, ask: anAsk({ extends: glass.id }) }).request;
    expect(extension.state).toBe("opening");
    expect(extension.promised).not.toHaveProperty("keepForMs");
  });

  it("has its end fixed when it is opened", () => {
    const atMs = T0 + 5 * HOUR;
    const opening = move(ready, open(ERIN), atMs);
    expect(opening).toMatchObject({
      state: "opening",
      grant: { startsAtMs: atMs, endsAtMs: atMs + 2 * HOUR, approvedBy: [LEA] },
    });
    expect(opening.steps.at(-1)).toMatchObject({ what: "started", by: ERIN });
    const outcome = transition(ready, open(ERIN), atMs);
    expect(isRefusal(outcome) ? [] : outcome.audit).toMatchObject([
      { what: "granted", by: LEA, detail: { openedBy: ERIN, waitedMs: 5 * HOUR - MINUTE } },
    ]);
  });

  it.each([
    [LEA, "not-yours: Only the requester can open JIT-4K7QWD."],
    [ADA, "not-yours: Only the requester can open JIT-4K7QWD."],
    [SAM, "not-yours: Only the requester can open JIT-4K7QWD."],
  ])("is opened by nobody else: %s", (by, said) => {
    expect(acted(ready, open(by))).toBe(said);
  });

  it("is opened no more once its time is over", () => {
    expect(acted(ready, open(ERIN), T0 + MINUTE + KEEP)).toContain("too-late: ");
    expect(acted(ready, open(ERIN), T0 + MINUTE + KEEP - 1)).toMatchObject({ state: "opening" });
  });

  it("isn't opened by the end of a freeze, nor dropped by one", () => {
    const thawed = { act: "thawed", needed: 0, stillApprovers: [], longestMs: HOUR } as const;
    for (const act of [
      { ...thawed, policyHash: HASH },
      { act: "thawing" },
      { act: "still-frozen", freeze: FREEZE, nextAtMs: T0, expireAfterMs: HOUR },
      { act: "not-opened", fault: { code: "no-rule", message: "No rule." } },
    ] as const) {
      expect(move(ready, act)).toEqual(ready);
    }
    expect(agenda(ready).map(({ effect }) => effect)).not.toContain("thaw");
  });

  it("goes on by itself after a freeze that came before Azure was asked, good no longer than before", () => {
    const frozen = { act: "frozen", freeze: FREEZE, expireAfterMs: HOUR } as const;
    const back = move(move(ready, open(ERIN)), frozen, T0 + HOUR);
    expect(back).toMatchObject({
      state: "ready",
      expiresAtMs: (ready as In<"ready">).expiresAtMs,
      frozen: FREEZE,
    });
    expect(agenda(back).map(({ effect }) => effect)).toContain("thaw");
    expect(acted(back, open(ERIN))).toContain("wrong-state");
    const still = {
      act: "still-frozen",
      freeze: FREEZE,
      nextAtMs: T0,
      expireAfterMs: HOUR,
    } as const;
    expect(move(back, still)).toMatchObject({ expiresAtMs: (ready as In<"ready">).expiresAtMs });
    const thawed = { act: "thawed", needed: 1, stillApprovers: [LEA], longestMs: HOUR } as const;
    const on = move(back, { ...thawed, policyHash: HASH });
    expect(on).toMatchObject({ state: "opening", grant: { approvedBy: [LEA] } });
    expect(on.steps.at(-1)).toMatchObject({ what: "thawed" });
    // Frozen once more, its approval is still good no longer.
    expect(move(on, frozen, T0 + 2 * HOUR)).toMatchObject({
      expiresAtMs: (ready as In<"ready">).expiresAtMs,
    });
    const card = JSON.stringify(cardMessage(back, { nowMs: T0, hide: [], endsEarly: true }));
    expect(card).toContain(
      "When an admin lifts the freeze, everything is checked again and it opens",
    );
    expect(card).not.toContain("press Open");
  });

  it("waits for approvals again where one is missing by now", () => {
    const waits = { expireAfterMs: HOUR, approvers: { users: [OMAR], groups: [] }, channel: PROD };
    const back = move(ready, open(ERIN, { needed: 1, stillApprovers: [], waits }));
    expect(back).toMatchObject({ state: "pending", approvals: [] });
    expect(back.steps.slice(-2).map(({ what }) => what)).toEqual(["approval-void", "waits-again"]);
    expect(back.steps.at(-1)?.again).toEqual({ tried: "open", voided: 1 });
    // Approved again, it waits for its requester as before.
    expect(move(back, approve(OMAR))).toMatchObject({ state: "ready" });
    expect(acted(ready, open(ERIN, { stillApprovers: [] }))).toContain("cannot-check");
  });

  it("waits for approvals again as long as its rule lets one wait, once one is withdrawn", () => {
    const back = (expireAfterMs: number, from = ready) =>
      move(from, { ...open(LEA), act: "take-back", expireAfterMs });
    expect(back(15 * MINUTE)).toMatchObject({ expiresAtMs: T0 + 16 * MINUTE });
    expect(back(24 * HOUR)).toMatchObject({ expiresAtMs: T0 + MINUTE + 24 * HOUR });
    const ask = { ...ready.ask, opensAtMs: T0 + 30 * HOUR };
    expect(back(15 * MINUTE, { ...ready, ask })).toMatchObject({ expiresAtMs: T0 + 30 * HOUR });
  });

  it("lets an approver withdraw, and its requester cancel", () => {
    expect(move(ready, { ...open(LEA), act: "take-back" })).toMatchObject({ state: "pending" });
    expect(move(ready, { ...open(ERIN), act: "cancel" })).toMatchObject({ state: "cancelled" });
  });

  it("reminds once, before it expires, and expires as unused", () => {
    const remindsAt = T0 + MINUTE + KEEP - 30 * MINUTE;
    expect(outstanding(ready, remindsAt - 1)).not.toContain("remind-ready");
    expect(outstanding(ready, remindsAt)).toContain("remind-ready");
    const reminded = move(ready, { act: "remind-ready" }, remindsAt);
    expect(reminded.steps.at(-1)).toMatchObject({ what: "ready-reminded" });
    expect(outstanding(reminded, remindsAt)).not.toContain("remind-ready");
    expect(move(reminded, { act: "remind-ready" }, remindsAt)).toEqual(reminded);
    const late = T0 + MINUTE + KEEP;
    expect(outstanding(ready, late)).not.toContain("remind-ready");
    expect(outstanding(ready, late)).toContain("lapse");
    const expired = move(reminded, { act: "expire" }, late);
    expect(expired).toMatchObject({ state: "lapsed", unused: true });
    expect(expired).not.toHaveProperty("frozen");
  });

  it("is never left without a time at which to look at it", () => {
    expect(dueAtMs({ ...ready, cards: [], steps: [] })).toBeLessThanOrEqual(T0 + MINUTE + KEEP);
  });

  it("offers Open to its requester alone", () => {
    const policy = aPolicy();
    const offers = (user: UserId, request = ready) =>
      offersTo(
        request,
        { user, roles: { isApprover: true, isAdmin: true } },
        { policy, nowMs: T0 + HOUR },
      );
    expect(offers(ERIN)).toContain("open");
    expect(offers(LEA)).not.toContain("open");
    expect(offers(ERIN, pending)).not.toContain("open");
    expect(offers(ERIN, inState("ready"))).not.toContain("open");
  });
});

describe("a request for a time", () => {
  const opensAtMs = T0 + 3 * HOUR;
  const ask = anAsk({ opensAtMs });
  const forLater = inState("pending", { ask });
  const waits = move(forLater, approve(LEA));

  it("waits for its time when it is approved, and opens by itself then", () => {
    expect(waits).toMatchObject({
      state: "ready",
      fromMs: opensAtMs,
      expiresAtMs: opensAtMs + HOUR,
    });
    expect(waits.steps.map(({ what }) => what)).toEqual(["approved", "ready"]);
    expect(outstanding(waits, opensAtMs - 1)).not.toContain("thaw");
    expect(outstanding(waits, opensAtMs)).toContain("thaw");
    const thawed = { act: "thawed", needed: 1, stillApprovers: [LEA], longestMs: HOUR } as const;
    const opening = move(waits, { ...thawed, policyHash: HASH }, opensAtMs);
    expect(opening).toMatchObject({ state: "opening", grant: { endsAtMs: opensAtMs + HOUR } });
    expect(opening.steps.at(-1)).toMatchObject({ what: "started" });
  });

  it("opens at once where it is approved after its time", () => {
    expect(move(forLater, approve(LEA), opensAtMs)).toMatchObject({
      state: "opening",
      grant: { startsAtMs: opensAtMs },
    });
  });

  it("waits for a freeze at its time, and says so from then on", () => {
    const still = { act: "still-frozen", freeze: FREEZE, expireAfterMs: 4 * HOUR } as const;
    const frozen = move(waits, { ...still, nextAtMs: opensAtMs + MINUTE }, opensAtMs);
    // From then on it waits as long as anything that a freeze keeps, and not longer for each look at it.
    const expiresAtMs = opensAtMs + 4 * HOUR;
    expect(frozen).toMatchObject({ state: "ready", frozen: FREEZE, expiresAtMs });
    const looked = move(frozen, { ...still, nextAtMs: opensAtMs + HOUR }, opensAtMs + MINUTE);
    expect(looked).toMatchObject({ expiresAtMs });
    const short = move(waits, { ...still, nextAtMs: opensAtMs, expireAfterMs: MINUTE }, opensAtMs);
    expect(short).toMatchObject({ expiresAtMs: opensAtMs + HOUR });
    expect(move(frozen, { act: "expire" }, expiresAtMs)).toMatchObject({ frozen: true });
  });

  it("is nothing that its requester could press, and expires as unchecked", () => {
    expect(acted(waits, open(ERIN), opensAtMs)).toContain("opens by itself");
    const expired = move(waits, { act: "expire" }, opensAtMs + HOUR);
    expect(expired).toMatchObject({ state: "lapsed", unchecked: true });
  });

  it("waits for its decision until its time, at least", () => {
    const rule = aRule({ expireAfterMs: HOUR });
    expect(aBirth({ rule, ask }).request).toMatchObject({ expiresAtMs: opensAtMs });
    const soon = anAsk({ opensAtMs: T0 + MINUTE });
    expect(aBirth({ rule, ask: soon }).request).toMatchObject({ expiresAtMs: T0 + HOUR });
  });

  it("is ready at once where nobody has to decide", () => {
    const rule = aRule({ approvals: 0 });
    const { request, audit } = aBirth({ rule, approvals: 0, ask });
    expect(request).toMatchObject({ state: "ready", fromMs: opensAtMs });
    expect(audit).toMatchObject([{ detail: { opensAtMs } }, { what: "waits-ready" }]);
  });

  it("whose requester starts it, has its button from its time on", () => {
    const both = move(inState("pending", { ask, promised }), approve(LEA));
    expect(both).toMatchObject({ fromMs: opensAtMs, expiresAtMs: opensAtMs + KEEP });
    expect(acted(both, open(ERIN), opensAtMs - 1)).toContain("you can open it from then on");
    expect(outstanding(both, opensAtMs - 1)).not.toContain("remind-ready");
    expect(outstanding(both, opensAtMs)).toContain("remind-ready");
    expect(move(both, { act: "remind-ready" }, opensAtMs - 1)).toEqual(both);
    const now = move(both, { act: "remind-ready" }, opensAtMs);
    expect(now).not.toHaveProperty("fromMs");
    expect(now.steps.at(-1)).toMatchObject({ what: "ready", atMs: opensAtMs });
    expect(outstanding(now, opensAtMs)).not.toContain("remind-ready");
    expect(outstanding(now, opensAtMs + KEEP - 30 * MINUTE)).toContain("remind-ready");
    expect(move(now, open(ERIN), opensAtMs)).toMatchObject({ state: "opening" });
  });
});

describe("what is held up", () => {
  const FULL = { code: "too-many-open", message: "Too many are open." };
  const timed = () => ({
    ...(inState("ready") as AccessRequest & { state: "ready" }),
    frozen: undefined,
    fromMs: T0 + HOUR,
    expiresAtMs: T0 + 2 * HOUR,
    ask: { ...anAsk(), opensAtMs: T0 + HOUR },
  });
  const heldUp = (fault = FULL) =>
    ({ act: "held-up", fault, nextAtMs: T0 + HOUR + MINUTE }) as const;

  it("stays ready, is told once for each reason, and can be opened by its requester", () => {
    const before = timed();
    expect(acted(before, open(ERIN))).toContain("opens by itself");
    const first = transition(before, heldUp(), T0 + HOUR);
    if (isRefusal(first)) throw new Error("news is never refused");
    expect(first.request).toMatchObject({ state: "ready", heldUp: FULL });
    expect(first.audit).toEqual([{ what: "held-up", detail: FULL }]);
    expect(first.request.steps.at(-1)).toMatchObject({ what: "held-up", fault: FULL });
    const again = move(first.request, heldUp(), T0 + HOUR + MINUTE);
    expect(again.steps).toEqual(first.request.steps);
    expect(again.revision).toBe(first.request.revision);
    // Another number is on the card from then on, and nobody is called for it.
    const more = move(again, heldUp({ ...FULL, message: "More are open." }), T0 + HOUR + MINUTE);
    expect(more).toMatchObject({ steps: again.steps, revision: again.revision + 1 });
    const other = { code: "address-unproven", message: "Seen elsewhere." };
    expect(move(again, heldUp(other), T0 + HOUR + MINUTE).steps).toHaveLength(
      again.steps.length + 1,
    );
    expect(outstanding(again, T0 + HOUR)).not.toContain("thaw");
    expect(outstanding(again, T0 + HOUR + MINUTE)).toContain("thaw");
    expect(move(again, open(ERIN), T0 + HOUR + MINUTE).state).toBe("opening");
  });

  it("is approved all the same, looked at again at once, and opened by its requester", () => {
    const undecided = inState("pending");
    const lacking = inState("pending", { promised: { ...undecided.promised, approvals: 2 } });
    const held = transition(undecided, approve(LEA, { heldUp: FULL }), T0);
    if (isRefusal(held)) throw new Error("it may be approved");
    expect(held.request).toMatchObject({
      state: "ready",
      heldUp: FULL,
      expiresAtMs: T0 + HOUR,
      approvals: [{ by: LEA }],
    });
    expect(held.request.steps.map(({ what }) => what)).toEqual(["approved", "held-up"]);
    expect(held.request.steps.at(-1)).toMatchObject({ fault: FULL });
    expect(held.audit).toMatchObject([{ what: "approved", detail: { heldUp: FULL.code } }]);
    expect(outstanding(held.request, T0)).toContain("thaw");
    expect(move(held.request, open(ERIN)).state).toBe("opening");
    const why = { code: "vm-gone", message: "It's gone." };
    expect(move(held.request, { act: "not-opened", fault: why })).toMatchObject({
      state: "cancelled",
      heldUp: FULL,
    });
    // What wouldn't be opened anyway isn't held up: it is looked at when it would.
    const both = { heldUp: FULL, frozen: { freeze: FREEZE, expireAfterMs: HOUR } };
    expect(move(undecided, approve(LEA, both))).not.toHaveProperty("heldUp");
    expect(move(pending, approve(LEA, { heldUp: FULL }))).not.toHaveProperty("heldUp");
    expect(move(lacking, approve(LEA, { heldUp: FULL, needed: 2 })).state).toBe("pending");
  });

  it("expires with the reason", () => {
    const held = move(timed(), heldUp(), T0 + HOUR);
    expect(move(held, { act: "expire" }, T0 + 2 * HOUR)).toMatchObject({
      state: "lapsed",
      heldUp: FULL,
    });
  });
});
