// What the audit is told beside what happened.

import { describe, expect, it } from "vitest";
import { refusedNote, underRule } from "../../../src/flows/answering/audit-notes.ts";
import { aCommon, aPolicy, LEA } from "../../support/requests.ts";

const policy = aPolicy({ hash: "h" });

describe("a note", () => {
  it("names the rule and the file in force, unless it says so itself", () => {
    const notes = [{ what: "denied", by: LEA, detail: { reason: "no" } }, { what: "left" }];
    const under = { rule: "production", policy: "h" };
    expect(underRule(policy, aCommon(), notes)).toEqual([
      { what: "denied", by: LEA, detail: { ...under, reason: "no" } },
      { what: "left", detail: under },
    ]);
    const own = [{ what: "granted", detail: { policy: "its own" } }];
    expect(underRule(policy, aCommon(), own)[0]?.detail).toMatchObject({ policy: "its own" });
  });

  it("of a refusal names who, why, what was tried, and the file", () => {
    expect(refusedNote(policy, { by: LEA, why: "own-request", about: "approve" })).toEqual({
      what: "refused",
      by: LEA,
      detail: { why: "own-request", about: "approve", policy: "h" },
    });
  });
});
