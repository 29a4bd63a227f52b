// What the notices channel hears of a change, and the time that stands beside it.

import { describe, expect, it } from "vitest";
import { transition } from "../../../src/domain/request/transition.ts";
import { noticesOf } from "../../../src/flows/requests/notices-of.ts";
import { aPolicy, HOUR, inState, LEA, MINUTE, NOTICES, PROD, T0 } from "../../support/requests.ts";

describe("a notice of an ending", () => {
  it("names the end that was fixed, however late the bot looks at it", () => {
    const open = inState("open");
    const endsAtMs = T0 + 2 * HOUR;
    for (const lateMs of [0, 20 * MINUTE, 9 * HOUR]) {
      const moved = transition(open, { act: "over", closing: "closed" }, endsAtMs + lateMs);
      expect(moved.request).toMatchObject({ state: "ended", how: "expired", endedAtMs: endsAtMs });
      expect(noticesOf(aPolicy(), open, moved.request)).toMatchObject([
        { channel: NOTICES, notice: { what: "ended", how: "expired", atMs: endsAtMs } },
      ]);
    }
  });
});

describe("a channel that hears of exceptions", () => {
  const policy = aPolicy({ notices: "exceptions" });
  const over = (closing: "closed" | "still-open", change: Parameters<typeof inState>[1] = {}) => {
    const open = inState("open", change);
    const { request } = transition(open, { act: "over", closing }, T0 + 2 * HOUR);
    return { open, request };
  };
  const heard = ({ open, request }: ReturnType<typeof over>) =>
    noticesOf(policy, open, request).map(({ notice }) => notice.what);

  it("isn't told of an end that a card in a channel shows", () => {
    expect(noticesOf(aPolicy(), over("closed").open, over("closed").request)).toHaveLength(1);
    expect(heard(over("closed"))).toEqual([]);
  });

  it.each([
    ["no card", []],
    ["a card that couldn't be posted", [{ to: PROD, shown: 0, dead: "channel_not_found" }]],
    ["private cards only", [{ to: LEA, shown: 1, channel: PROD, ts: "1.1" }]],
  ])("is told of an end that has %s", (_, cards) => {
    expect(heard(over("closed", { cards }))).toEqual(["ended"]);
  });

  it.each(["failed", "parked", "still-open", "closed-late", "broke-glass", "left"] as const)(
    "is told of what went wrong, or has to be looked at, whatever card there is: %s",
    (what) => {
      const before = inState("open");
      const n = before.toldUpTo.last + 1;
      const fault = { code: "Conflict", message: "no" };
      const after = { ...before, steps: [...before.steps, { n, what, atMs: T0, fault }] };
      expect(noticesOf(policy, before, after)).not.toEqual([]);
    },
  );
});
