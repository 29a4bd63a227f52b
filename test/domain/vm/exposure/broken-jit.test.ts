// What of a VM's network findings is about JIT's own deny rule.

import { describe, expect, it } from "vitest";
import { brokenJit, brokenText } from "../../../../src/domain/vm/exposure/broken-jit.ts";
import type { ExposingRule, Exposure } from "../../../../src/domain/vm/exposure/exposure.ts";

const rule = (whose: ExposingRule["whose"], name = "allow-all"): ExposingRule => ({
  rule: name,
  nsg: "nsg-web",
  whose,
});
const exposure = (by: readonly ExposingRule[]): Exposure => ({
  ports: [22],
  protocol: "TCP",
  address: "10.0.0.4",
  from: ["*"],
  by,
});
const findings = (exposures: readonly Exposure[], denyMissing: readonly number[] = []) => ({
  exposures,
  denyMissing,
  unseen: ["nsg-hidden"],
});

describe("broken JIT", () => {
  it.each([
    ["another rule has a higher priority", findings([exposure([rule("own")])]), true],
    [
      "its deny rule is gone and a default rule lets in",
      findings([exposure([rule("default")])], [22]),
      true,
    ],
    ["its deny rule is gone, and others keep it closed", findings([], [22]), true],
    ["an allow rule of JIT's own was left", findings([exposure([rule("jit")])]), false],
    ["no group guards it", findings([exposure([])]), false],
    ["a group can't be read", findings([]), false],
  ])("is seen where %s: %o is %s", (_, found, isBroken) => {
    expect(brokenJit(found) !== undefined).toBe(isBroken);
  });

  it("is told on one line, with the rule", () => {
    const broken = brokenJit(findings([exposure([rule("own")])]));
    expect(broken && brokenText(broken)).toBe(
      "Exposed: 22 (SSH) is open from any address. allow-all in nsg-web has a higher priority than JIT's deny rule. Remove it or lower its priority.",
    );
  });
});
