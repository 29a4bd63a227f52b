// What is said of each that was to be ended: closed is said only where Azure shows it, or where it never was open.

import { describe, expect, it } from "vitest";
import { fateOf } from "../../../src/domain/brake/end-all.ts";
import type { AccessRequest, In } from "../../../src/domain/request/request.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { aGrant, ERIN, inState, OMAR, STATES, T0 } from "../../support/requests.ts";

const OTHER = "JIT-AAAAAA" as RequestId;
const NOBODY: ReadonlySet<RequestId> = new Set();

const ended = (change: Partial<In<"ended">>): AccessRequest => ({
  ...(inState("ended") as In<"ended">),
  ...change,
});

const held = ended({
  closing: "held",
  ports: [{ port: 3389, closing: "held", heldBy: { id: OTHER, requester: OMAR, untilMs: T0 } }],
});

describe("the fate of what was to be ended", () => {
  it.each(STATES)("is closed only where nothing can be open any more: %s", (state) => {
    const isOver = ["pending", "denied", "cancelled", "failed", "lapsed"].includes(state);
    expect(fateOf(inState(state), NOBODY) === "closed").toBe(isOver);
  });

  it("is closed where Azure shows it closed", () => {
    expect(fateOf(ended({ closing: "closed" }), NOBODY)).toBe("closed");
  });

  it("names the port that stays open for another request", () => {
    expect(fateOf(held, NOBODY)).toEqual({
      why: `port 3389 stays open for ${OTHER}`,
      isFinal: true,
    });
  });

  it("is closed where the other one is ended with it", () => {
    expect(fateOf(held, new Set([OTHER]))).toBe("closed");
  });

  it("says that an extension carries it on, and that what is Ready may still open", () => {
    expect(fateOf(ended({ how: "extended", closing: "held" }), NOBODY)).not.toBe("closed");
    expect(fateOf(ended({ how: "extended" }), NOBODY)).toMatchObject({
      why: "it goes on as an extension: run the command again",
    });
    expect(fateOf(inState("ready"), NOBODY)).toMatchObject({ isFinal: true });
  });

  it("has Azure's own words where it refused", () => {
    const fault = { code: "AuthorizationFailed", message: "The client may not do that." };
    const grant = aGrant();
    const open: AccessRequest = {
      ...(inState("open") as In<"open">),
      grant: { ...grant, azure: { ...grant.azure, fault } },
    };
    expect(fateOf(open, NOBODY)).toMatchObject({
      why: "AuthorizationFailed: The client may not do that.",
    });
  });

  it("names one that is parked", () => {
    const parked = inState("open", { deadLetter: { atMs: T0, why: "failed 6 times in a row" } });
    expect(fateOf(parked, new Set([parked.id]))).toMatchObject({ isFinal: true });
    expect(
      fateOf(inState("ending", { questions: [{ n: 1, by: ERIN, atMs: T0, text: "?" }] }), NOBODY),
    ).toBe("closing");
  });
});
