// What is kept of messages: cards posted and edited, steps told, efforts that failed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Card } from "../../../src/domain/request/document/sent-messages.ts";
import type { Step, StepKind } from "../../../src/domain/request/document/step.ts";
import {
  cardDead,
  cardNotPosted,
  cardPosting,
  cardShown,
  cleared,
  markTold,
  tried,
  untoldSteps,
  waiting,
} from "../../../src/domain/request/effects.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { channelId } from "../../../src/domain/text/ids.ts";
import { inState, LEA, OMAR, PROD, T0 } from "../../support/requests.ts";

const DM = channelId("D0LEAD");
const withCards = (...cards: Card[]): AccessRequest => inState("pending", { revision: 3, cards });
const unposted: Card = { to: PROD, shown: 0 };
const posted: Card = { to: PROD, channel: PROD, ts: "1.1", shown: 2 };

describe("a card", () => {
  it("may be there as soon as it is about to be posted", () => {
    const [card] = cardPosting(withCards(unposted), PROD, T0).cards;
    expect(card).toEqual({ to: PROD, shown: 0, postingSinceMs: T0 });
  });

  it("is there with its place and the revision that it shows", () => {
    const posting = withCards({ ...unposted, postingSinceMs: T0 });
    const [card] = cardShown(posting, PROD, { channel: PROD, ts: "1.1", revision: 3 }).cards;
    expect(card).toEqual({ to: PROD, channel: PROD, ts: "1.1", shown: 3 });
  });

  it("stays where it is, and a second copy is kept up to date beside it", () => {
    const second = { channel: PROD, ts: "2.2", revision: 1 };
    const after = cardShown(withCards(posted), PROD, second);
    expect(after.cards).toEqual([posted, { to: PROD, channel: PROD, ts: "2.2", shown: 1 }]);
    const edited = cardShown(after, PROD, { ...second, revision: 3 });
    expect(edited.cards.map(({ ts, shown }) => [ts, shown])).toEqual([
      ["1.1", 2],
      ["2.2", 3],
    ]);
  });

  it("has a bounded number of copies", () => {
    let request = withCards(posted);
    for (let n = 0; n < 50; n++) {
      request = cardShown(request, PROD, { channel: PROD, ts: `copy.${n}`, revision: 1 });
    }
    expect(request.cards.length).toBeLessThan(10);
    expect(request.cards[0]).toEqual(posted);
  });

  it("that nobody was to have is not made up", () => {
    const before = withCards(posted);
    expect(cardShown(before, LEA, { channel: DM, ts: "3.3", revision: 1 })).toBe(before);
  });

  it("never goes back to an older revision", () => {
    const late = { channel: PROD, ts: "1.1", revision: 1 };
    expect(cardShown(withCards(posted), PROD, late).cards).toEqual([posted]);
  });

  it("that was surely not posted need not be looked for", () => {
    const posting = withCards({ ...unposted, postingSinceMs: T0 });
    expect(cardNotPosted(posting, PROD).cards).toEqual([unposted]);
  });

  it("is changed alone, and changes nothing else", () => {
    const before = withCards(unposted, { to: LEA, shown: 0 });
    const after = cardShown(before, LEA, { channel: DM, ts: "3.3", revision: 3 });
    expect(after).toEqual({
      ...before,
      cards: [unposted, { to: LEA, channel: DM, ts: "3.3", shown: 3 }],
    });
    expect(cardPosting(before, OMAR, T0)).toEqual(before);
  });
});

describe("a card that can never be posted", () => {
  const why = { dead: "not_in_channel", instead: [LEA, OMAR], nowMs: T0, isQuiet: false };

  it("is told to the requester, and the approvers get it privately", () => {
    const before = withCards({ ...unposted, postingSinceMs: T0 });
    const after = cardDead(before, { to: PROD }, why);
    expect(after.cards).toEqual([
      // An earlier posting, of which nobody knows, may be there all the same.
      { to: PROD, shown: 0, dead: "not_in_channel", postingSinceMs: T0 },
      { to: LEA, shown: 0 },
      { to: OMAR, shown: 0 },
    ]);
    expect(untoldSteps(after, "requester")).toEqual([
      {
        n: 2,
        what: "card-unposted",
        atMs: T0,
        fault: { code: "not_in_channel", message: "The card couldn't be posted." },
      },
    ]);
    expect(untoldSteps(after, "thread")).toEqual([]);
    expect(after.toldUpTo.last).toBe(2);
    expect([after.state, after.revision]).toEqual([before.state, before.revision]);
  });

  it("gives nobody a second private card", () => {
    const after = cardDead(withCards(unposted, { to: LEA, shown: 0 }), unposted, why);
    expect(after.cards.map((card) => card.to)).toEqual([PROD, LEA, OMAR]);
  });

  it("is told once, however often it is found out", () => {
    const once = cardDead(withCards(unposted), unposted, why);
    expect(cardDead(once, unposted, why)).toBe(once);
  });

  it("is none where it was posted meanwhile after all", () => {
    const before = withCards(posted);
    expect(cardDead(before, unposted, why)).toBe(before);
  });

  it("leaves its copy alone", () => {
    const copy = { ...posted, ts: "2.2" };
    const after = cardDead(withCards(posted, copy), copy, {
      ...why,
      instead: [],
      isQuiet: true,
    });
    expect(after.cards).toEqual([posted, { ...copy, dead: "not_in_channel" }]);
  });

  it("is only marked where it had been there, or was a private one", () => {
    const after = cardDead(withCards(posted), posted, { ...why, instead: [], isQuiet: true });
    expect(after).toEqual(withCards({ ...posted, dead: "not_in_channel" }));
  });
});

