// The requester's live message: what is worth a notification beside it, and when it has to be edited.

import { describe, expect, it } from "vitest";
import type { Step } from "../../../../src/domain/request/document/step.ts";
import type { Grant } from "../../../../src/domain/request/grant.ts";
import {
  callsRequester,
  liveDoubted,
  liveDueAtMs,
  liveGone,
  livePlace,
  livePosting,
  liveSettled,
  liveShown,
  warningFolded,
  warningPosted,
  warningsOf,
} from "../../../../src/domain/request/messages/live-message.ts";
import type { AccessRequest, In } from "../../../../src/domain/request/request.ts";
import { channelId } from "../../../../src/domain/text/ids.ts";
import { aGrant, ERIN, inState, LEA, T0 } from "../../../support/requests.ts";

const D0ERIN = channelId("D0ERIN");
const PLACE = { channel: D0ERIN, ts: "1.1" };

const calls = (request: AccessRequest, what: Step["what"], step: Partial<Step> = {}): boolean =>
  callsRequester(request, { n: 1, what, atMs: T0, ...step });

const ended = (change: Partial<In<"ended">>, grant: Partial<Grant> = {}): AccessRequest =>
  ({ ...inState("ended"), grant: aGrant({ openedAtMs: T0, ...grant }), ...change }) as In<"ended">;

describe("the requester is notified", () => {
  it.each<[string, AccessRequest, Step["what"], Partial<Step>, boolean]>([
    ["that it is open", inState("open"), "open", {}, true],
    ["that it was denied", inState("denied"), "denied", { by: LEA }, true],
    ["that it expired", inState("lapsed"), "lapsed", {}, true],
    ["that it failed", inState("failed"), "failed", {}, true],
    ["that ending it failed", inState("open"), "not-ended", {}, true],
    ["that it is parked", inState("open"), "parked", {}, true],
    ["that it was found open", inState("open"), "recovered", {}, true],
    ["that they may have it no longer", inState("ending"), "left", {}, true],
    ["that nobody could be asked", inState("pending"), "unasked", {}, true],
    ["that an admin cancelled it", inState("cancelled"), "cancelled", { by: LEA }, true],
    ["that somebody else ended it", ended({ how: "early", endedBy: LEA }), "ended", {}, true],
    ["that it was closed elsewhere", ended({ how: "elsewhere" }), "ended", {}, true],
    ["of an end without a warning", ended({ how: "expired" }), "ended", {}, true],
    ["that no warning was given", ended({ how: "expired" }), "warning-missed", {}, true],
    ["that it is still open", ended({ closing: "still-open" }), "still-open", {}, true],
    ["that it closed after all", ended({ closing: "closed" }), "closed-late", {}, true],
  ])("%s", (_, request, what, step, isCalled) => {
    expect(calls(request, what, step)).toBe(isCalled);
  });

  it("of a question until it is answered, and of a note", () => {
    const question = { n: 1, by: LEA, atMs: T0, text: "why?" };
    const by = { by: LEA };
    expect(calls(inState("pending", { questions: [question] }), "questioned", by)).toBe(true);
    const answered = { ...question, answer: { atMs: T0, text: "because" } };
    expect(calls(inState("pending", { questions: [answered] }), "questioned", by)).toBe(false);
    const noted = [{ by: LEA, atMs: T0, note: "not before the deploy" }];
    expect(calls(inState("pending", { approvals: noted }), "approved", by)).toBe(true);
    expect(calls(inState("pending", { approvals: [{ by: LEA, atMs: T0 }] }), "approved", by)).toBe(
      false,
    );
  });
});

describe("the requester isn't notified", () => {
  it.each<[string, AccessRequest, Step["what"], Partial<Step>]>([
    ["of what they asked for", inState("pending"), "asked", {}],
    ["of what they cancelled", inState("cancelled"), "cancelled", { by: ERIN }],
    ["of what they ended", ended({ how: "early", endedBy: ERIN }), "ended", {}],
    ["of the end that was warned of", ended({ how: "expired" }, { warnedAtMs: T0 }), "ended", {}],
    ["of the end of what goes on", ended({ how: "extended" }), "ended", {}],
    ["of steps on the way", inState("opening"), "opening", {}],
    ["of Azure's acceptance", inState("opening"), "accepted", {}],
    ["of a reminder to others", inState("pending"), "reminded", {}],
    // The next step tells what became of it.
    ["of a failure that is being retried", inState("opening"), "failed", {}],
    ["that what is over is open", ended({}), "open", {}],
    ["that what closed is still open", ended({ closing: "closed" }), "still-open", {}],
  ])("%s", (_, request, what, step) => {
    expect(calls(request, what, step)).toBe(false);
  });
});

describe("the live message", () => {
  const shown = (revision: number) => liveShown(inState("open", { revision: 4 }), PLACE, revision);

  it("is due when it shows an older revision", () => {
    expect(liveDueAtMs(shown(3))).toBe(0);
    expect(liveDueAtMs(shown(4))).toBeUndefined();
    expect(liveDueAtMs(inState("open"))).toBeUndefined();
  });

  it("is nowhere while it is being posted, nor once it is gone", () => {
    expect(livePlace(livePosting(inState("pending"), T0))).toBeUndefined();
    expect(liveDueAtMs(livePosting(inState("pending"), T0))).toBeUndefined();
    expect(livePlace(liveGone(shown(4)))).toBeUndefined();
    expect(liveGone(shown(4))).not.toHaveProperty("live");
  });

  it("forgets that it was being posted, and never shows less than it did", () => {
    const found = liveShown(livePosting(inState("open", { revision: 4 }), T0), PLACE, 0);
    expect(found.live).toEqual({ ...PLACE, shown: 0 });
    expect(liveShown(shown(4), PLACE, 2).live?.shown).toBe(4);
  });

  it("is edited once more after an edit that may come late", () => {
    const doubted = liveDoubted(shown(4), T0 + 1);
    expect(liveDueAtMs(doubted)).toBe(T0 + 1);
    expect(liveDueAtMs(liveSettled(doubted))).toBeUndefined();
  });

  it("takes the buttons from its warning when it isn't open any more", () => {
    const warned = warningPosted(shown(4), { channel: D0ERIN, ts: "1.2" });
    expect(liveDueAtMs(warned)).toBeUndefined();
    const over = { ...warned, state: "ended", how: "expired", endedAtMs: T0, closing: "closed" };
    expect(liveDueAtMs(over as AccessRequest)).toBe(0);
    expect(liveDueAtMs(warningFolded(over as AccessRequest, "1.2"))).toBeUndefined();
  });

  it("takes them from every warning, where several VMs were warned of one after the other", () => {
    const once = warningPosted(shown(4), { channel: D0ERIN, ts: "1.2" });
    const twice = warningPosted(once, { channel: D0ERIN, ts: "3.4" });
    expect(warningsOf(twice)).toEqual(["1.2", "3.4"]);
    expect(warningsOf(warningFolded(twice, "3.4"))).toEqual(["1.2"]);
    const ended = { ...twice, state: "ended", how: "expired", endedAtMs: T0, closing: "closed" };
    const over = ended as AccessRequest;
    expect(liveDueAtMs(warningFolded(over, "3.4"))).toBe(0);
    expect(liveDueAtMs(warningFolded(warningFolded(over, "3.4"), "1.2"))).toBeUndefined();
  });
});
