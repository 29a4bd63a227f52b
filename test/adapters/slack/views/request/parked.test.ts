// What is said of the port of a dead letter. Of src/adapters/slack/views/request/parked.ts.

import { expect, it } from "vitest";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { lines } from "../../reading.ts";
import { DECIDED_AT_MS, ending, open, opening, PLAIN } from "../../requests.ts";

const view = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true } as const;
const parked = (request: AccessRequest) =>
  lines(
    cardMessage(
      { ...request, deadLetter: { atMs: DECIDED_AT_MS, why: "it failed 7 times" } },
      view,
    ),
  );

it.each([
  ["opening", opening()],
  ["open", open()],
  ["ending", ending()],
] as const)("parked while %s, it promises no end that other access may outlast", (_state, one) => {
  expect(parked(one).join("\n")).toContain(
    "Azure closes it by itself Today at 4:05 PM, unless other access keeps the port open; the bot doesn't",
  );
});

it("says that Azure wasn't asked where it wasn't", () => {
  const unsent = opening(PLAIN, { answer: "unsent", sent: 0 });
  expect(parked(unsent)).toContain("Azure hasn't been asked to open anything.");
});
