// Clocks that differ: whose is off, and whether Slack's requests are refused for it.

import { describe, expect, it } from "vitest";
import { breaksSignatures, clockFindings } from "../../../src/domain/doctor/clocks.ts";

const SECOND = 1_000;
const of = (redis?: number, azure?: number, slack?: number) => ({
  redis: redis && redis * SECOND,
  azure: azure && azure * SECOND,
  slack: slack && slack * SECOND,
});

describe("a clock", () => {
  it.each([
    ["all agree", of(0.2, 1, -1), []],
    ["nobody has said", of(), []],
    ["a minute is no alarm", of(60, 59, 58), []],
    [
      "this machine's is behind all others",
      of(120, 121, 119),
      ["This machine's clock is 120 s behind Redis's, Azure's, Slack's: set it by NTP."],
    ],
    [
      "this machine's is ahead of those that have said",
      of(-400, undefined, -399),
      ["This machine's clock is 400 s ahead of Redis's and Slack's: set it by NTP."],
    ],
    [
      "Redis's alone is off",
      of(240, 0.5, 1),
      ["This machine's clock is 240 s behind Redis's: set both by NTP."],
    ],
    [
      "only one has said",
      of(undefined, -90, undefined),
      ["This machine's clock is 90 s ahead of Azure's: set this machine's by NTP."],
    ],
  ])("%s", (_what, skews, findings) => {
    expect(clockFindings(skews)).toEqual(findings);
  });

  it.each([
    ["Redis is right, and the machine is behind", of(120, 120, 120), false],
    ["Redis is right, and the machine is ahead", of(-400, -400, -400), false],
    ["Redis is behind Slack", of(-70, 0.5, 0.5), true],
    ["Redis is ahead of Slack, within its five minutes", of(240, 0.5, 0.5), false],
    ["Redis is further ahead", of(301, 0.5, 0.5), true],
    ["Slack has not said", of(-400), false],
  ])("makes signatures fail: %s", (_what, skews, fails) => {
    expect(breaksSignatures(skews)).toBe(fails);
  });
});
