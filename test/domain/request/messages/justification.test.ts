// What Azure is told about who really asked: one bounded line that begins with the request's id.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idInJustification } from "../../../../src/domain/request/doors/doors.ts";
import { justification } from "../../../../src/domain/request/messages/justification.ts";
import { userId } from "../../../../src/domain/text/ids.ts";
import { plainText } from "../../../../src/domain/text/plain-text.ts";
import { aGrant, anAsk, ERIN, inState, LEA, OMAR } from "../../../support/requests.ts";

const because = (reason: string, approvedBy = [LEA]) =>
  justification(inState("opening", { ask: anAsk({ reason }) }), aGrant({ approvedBy }));

describe("the justification", () => {
  it.each<[string, string, readonly (typeof LEA)[], string]>([
    [
      "one approver",
      "restarting the print spooler",
      [LEA],
      "JIT-4K7QWD requested by U0ERIN, approved by U0LEAD: restarting the print spooler",
    ],
    [
      "two approvers",
      "x",
      [LEA, OMAR],
      "JIT-4K7QWD requested by U0ERIN, approved by U0LEAD and U0OMAR: x",
    ],
    [
      "nobody",
      "x",
      [],
      "JIT-4K7QWD requested by U0ERIN, approved automatically by rule production: x",
    ],
    ["no reason", "", [LEA], "JIT-4K7QWD requested by U0ERIN, approved by U0LEAD"],
    [
      "several lines",
      "a\r\nb\tc\u2028d\u0000e",
      [LEA],
      "JIT-4K7QWD requested by U0ERIN, approved by U0LEAD: a b c d e",
    ],
    [
      "another id in the reason",
      "JIT-AAAAAA",
      [LEA],
      "JIT-4K7QWD requested by U0ERIN, approved by U0LEAD: JIT-AAAAAA",
    ],
  ])("with %s", (_, reason, approvedBy, text) => {
    expect(because(reason, [...approvedBy])).toBe(text);
  });

  it("says of a break-glass that nobody approved it", () => {
    const request = inState("opening", { ask: anAsk({ breakGlass: true, reason: "outage" }) });
    const line = justification(request, aGrant({ approvedBy: [] }));
    expect(line).toBe("JIT-4K7QWD BREAK-GLASS, not approved, requested by U0ERIN: outage");
  });

  it("names people by their verified addresses beside their ids, as far as they are known", () => {
    const addresses = new Map([
      [ERIN, "erin@contoso.com"],
      [OMAR, "omar@contoso.com"],
    ]);
    const request = inState("opening", { ask: anAsk({ reason: "x" }) });
    expect(justification(request, aGrant({ approvedBy: [LEA, OMAR] }), addresses)).toBe(
      "JIT-4K7QWD requested by erin@contoso.com (U0ERIN), approved by U0LEAD and omar@contoso.com (U0OMAR): x",
    );
  });

  it("is one bounded line with the id in front, whatever the reason and however many approved", () => {
    const people = fc.array(fc.stringMatching(/^U[0-9A-Z]{5,10}$/).map(userId), { maxLength: 60 });
    const reason = fc.oneof(
      fc.string({ unit: "binary", maxLength: 1_000 }),
      fc.constant("💾".repeat(600)),
    );
    fc.assert(
      fc.property(reason, people, (text, approvedBy) => {
        const line = because(text, approvedBy);
        expect(idInJustification(line)).toBe("JIT-4K7QWD");
        expect(Array.from(line).length).toBeLessThanOrEqual(500);
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });
});

it.each([
  ["short", 5, "short"],
  ["longer", 5, "long…"],
  ["💾💾💾", 2, "💾…"],
  [" a \n b ", 9, "a   b"],
  ["\u001b[31mred", 20, "[31mred"],
])("%j on a line of %i is %j", (text, most, line) => {
  expect(plainText(text, most)).toBe(line);
});