const step = (n: number, what: StepKind = "failed"): Step => ({ n, what, atMs: T0 + n });
const withSteps = (thread: number, requester: number, ...steps: Step[]): AccessRequest =>
  inState("open", { steps, toldUpTo: { thread, requester, last: 9 } });

describe("what is untold", () => {
  it("is what came after the last that each has heard of", () => {
    const request = withSteps(2, 4, step(3), step(4), step(5));
    expect(untoldSteps(request, "thread").map(({ n }) => n)).toEqual([3, 4, 5]);
    expect(untoldSteps(request, "requester").map(({ n }) => n)).toEqual([5]);
  });

  it.each<[StepKind, boolean]>([
    ["asked", false],
    ["card-unposted", false],
    ["warning-missed", false],
    // The card says it.
    ["approved", false],
    ["denied", false],
    ["open", false],
    ["ended", false],
    // They call somebody, or matter.
    ["reminded", true],
    ["escalated", true],
    ["waits-again", true],
    ["review-reminded", true],
    ["failed", true],
    ["still-open", true],
    ["closed-late", true],
  ])("of %s concerns the requester, and the thread: %s", (what, inThread) => {
    const request = withSteps(0, 0, step(1, what));
    expect(untoldSteps(request, "requester")).toHaveLength(1);
    expect(untoldSteps(request, "thread")).toHaveLength(inThread ? 1 : 0);
  });
});

describe("what was told", () => {
  it("is dropped once everybody has heard it", () => {
    const before = withSteps(0, 0, step(1), step(2), step(3));
    const once = markTold(before, "requester", 3);
    expect(once.steps).toHaveLength(3);
    const both = markTold(once, "thread", 2);
    expect(both.steps.map(({ n }) => n)).toEqual([3]);
    expect(both.toldUpTo).toEqual({ thread: 2, requester: 3, last: 9 });
  });

  it("is dropped once those have heard it whom it interests", () => {
    const before = withSteps(0, 0, step(1, "approved"), step(2, "failed"), step(3, "ended"));
    expect(markTold(before, "requester", 3).steps.map(({ n }) => n)).toEqual([2]);
  });

  it("is never untold again by news that comes late", () => {
    const after = markTold(withSteps(5, 5, step(6)), "thread", 3);
    expect(after.toldUpTo.thread).toBe(5);
    expect(after.steps.map(({ n }) => n)).toEqual([6]);
  });

  it("forgets the faults of this audience alone", () => {
    const fault = { count: 2, nextAtMs: T0, fault: "x" };
    const before = { ...withSteps(0, 0, step(1)), attempts: { thread: fault, requester: fault } };
    expect(markTold(before, "thread", 1).attempts).toEqual({ requester: fault });
  });

  it("leaves nothing untold up to its number, and everything after it, in any order", () => {
    const telling = fc.tuple(fc.constantFrom("thread" as const, "requester" as const), fc.nat(9));
    fc.assert(
      fc.property(fc.array(telling), (all) => {
        const steps = Array.from({ length: 9 }, (_, index) => step(index + 1));
        let request = withSteps(0, 0, ...steps);
        for (const [audience, n] of all) request = markTold(request, audience, n);
        for (const audience of ["thread", "requester"] as const) {
          const numbers = all.filter(([whom]) => whom === audience).map(([, n]) => n);
          const heard = Math.max(0, ...numbers);
          const left = steps.filter(({ n }) => n > heard);
          expect(untoldSteps(request, audience)).toEqual(left);
        }
      }),
    );
  });
});

describe("an effort", () => {
  const bare = inState("open");

  it("that failed is counted, with its next time and its fault", () => {
    const once = tried(bare, "warn", { nextAtMs: T0 + 1, fault: "ratelimited" });
    const twice = tried(once, "warn", { nextAtMs: T0 + 3, fault: "fatal_error" });
    expect(twice.attempts).toEqual({ warn: { count: 2, nextAtMs: T0 + 3, fault: "fatal_error" } });
    expect(tried(twice, "card", { nextAtMs: T0, fault: "x" }).attempts.warn).toEqual(
      twice.attempts.warn,
    );
  });

  it("that waits for its turn has not failed", () => {
    expect(waiting(bare, "card", T0 + 1).attempts).toEqual({
      card: { count: 0, nextAtMs: T0 + 1, fault: "" },
    });
    const failed = tried(bare, "card", { nextAtMs: T0, fault: "x" });
    expect(waiting(failed, "card", T0 + 1).attempts.card).toMatchObject({ count: 1, fault: "" });
  });

  it("that succeeded starts counting anew", () => {
    const failed = tried(bare, "card", { nextAtMs: T0, fault: "x" });
    expect(cleared(failed, "card")).toEqual(bare);
    expect(cleared(bare, "card")).toBe(bare);
  });
});
