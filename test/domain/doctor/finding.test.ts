// A finding as a line: for a terminal, and for Slack, which shows channels by their names.

import { expect, it } from "vitest";
import { type Finding, findingLine, findingWords } from "../../../src/domain/doctor/finding.ts";
import { channelId } from "../../../src/domain/text/ids.ts";
import { plain } from "../../../src/domain/text/words.ts";

it("names channels where Slack can, and nothing else that looks like one", () => {
  const prod = channelId("C0PROD");
  const finding: Finding = {
    level: "fault",
    about: "Slack",
    says: "the bot isn't in C0PROD, C0PROD2: type /invite @jit in each.",
    channels: [prod],
  };
  expect(findingWords(finding)).toEqual([
    "✗ Slack: the bot isn't in ",
    { channel: prod },
    ", ",
    "C0PROD2",
    ": type /invite @jit in each.",
  ]);
  expect(plain(findingWords(finding))).toBe(findingLine(finding).replace("C0PROD,", "#C0PROD,"));
  const { channels: _, ...unnamed } = finding;
  expect(plain(findingWords(unnamed))).toBe(findingLine(unnamed));
});
