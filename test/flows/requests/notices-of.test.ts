// What the notices channel hears of a change, and the time that stands beside it.

import { describe, expect, it } from "vitest";
import { transition } from "../../../src/domain/request/transition.ts";
import { noticesOf } from "../../../src/flows/requests/notices-of.ts";
import { aPolicy, HOUR, inState, MINUTE, NOTICES, T0 } from "../../support/requests.ts";

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
