// What was refused is offered with the part put right, and with all else as it was typed.

import { describe, expect, it } from "vitest";
import { type Fix, refuse } from "../../../src/domain/text/refusal.ts";
import { fixButtons } from "../../../src/flows/answering/fix-buttons.ts";

const refused = (...fixes: Fix[]) => ({ ...refuse("too-long")`No.`, fixes });
const FOUR: Fix = { label: "Use 4h", change: { durationMs: 4 * 3_600_000 } };

describe("a refusal that knows what would do", () => {
  it.each([
    ["request vm-01 22 9h for the &amp; deploy", FOUR, "request vm-01 22 4h for the &amp; deploy"],
    [
      "request vm-01 22 9h for &lt;!here&gt; &amp;amp;",
      FOUR,
      "request vm-01 22 4h for &lt;!here&gt; &amp;amp;",
    ],
    ["breakglass vm-01 9h from vpn for fire", FOUR, "breakglass vm-01 4h from vpn for fire"],
    [
      "request web-01 22 for x",
      { label: "web-01 in rg-a", change: { vm: "rg-a/web-01" } },
      "request rg-a/web-01 22 for x",
    ],
    [
      "request vm-01 22 from 10.0.0.1 for x",
      { label: "From vpn", change: { source: "vpn" } },
      "request vm-01 22 from vpn for x",
    ],
    ["request vm-01,vm-02 22 9h for x", FOUR, "request vm:vm-01,vm-02 22 4h for x"],
    ["request bundle:shop 9h", FOUR, "request bundle:shop 4h"],
    ["request vm-01 23", { label: "Use 22 (SSH)", change: { ports: [22] } }, "request vm-01 22"],
  ])("%s", (typed, fix, text) => {
    expect(fixButtons(refused(fix), typed)).toEqual([{ does: "instead", label: fix.label, text }]);
  });

  it.each([
    ["nothing that was refused", "list"],
    ["what can't be read", "hepl"],
    ["a time of which nobody knows the day any more", "request vm-01 22 9h at 23:00"],
  ])("has no button for %s", (_, typed) => {
    expect(fixButtons(refused(FOUR), typed)).toEqual([]);
  });
});
