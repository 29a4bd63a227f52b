// What was opened under one of the bot's ids, and whether it was the bot that opened it.

import { describe, expect, it } from "vitest";
import { recoveredRequest } from "../../../src/domain/request/birth/birth.ts";
import { isMadeOf } from "../../../src/domain/request/recovered.ts";
import { aPolicy, aRule, aVm, ERIN, FOUND, LEA, T0 } from "../../support/requests.ts";

const BOT = "9b03723c-f838-40aa-85f0-7df42d23efe6";
const justification = `${FOUND.id} requested by ${ERIN}, approved by ${LEA}: printing`;
const found = { ...FOUND, requestor: BOT, justification };
const made = recoveredRequest(found, {
  ...{ policy: aPolicy(), rule: aRule(), vm: aVm(), nonce: "bm9uY2Vub25j", nowMs: T0 },
});
if (made === undefined) throw new Error("It was to be made again.");

const entries = (change: object = {}) =>
  found.ports.map((port) => ({
    ...{ vm: found.vm, port, source: found.source, startedAtMs: found.startedAtMs },
    ...{ endsAtMs: found.endsAtMs, requestor: BOT, justification: found.justification },
    ...{ status: "Initiated", mappedPort: undefined, statusReason: "None" },
    ...change,
  }));

describe("an opening that a request was made again of", () => {
  it("is known by the bot's own object id, in any case", () => {
    const its = entries({ requestor: BOT.toUpperCase() });
    expect(isMadeOf(made.request, { entries: its, principal: BOT })).toBe(true);
  });

  it.each([
    ["by another principal, though justified alike", { requestor: "11111111-2222" }, BOT],
    ["where the bot is another principal", {}, "11111111-2222"],
    ["without a source, for nobody can tell which it is", { source: "" }, BOT],
    ["from elsewhere", { source: "198.51.100.9" }, BOT],
    ["of another VM", { vm: `${found.vm}-2` }, BOT],
    ["that began after it was made again", { startedAtMs: T0 + 1 }, BOT],
    [
      "under another id",
      { justification: found.justification.replace(/^JIT-\S+/, "JIT-000000") },
      BOT,
    ],
  ])("is not one %s", (_which, change, principal) => {
    expect(isMadeOf(made.request, { entries: entries(change), principal })).toBe(false);
  });

  it("is none without entries", () => {
    expect(isMadeOf(made.request, { entries: [], principal: BOT })).toBe(false);
  });
});
