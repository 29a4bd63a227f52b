// What was sent to Azure and got no answer may open: nothing calls it failed before its end.
// Of src/domain/request/transition.ts.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { HOUR, inState, MINUTE, T0 } from "../../support/requests.ts";

const fault = { code: "TooManyRequests", message: "slow down" };

function move(request: AccessRequest, act: Act, nowMs = T0 + MINUTE): AccessRequest {
  const outcome = transition(request, act, nowMs);
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome.request;
}

describe("a lost answer", () => {
  it.each<[string, readonly Act[]]>([
    ["a replica died with it", [{ act: "sending", to: "open" }]],
    [
      "it was throttled since",
      [
        { act: "unanswered", fault, ambiguous: true, nextAtMs: T0 },
        { act: "unanswered", fault, ambiguous: false, nextAtMs: T0 },
      ],
    ],
  ])("does not fail before its end what a lost answer may have opened: %s", (_, between) => {
    let request = move(inState("opening"), { act: "sending", to: "open" });
    for (const act of between) request = move(request, act);
    const refused = move(request, { act: "refused", fault });
    expect(refused).toMatchObject({ state: "opening", grant: { azure: { watched: true } } });
    const throttled: Act = { act: "unanswered", fault, ambiguous: false, nextAtMs: T0 };
    expect(move(request, throttled, T0 + 119 * MINUTE).state).toBe("opening");
    expect(move(request, { act: "over", closing: "unknown" }, T0 + 2 * HOUR).state).toBe("failed");
  });
});
