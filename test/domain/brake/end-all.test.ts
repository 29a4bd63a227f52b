// What is said of each that was to be ended: closed is said only where Azure shows it, or where it never was open.

import { describe, expect, it } from "vitest";
import { endAllMessage } from "../../../src/adapters/slack/views/pages/end-all-view.ts";
import { type EndAll, fateOf, intentWords } from "../../../src/domain/brake/end-all.ts";
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

describe("what is said of it", () => {
  const endAll = (change: Partial<EndAll>): EndAll => ({
    ...{ id: "end-1", by: ERIN, asked: "end all", atMs: T0, state: "preview" },
    requests: [OTHER, OTHER, OTHER],
    ...{ peopleCount: 1, vmCount: 3, breakGlassCount: 0 },
    ...change,
  });

  it.each([
    [0, "ends 3 requests"],
    [1, "ends 2 requests and cancels 1 that hasn't opened yet"],
    [2, "ends 1 request and cancels 2 that haven't opened yet"],
    [3, "cancels 3 requests that haven't opened yet"],
  ])("beforehand, where %s of 3 are Ready", (readyCount, says) => {
    expect(intentWords(endAll({ readyCount }))).toBe(says);
  });

  it.each(["preview", "ending", "over", "dropped"] as const)("names whose, in %s", (state) => {
    const shown = JSON.stringify(endAllMessage(endAll({ state, asked: `end all @${ERIN}` })));
    expect(shown).toContain(`\`/jit end all\` <@${ERIN}>`);
    expect(shown).not.toContain(` @${ERIN}`);
  });

  it.each<[Partial<EndAll>, string]>([
    [{ state: "ending", closedCount: 1 }, "/jit end all: 1 of 3 closed, seen in Azure; 2 closing."],
    [
      { state: "ending", closedCount: 1, cancelledCount: 1 },
      "/jit end all: 1 of 2 closed, seen in Azure; 1 closing. 1 cancelled before it opened.",
    ],
    [
      { state: "over", closedCount: 1, cancelledCount: 1, unopenedCount: 1 },
      "/jit end all is done: 1 of 1 closed, seen in Azure. 1 cancelled before it opened. 1 not seen open.",
    ],
    [{ state: "over", cancelledCount: 3 }, "/jit end all is done: 3 cancelled before they opened."],
    [
      { state: "over", closedCount: 1, cancelledCount: 1, failed: [{ id: OTHER, why: "no" }] },
      "/jit end all is done: 1 of 2 closed, seen in Azure. 1 cancelled before it opened. 1 couldn't be ended:",
    ],
  ])("by its message: %j", (change, says) => {
    expect(endAllMessage(endAll(change)).text.replaceAll("`", "")).toBe(says);
  });
});

describe("the fate of what was to be ended", () => {
  it.each(STATES)("is never closed because of the state alone: %s", (state) => {
    const fate = fateOf(inState(state), NOBODY);
    expect(fate).not.toBe("closed");
    expect(fate === "cancelled").toBe(state === "cancelled");
    expect(fate === "unopened").toBe(["denied", "failed", "lapsed"].includes(state));
  });

  it("is closed where Azure shows it closed", () => {
    expect(fateOf(ended({ closing: "closed" }), NOBODY)).toBe("closed");
  });

  it("isn't closed, as Azure never showed anything, where Azure was never asked", () => {
    expect(fateOf(ended({ closing: "closed", grant: aGrant() }), NOBODY)).toBe("unopened");
  });

  it("names the port that somebody opened outside the bot as well", () => {
    const ports = [{ port: 3389, closing: "closed", isOpenForOthers: true }] as const;
    expect(fateOf(ended({ closing: "closed", ports }), NOBODY)).toEqual({
      why: "port 3389 stays open: somebody also opened it outside this bot",
      isFinal: true,
    });
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
      why: "it continues as an extension: run the command again",
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
