// What the world does to a request: its time is over.

import { expect, it } from "vitest";
import { isWaiting } from "../../../../src/domain/request/request.ts";
import { transition } from "../../../../src/domain/request/transition.ts";
import { HOUR, inState } from "../../../support/requests.ts";

it.each(["pending", "ready"] as const)(
  "%s expires at the time that was said, however late it's noticed",
  (state) => {
    const waits = inState(state);
    if (!isWaiting(waits)) throw new Error("it waits");
    const late = waits.expiresAtMs + 9 * HOUR;
    expect(transition(waits, { act: "expire" }, late).request).toMatchObject({
      state: "lapsed",
      expiredAtMs: waits.expiresAtMs,
      steps: expect.arrayContaining([expect.objectContaining({ what: "lapsed", atMs: late })]),
    });
  },
);
